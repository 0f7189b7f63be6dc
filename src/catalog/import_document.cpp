// A vendor's firewall document: sections with tables, lists and sentences. A best effort: what has
// a port or a name and was not understood is listed.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "catalog/import_document_text.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

bool is_digit(char c) noexcept {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool contains(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

// The transports that a text (in lower case) names, as words of their own.
std::vector<Transport> transports_of(std::string_view lower) {
    std::vector<Transport> found;
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        const auto word = to_string(transport);
        const auto at = lower.find(word);
        const bool alone =
            at != std::string_view::npos &&
            (at == 0 || std::isalnum(static_cast<unsigned char>(lower[at - 1])) == 0);
        if (alone) {
            found.push_back(transport);
        }
    }
    return found;
}

// A name as a word of its own: letters in its last label, and a dot.
std::optional<std::string> name_of(std::string_view word) {
    constexpr std::string_view around = "`'\"()[]<>,;:";
    while (!word.empty() && contains(around, word.substr(0, 1))) {
        word.remove_prefix(1);
    }
    while (!word.empty() &&
           (contains(around, word.substr(word.size() - 1)) || word.ends_with('.'))) {
        word.remove_suffix(1);
    }
    const auto dot = word.rfind('.');
    if (dot == std::string_view::npos || word.size() - dot < 3 ||
        !std::ranges::all_of(
            word.substr(dot + 1),
            [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; })) {
        return std::nullopt;
    }
    const auto name = parse_name_pattern(word);
    return name ? std::optional(*name) : std::nullopt;
}

std::vector<std::string> names_of(std::string_view text) {
    std::vector<std::string> names;
    for (const auto& word : parts_of(text, " \t,;")) {
        if (auto name = name_of(word)) {
            names.push_back(std::move(*name));
        }
    }
    return names;
}

// "80; 443 and 5866 - 6000 (2.9.0 or later)" as items: parted outside of parentheses.
std::vector<std::string> items_of(std::string text) {
    for (auto at = text.find(" and "); at != std::string::npos; at = text.find(" and ")) {
        text.replace(at, 5, ", ");
    }
    std::vector<std::string> items(1);
    int depth = 0;
    for (const char c : text) {
        depth += c == '(' ? 1 : (c == ')' ? -1 : 0);
        if (depth == 0 && (c == ',' || c == ';')) {
            items.emplace_back();
        } else {
            items.back() += c;
        }
    }
    return items;
}

// The ports that stand behind other words of an item: "Open TCP ports 1080" -> "1080".
std::string_view behind_words(std::string_view text) {
    const auto digit = std::ranges::find_if(text, is_digit) - text.begin();
    return trim(text.substr(static_cast<std::size_t>(digit)));
}

std::optional<PortItem> port_of(std::string_view text) {
    auto condition = std::string_view();
    if (const auto open = text.find('('); open != std::string_view::npos) {
        const auto close = text.find(')', open);
        condition = trim(text.substr(open + 1, std::min(close, text.size()) - open - 1));
        text = text.substr(0, open);
    }
    auto digits = behind_words(text);
    while (!digits.empty() && !is_digit(digits.back())) {
        digits.remove_suffix(1);
    }
    auto item = parse_port_item(digits);
    if (!item) {
        return std::nullopt;
    }
    item->condition = condition;
    return *item;
}

std::vector<PortItem> ports_of(const std::string& text) {
    std::vector<PortItem> ports;
    for (const auto& item : items_of(text)) {
        if (auto port = port_of(item)) {
            ports.push_back(std::move(*port));
        }
    }
    return ports;
}

// "port 443 on these servers": the number behind the word.
std::vector<PortItem> ports_behind_word(const std::string& lower) {
    const auto at = lower.find("port ");
    if (at == std::string::npos || at + 5 >= lower.size() || !is_digit(lower[at + 5])) {
        return {};
    }
    const auto end = lower.find(' ', at + 5);
    return ports_of(lower.substr(at + 5, end == std::string::npos ? end : end - at - 5));
}

// A table's head: words that name columns, and no number.
bool is_head(const DocumentLine& line) {
    constexpr std::array<std::string_view, 5> words{"protocol", "port", "destination", "source",
                                                    "service"};
    const auto lower = base::to_lower(line.text);
    return std::ranges::none_of(lower, is_digit) && names_of(line.text).empty() &&
           std::ranges::count_if(words, [&](auto word) { return contains(lower, word); }) >= 2;
}

// "ANY", "ANY   ANY": a source or a destination, no purpose.
bool says_any(const std::string& lower) {
    return std::ranges::all_of(parts_of(lower, " \t"),
                               [](const std::string& word) { return word == "any"; });
}

// A run of digits that could be a port.
bool has_number(std::string_view text) {
    std::size_t run = 0;
    for (const char c : text) {
        run = is_digit(c) ? run + 1 : 0;
        if (run == 2) {
            return true;
        }
    }
    return false;
}

class DocumentReader {
  public:
    explicit DocumentReader(Imported& imported) : imported_(imported) {}

    void read(const DocumentLine& line) {
        switch (line.kind) {
            case DocumentLine::Kind::heading:
                end_section();
                begin_section(line);
                break;
            case DocumentLine::Kind::row:
                read_row(line);
                break;
            case DocumentLine::Kind::text:
                read_text(line);
                break;
        }
    }

    void end_section() {
        const bool unplaced = std::ranges::any_of(
            rules_, [](const auto& rule) { return rule.names.empty() && !rule.any; });
        for (auto& rule : rules_) {
            if (rule.names.empty() && !rule.any) {
                rule.names = names_;
            }
            rule.any_without_wildcards = any_without_wildcards_ && !rule.names.empty();
        }
        if (!names_.empty() && !unplaced) {
            rules_.push_back(rule("names", section_name()));
            rules_.back().names = names_;
        }
        std::ranges::move(rules_, std::back_inserter(imported_.rules));
        rules_.clear();
        names_.clear();
        inherited_.clear();
        any_without_wildcards_ = false;
        simplex_ = false;
    }

  private:
    void begin_section(const DocumentLine& line) {
        std::erase_if(headings_, [&](const auto& heading) { return heading.first >= line.level; });
        headings_.emplace_back(line.level, line.text);
    }

    // The headings below the document's title; the title if there are no others.
    [[nodiscard]] std::string section_name() const {
        std::string name;
        for (const auto& [level, text] : headings_) {
            if (level > 1) {
                name += (name.empty() ? "" : ", ") + text;
            }
        }
        return !name.empty() ? name : (headings_.empty() ? "document" : headings_[0].second);
    }

    [[nodiscard]] ImportedRule rule(std::string_view what, std::string purpose) const {
        ImportedRule result;
        result.id = slug(fmt::format("{} {}", section_name(), what));
        result.purpose = std::move(purpose);
        return result;
    }

    // One rule a transport.
    ImportedRule& add_rule(Transport transport, std::vector<PortItem> ports,
                           const std::string& purpose) {
        for (auto& port : ports) {
            port.transport = transport;
        }
        rules_.push_back(rule(to_string(transport), purpose));
        rules_.back().ports = std::move(ports);
        return rules_.back();
    }

    void miss(const DocumentLine& line) {
        imported_.missed.push_back(fmt::format("{}: {}", line.number, line.text));
    }

    void read_row(const DocumentLine& line) {
        if (is_head(line)) {
            return;
        }
        std::vector<PortItem> ports;
        std::vector<std::string> names;
        std::vector<Transport> transports;
        std::string purpose;
        for (const auto& cell : line.cells) {
            const auto lower = base::to_lower(cell);
            auto found_names = names_of(cell);
            const auto named = transports_of(lower);
            // A cell of few letters holds nothing but the protocol: "TCP", "TCP/UDP".
            if (!named.empty() && cell.size() <= 8 && std::ranges::none_of(cell, is_digit)) {
                transports = named;
            } else if (std::ranges::any_of(cell, is_digit)) {
                const auto first_digit = found_names.empty() ? cell : after_names(cell);
                std::ranges::move(ports_of(first_digit), std::back_inserter(ports));
            } else if (purpose.empty() && found_names.empty() && !says_any(lower)) {
                purpose = cell;
            }
            std::ranges::move(found_names, std::back_inserter(names));
        }
        if (ports.empty() || transports.empty()) {
            if (has_number(line.text) || !names.empty()) {
                miss(line);
            }
            return;
        }
        for (const auto transport : transports) {
            auto& added = add_rule(transport, ports, purpose.empty() ? section_name() : purpose);
            added.names = names;
            added.any = names.empty() && last_cell_is_any(line);
        }
    }

    // Only what follows the last name of a cell: "*.example.com 443".
    static std::string after_names(const std::string& cell) {
        const auto words = parts_of(cell, " \t");
        std::string rest;
        for (const auto& word : words) {
            rest = name_of(word) ? std::string() : rest + ' ' + word;
        }
        return rest;
    }

    // "ANY 1024-65535" where the destinations stand.
    static bool last_cell_is_any(const DocumentLine& line) {
        const auto last = std::find_if(line.cells.rbegin(), line.cells.rend(),
                                       [](const auto& cell) { return !cell.empty(); });
        return last != line.cells.rend() && base::to_lower(*last).starts_with("any");
    }

    void read_text(const DocumentLine& line) {
        const auto lower = base::to_lower(line.text);
        auto names = names_of(line.text);
        const bool has_names = !names.empty();
        std::ranges::move(names, std::back_inserter(names_));
        if (contains(lower, "wildcard") && contains(lower, "set it to any")) {
            any_without_wildcards_ = true;
            return;
        }
        const auto transports = transports_of(lower);
        if (read_ports(line, lower, transports)) {
            return;
        }
        if (contains(lower, "simplex")) {
            simplex_ = true;
        }
        // "Open UDP ports:" heads a list.
        if (lower.ends_with(':') && transports.size() == 1) {
            inherited_ = transports;
            return;
        }
        const bool about_ports = contains(lower, "port") || !transports.empty();
        if (about_ports && !has_names && has_number(lower)) {
            miss(line);
        }
    }

    // True if the line's ports became rules.
    bool read_ports(const DocumentLine& line, const std::string& lower,
                    const std::vector<Transport>& transports) {
        if (simplex_ && read_recommended_range(line, lower)) {
            return true;
        }
        const auto at = lower.find("ports");
        const bool list = at != std::string::npos && std::ranges::any_of(lower, is_digit) &&
                          behind_words(lower.substr(at)).size() > 1;
        auto ports = list ? ports_of(lower.substr(at)) : ports_behind_word(lower);
        const auto& used = transports.empty() ? inherited_ : transports;
        if (ports.empty() || used.empty()) {
            return false;
        }
        for (const auto transport : used) {
            add_rule(transport, ports, section_name());
        }
        return true;
    }

    // "(recommends 40000 ~ 41000 or larger)" below "simplex downstream ports": media comes to a
    // range that the customer chooses.
    bool read_recommended_range(const DocumentLine& line, const std::string& lower) {
        const auto tilde = lower.find('~');
        const auto open = lower.rfind('(', tilde);
        if (tilde == std::string::npos || open == std::string::npos) {
            return false;
        }
        auto range = lower.substr(open + 1, lower.find(')', tilde) - open - 1);
        std::ranges::replace(range, '~', '-');
        const auto end = range.find_first_not_of("0123456789 -", range.find('-'));
        auto port = port_of(range.substr(0, end));
        if (!port) {
            return false;
        }
        const auto transport = inherited_.empty() ? Transport::udp : inherited_.front();
        auto& added = add_rule(transport, {*port}, "simplex downstream ports");
        added.direction = "inbound";
        added.simplex = true;
        added.any = true;
        added.condition = "the range is chosen by the customer; the document recommends this one";
        added.notes = line.text;
        return true;
    }

    Imported& imported_;
    std::vector<std::pair<unsigned, std::string>> headings_;
    std::vector<ImportedRule> rules_;
    std::vector<std::string> names_;
    std::vector<Transport> inherited_;
    bool any_without_wildcards_ = false;
    bool simplex_ = false;
};

}  // namespace

Imported import_document(const std::string& text) {
    Imported imported;
    DocumentReader reader(imported);
    for (const auto& line : document_lines(text)) {
        if (imported.title.empty() && line.kind == DocumentLine::Kind::heading) {
            imported.title = line.text;
        }
        reader.read(line);
    }
    reader.end_section();
    return imported;
}

}  // namespace turnpike::catalog
