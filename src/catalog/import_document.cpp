// A vendor's firewall document: sections with tables, lists and sentences. What is said of ports
// and places comes out as a row or is listed with its line; nothing is passed over in silence.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "catalog/import_blocks.h"
#include "catalog/import_drafts.h"
#include "catalog/import_readers.h"
#include "catalog/import_sections.h"
#include "catalog/import_sentence.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = DocumentBlock::Kind;

// "Domains", "IP addresses", "Destination ports": heads a part of its section, no section.
bool names_a_kind(std::string_view heading) {
    constexpr std::array<std::string_view, 34> kinds{"domain",
                                                     "domains",
                                                     "domain names",
                                                     "ports",
                                                     "port",
                                                     "hosts",
                                                     "hostnames",
                                                     "urls",
                                                     "url",
                                                     "ip addresses",
                                                     "ip address",
                                                     "ip ranges",
                                                     "ip address ranges",
                                                     "networks",
                                                     "addresses",
                                                     "fqdns",
                                                     "fqdn",
                                                     "destination ports",
                                                     "destinations",
                                                     "ips",
                                                     "endpoints",
                                                     "subnets",
                                                     "ports and protocols",
                                                     "protocols and ports",
                                                     "hosts and ports",
                                                     "destination domains",
                                                     "domain list",
                                                     "domain whitelist",
                                                     "port list",
                                                     "port ranges",
                                                     "ip subnets",
                                                     "dns names",
                                                     "firewall ports",
                                                     "required ports"};
    auto lower = base::to_lower(trim(heading));
    while (lower.ends_with(':')) {
        lower.pop_back();
    }
    return std::ranges::find(kinds, lower) != kinds.end();
}

bool is_place_line(const std::string& line) {
    const auto places = read_places(line);
    return places.reason.empty() && places.words.empty() && !places.empty() &&
           places.ports.empty() && !(places.any && places.names.empty());
}

class DocumentReader {
  public:
    explicit DocumentReader(std::vector<Section>& sections) : sections_(sections) {
        sections_.emplace_back();
    }

    void read(const DocumentBlock& block) {
        switch (block.kind) {
            case Kind::heading:
                read_heading(block);
                break;
            case Kind::table:
                read_table_block(block);
                break;
            case Kind::text:
            case Kind::item:
                leave(block);
                read_lines(block);
                break;
        }
    }

    std::vector<ImportedMiss> take_missed() { return std::move(missed_); }

  private:
    /// What a sentence or an item says for what stands below it.
    struct Scope {
        unsigned level = 0;
        DraftContext says;
        std::string words;
        std::vector<std::size_t> rows;  ///< of the section, still without places
        Places places;
        bool lists_places = false;
        std::optional<std::size_t> list;  ///< of the section: the names gathered here
    };

    Section& section() { return sections_.back(); }

    void read_heading(const DocumentBlock& block) {
        const auto text = std::string(trim(plain(block.text)));
        std::erase_if(headings_, [&](const auto& one) { return one.first >= block.level; });
        scopes_.clear();
        if (!names_a_kind(text) || headings_.empty()) {
            headings_.emplace_back(block.level, text);
            sections_.emplace_back();
            for (const auto& [level, words] : headings_) {
                section().path.push_back(words);
            }
            section().level = block.level;
            section().line = block.line;
        }
        Scope scope;
        const DraftContext none;
        const auto said = read_sentence(text, none, false);
        scope.says = said.says;
        scope.lists_places = asks_to_allow(text) || names_a_kind(text);
        if (is_condition_heading(text)) {
            scope.says.condition = condition_of_heading(text);
        }
        scopes_.push_back(scope);
        if (!said.rows.empty() || !said.reason.empty() || !said.places.empty()) {
            take(said, block.line, text);
        }
    }

    // "Requirements ... when using Direct Call", "4.4.0 and later".
    static bool is_condition_heading(const std::string& text) {
        return !condition_of_heading(text).empty();
    }
    static std::string condition_of_heading(const std::string& text) {
        const auto lower = base::to_lower(text);
        for (const std::string_view word :
             {"when using ", "when you use ", "if you use ", "if using "}) {
            if (const auto at = lower.find(word); at != std::string::npos) {
                return text.substr(at);
            }
        }
        return circumstances_of(text).empty() ? "" : text;
    }

    // Below a text block everything before ends, but an introduction reaches over its list.
    void leave(const DocumentBlock& block) {
        if (block.kind == Kind::text) {
            const auto kept = names_its_list(block.text) ? 1U : 0U;
            std::erase_if(scopes_, [&](const Scope& scope) { return scope.level > kept; });
            return;
        }
        const auto kept = block.level + (block.continues ? 2U : 1U);
        std::erase_if(scopes_, [&](const Scope& scope) { return scope.level > kept; });
    }

    // "Virginia:" below "Allow these endpoints:" parts the list, and ends nothing.
    static bool names_its_list(const std::string& text) {
        constexpr std::size_t longest = 60;
        return text.ends_with(':') && text.size() <= longest && !names_something(text) &&
               !asks_to_allow(text);
    }

    [[nodiscard]] DraftContext context() const {
        DraftContext all;
        for (const auto& scope : scopes_) {
            if (!scope.says.transports.empty()) {
                all.transports = scope.says.transports;
            }
            if (!scope.says.direction.empty()) {
                all.direction = scope.says.direction;
            }
            if (!scope.says.condition.empty()) {
                all.condition += (all.condition.empty() ? "" : "; ") + scope.says.condition;
            }
            all.ports = all.ports || scope.says.ports;
            if (scope.says.level) {
                all.level = scope.says.level;
            }
        }
        return all;
    }

    void read_table_block(const DocumentBlock& block) {
        std::erase_if(scopes_, [](const Scope& scope) { return scope.level > 2; });
        auto said = context();
        if (!block.text.empty()) {
            const auto caption = read_sentence(plain(block.text), said, false);
            said = caption.says;
        }
        auto drafts = read_table(block, said);
        for (auto& draft : drafts.rows) {
            if (!said.condition.empty()) {
                draft.condition =
                    said.condition + (draft.condition.empty() ? "" : "; ") + draft.condition;
                draft.when = circumstances_of(draft.condition);
            }
            if (draft.places.empty() && !draft.ports.empty()) {
                give_scope_places(draft);
            }
            section().marks.insert(draft.footnotes.begin(), draft.footnotes.end());
            section().rows.push_back(std::move(draft));
        }
        std::ranges::move(drafts.missed, std::back_inserter(missed_));
    }
    void give_scope_places(Draft& draft) const {
        for (const auto& scope : scopes_) {
            if (!scope.places.empty()) {
                draft.places = scope.places;
            }
        }
    }

    void miss(std::size_t line, const std::string& text, const std::string& reason) {
        auto shown = text;
        std::ranges::replace(shown, '\n', ' ');
        missed_.push_back({line, shown, reason});
    }

    // Lines of places are items of their own; the others make sentences.
    void read_lines(const DocumentBlock& block) {
        std::string prose;
        auto begin = block.line;
        auto number = block.line;
        std::string_view rest = block.text;
        const auto flush = [&] {
            if (!prose.empty()) {
                read_prose(prose, begin, block);
            }
            prose.clear();
        };
        while (!rest.empty()) {
            const auto end = std::min(rest.find('\n'), rest.size());
            const auto line = std::string(trim(plain(rest.substr(0, end))));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (is_place_line(line)) {
                flush();
                add_places(read_places(line), number);
            } else if (!line.empty()) {
                if (is_footnote(line)) {
                    flush();
                }
                begin = prose.empty() ? number : begin;
                prose += (prose.empty() ? "" : " ") + line;
            }
            ++number;
        }
        flush();
    }

    // "*Note: ..." begins anew, even where only a line break parts it from the footnote before.
    static bool is_footnote(const std::string& line) {
        const auto stars = line.find_first_not_of('*');
        return stars != std::string::npos && stars > 0 && line.find('*', stars) == line.npos &&
               line.find(' ') != line.npos && !is_place_line(line);
    }

    [[nodiscard]] bool lists_places() const {
        return std::ranges::any_of(scopes_, [](const Scope& scope) { return scope.lists_places; });
    }

    void read_prose(const std::string& prose, std::size_t line, const DocumentBlock& block) {
        section().prose += base::to_lower(prose) + '\n';
        if (read_footnote(prose) || read_simplex(prose, line) || read_impossible(prose)) {
            return;
        }
        if (is_footnote_of_a_row(prose)) {
            read_row_footnote(prose, line);
            return;
        }
        for (const auto& text : sentences_of(prose)) {
            read_one(text, line, block);
        }
    }

    void read_one(const std::string& text, std::size_t line, const DocumentBlock& block) {
        const auto level =
            block.kind == Kind::item ? block.level + 2 : (names_its_list(block.text) ? 2U : 1U);
        const auto before = context();
        auto said = read_sentence(text, before, lists_places());
        std::erase_if(scopes_, [&](const Scope& scope) { return scope.level >= level; });
        const bool silent = said.rows.empty() && said.reason.empty() && said.places.empty();
        Scope scope;
        scope.level = level;
        scope.lists_places = said.heads && asks_to_allow(text);
        if (said.heads || (block.kind == Kind::item && silent)) {
            scope.says.transports = said.says.transports;
            scope.says.direction = said.says.direction;
            scope.says.ports = said.says.ports;
            if (silent && limits(text)) {
                scope.says.condition = clause_of(without_colon(text));
            }
        } else if (silent) {
            // A sentence that opens nothing still says which way all goes.
            scope.says.direction =
                base::to_lower(text).contains("following") ? said.says.direction : "";
            scope.lists_places = asks_to_allow(text) && base::to_lower(text).contains("following");
        }
        const bool short_item = block.kind == Kind::item && silent && text.size() <= 60;
        scope.words = said.heads || short_item ? without_colon(text) : "";
        if (says_https_ports(text)) {
            add_https_row(line, scope);
        }
        scopes_.push_back(scope);
        if (!silent) {
            take(said, line, text);
        }
    }
    // "Web SDK 4.4.0 and later:", "For guests only:"; not "If your firewall allows by domain:".
    static bool limits(const std::string& text) {
        constexpr std::size_t longest = 80;
        const auto lower = base::to_lower(text);
        return is_condition_heading(text) ||
               (is_condition(text) && text.size() <= longest && !asks_to_allow(text) &&
                !lower.contains("firewall") && !lower.contains("following"));
    }
    // "If UDP is let out, open these ports": the condition is what stands before the comma.
    static std::string clause_of(const std::string& text) {
        const auto lower = base::to_lower(text);
        return lower.starts_with("if ") || lower.starts_with("when ")
                   ? text.substr(0, text.find(','))
                   : text;
    }
    static std::string without_colon(std::string text) {
        while (text.ends_with(':') || text.ends_with(' ')) {
            text.pop_back();
        }
        return text;
    }

    void take(const Sentence& said, std::size_t line, const std::string& text) {
        if (!said.reason.empty()) {
            miss(line, text, said.reason);
            return;
        }
        for (auto draft : said.rows) {
            draft.line = line;
            if (draft.purpose.empty() && scopes_.size() > 1) {
                draft.purpose = scopes_[scopes_.size() - 2].words;
            }
            const auto purpose = base::to_lower(draft.purpose);
            if (names_something(purpose) || purpose.contains("port") || asks_to_allow(purpose)) {
                draft.purpose.clear();
            }
            if (draft.places.empty()) {
                give_scope_places(draft);
            }
            draft.unnamed = false;
            section().rows.push_back(std::move(draft));
            if (section().rows.back().places.empty()) {
                scopes_.back().rows.push_back(section().rows.size() - 1);
            }
        }
        if (!said.places.empty()) {
            if (!lists_places() && !asks_to_allow(text) && !below_open_rows()) {
                miss(line, text, "a place that nothing asks to open");
                return;
            }
            add_places(said.places, line);
            if (said.heads) {
                scopes_.back().places = said.places;
            }
        }
    }
    [[nodiscard]] bool below_open_rows() const {
        return std::ranges::any_of(scopes_, [](const Scope& scope) { return !scope.rows.empty(); });
    }

    // Names below "Open TCP 443 to:" belong to its rows; others gather until their ports are known.
    void add_places(const Places& places, std::size_t line) {
        for (const auto& scope : scopes_ | std::views::reverse) {
            if (!scope.rows.empty()) {
                for (const auto row : scope.rows) {
                    join(section().rows[row].places, places);
                }
                return;
            }
        }
        const auto condition = context().condition;
        auto& lists = section().lists;
        if (lists.empty() || lists.back().condition != condition) {
            Draft list;
            list.line = line;
            list.condition = condition;
            list.when = circumstances_of(condition);
            list.direction = context().direction;
            lists.push_back(std::move(list));
        }
        join(lists.back().places, places);
    }

    // "*Where wildcards are impossible, set the destination to ANY."
    bool read_footnote(const std::string& prose) {
        const auto stars = std::min(prose.find_first_not_of('*'), prose.size());
        if (stars > 0 && prose.find('*', stars) == prose.npos) {
            section().footnotes[prose.substr(0, stars)] = std::string(trim(prose.substr(stars)));
        }
        const auto lower = base::to_lower(prose);
        if (lower.contains("wildcard") && prose.contains("ANY") &&
            (lower.contains("cannot") || lower.contains("can not") || lower.contains("can't"))) {
            section().any_without_wildcards = true;
            return true;
        }
        return false;
    }

    // What a footnote names belongs to the rows with its mark, as their note: it opens nothing.
    [[nodiscard]] bool is_footnote_of_a_row(const std::string& prose) {
        const auto mark = prose.substr(0, prose.find_first_not_of('*'));
        return section().marks.contains(mark) && section().footnotes.contains(mark);
    }
    void read_row_footnote(const std::string& prose, std::size_t line) {
        for (const auto& text : sentences_of(prose)) {
            const auto said = read_sentence(text, context(), false);
            if (!said.rows.empty() || !said.reason.empty() || !said.places.empty()) {
                miss(line, text, "a footnote; its rows have it as a note");
            }
        }
    }

    // Ports that media comes to, in a range that the customer chooses.
    bool read_simplex(const std::string& prose, std::size_t line) {
        const auto lower = base::to_lower(prose);
        if (lower.contains("simplex") && lower.contains("downstream") && !names_something(prose)) {
            section().simplex = Draft();
            section().simplex->line = line;
            section().simplex->simplex = true;
            return true;
        }
        if (!section().simplex || !lower.contains("recommend")) {
            return false;
        }
        const auto tokens = tokens_of(plain(prose));
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            auto at = i;
            if (auto item = take_port(tokens, at); item && item->first != item->last) {
                section().simplex_ports.push_back(*item);
                return true;
            }
        }
        return false;
    }

    // "... cannot be used by allowing domains. Use the proxy."
    bool read_impossible(const std::string& prose) {
        const auto lower = base::to_lower(prose);
        const bool refuses = lower.contains("not support") || lower.contains("cannot be allow") ||
                             lower.contains("not possible to allow") ||
                             lower.contains("can't be allow");
        const bool lists = lower.contains("whitelist") || lower.contains("allowlist") ||
                           lower.contains("allow-list") || lower.contains("allow list") ||
                           lower.contains("white list");
        if (!refuses || !lists || !lower.contains("prox")) {
            return false;
        }
        section().use_instead = proxy_of(prose);
        return true;
    }
    static std::string proxy_of(const std::string& prose) {
        const auto lower = base::to_lower(prose);
        for (const std::string_view word :
             {"see the ", "see ", "using the ", "use the ", "using ", "use "}) {
            const auto at = lower.rfind(word);
            if (at == std::string::npos) {
                continue;
            }
            auto words = prose.substr(at + word.size());
            words = words.substr(0, words.find('.'));
            if (base::to_lower(words).contains("prox")) {
                return "the " + words;
            }
        }
        return "the vendor's proxy";
    }

    // RFC 9110 4.2.2: the default port of https is TCP 443.
    static bool says_https_ports(const std::string& text) {
        const auto lower = base::to_lower(text);
        return lower.contains("same ports as https") || lower.contains("same port as https");
    }
    void add_https_row(std::size_t line, Scope& scope) {
        Draft draft;
        draft.line = line;
        draft.ports = {*parse_port_item("443")};
        section().rows.push_back(std::move(draft));
        scope.rows.push_back(section().rows.size() - 1);
    }

    std::vector<Section>& sections_;
    std::vector<std::pair<unsigned, std::string>> headings_;
    std::vector<Scope> scopes_;
    std::vector<ImportedMiss> missed_;
};

}  // namespace

void join(Places& into, const Places& more) {
    for (const auto& name : more.names) {
        if (std::ranges::find(into.names, name.text, &Places::Name::text) == into.names.end()) {
            into.names.push_back(name);
        }
    }
    for (const auto& network : more.networks) {
        if (std::ranges::find(into.networks, network) == into.networks.end()) {
            into.networks.push_back(network);
        }
    }
    into.any = into.any || more.any;
}

Imported import_document(const std::string& text, const std::string& file) {
    const auto page = read_page(text, file);
    std::vector<Section> sections;
    DocumentReader reader(sections);
    for (const auto& block : page.blocks) {
        reader.read(block);
    }
    Imported imported;
    imported.title = page.title.empty() ? "imported document" : page.title;
    imported.date = page.day;
    imported.missed = reader.take_missed();
    imported.products = products_of(std::move(sections));
    std::ranges::stable_sort(imported.missed, {}, &ImportedMiss::line);
    return imported;
}

}  // namespace turnpike::catalog
