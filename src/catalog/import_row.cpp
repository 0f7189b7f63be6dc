// Reads the cells of a table's row into drafts of rules.
#include "catalog/import_row.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;

bool is_yes(std::string_view lower) {
    return lower == "yes" || lower == "\u2713" || lower == "\u2714" || lower == "\u2714\uFE0F" ||
           lower == "\u2705" || lower == "\u25CF" || lower == "\u2022";
}
bool is_no(std::string_view lower) {
    return lower.empty() || lower == "no" || lower == "-" || lower == "\u2717" ||
           lower == "\u2718" || lower == "\u274C" || lower == "n/a";
}

// "All clients", "Your internal network": whoever is inside, as of every row.
bool is_any_client(std::string_view source) {
    constexpr std::array<std::string_view, 17> words{
        "all",   "any",      "your",  "the",     "client",  "clients",        "user",
        "users", "device",   "lan",   "devices", "browser", "browser-device", "network",
        "an",    "internal", "inside"};
    const auto tokens = tokens_of(source);
    return std::ranges::all_of(tokens, [&](const Token& token) {
        return std::ranges::find(words, token.lower) != words.end();
    });
}

class RowReader {
  public:
    RowReader(const Grid& grid, const Cells& row, const DraftContext& context)
        : grid_(grid), row_(row), context_(context) {
        draft_.line = row.line;
    }

    ReadRow read() {
        for (std::size_t i = 0; i < grid_.columns.size() && reason_.empty(); ++i) {
            const auto& cell = row_.cells[i];
            for (const auto& anchor : cell.anchors) {
                draft_.anchors.push_back(anchor);
            }
            read_cell(grid_.columns[i], std::string(trim(plain(cell.text))), grid_.heads[i]);
        }
        if (reason_.empty()) {
            finish();
        }
        return {std::move(rows_), std::move(reason_), std::move(rest_)};
    }

  private:
    void refuse(std::string reason) {
        if (reason_.empty()) {
            reason_ = std::move(reason);
        }
    }

    void read_cell(Column column, const std::string& text, const std::string& head) {
        const auto lower = base::to_lower(text);
        read_footnote_mark(text);
        switch (column) {
            case Column::transport:
                read_transport(text, head);
                break;
            case Column::ports:
                read_port_cell(text, {});
                break;
            case Column::tcp_ports:
            case Column::udp_ports:
                read_transport_column(
                    text, column == Column::tcp_ports ? Transport::tcp : Transport::udp);
                break;
            case Column::places:
                add_places(text, places_);
                break;
            case Column::source:
                add_places(text, sources_);
                break;
            case Column::direction:
                read_direction(text);
                break;
            case Column::level:
                read_level(text, lower);
                break;
            case Column::condition:
                add_condition(text);
                break;
            case Column::action:
                read_action(lower);
                break;
            case Column::purpose:
                read_purpose(text);
                break;
            case Column::notes:
            case Column::unknown:
                read_words(column, text, head);
                break;
            case Column::source_ports:
                read_source_ports(text, lower);
                break;
        }
    }

    void read_direction(const std::string& text) {
        direction_ = text.empty() ? "" : direction_in(text);
        if (!text.empty() && direction_.empty()) {
            refuse(fmt::format("direction \"{}\"", base::escape(text)));
        }
    }

    void read_action(const std::string& lower) {
        if (lower.find("deny") != lower.npos || lower.find("block") != lower.npos ||
            lower.find("drop") != lower.npos) {
            refuse("the row does not allow");
        }
    }

    void read_purpose(const std::string& text) {
        if (draft_.purpose.empty() && read_purpose_and_level(text)) {
            return;
        }
        if (draft_.purpose.empty()) {
            draft_.purpose = text;
        } else {
            add_note(text);
        }
        words_ += ' ' + text;
    }
    void read_words(Column column, const std::string& text, const std::string& head) {
        if (text.empty() || text.find_first_not_of("-* ") == text.npos) {
            return;
        }
        add_note(column == Column::unknown && !head.empty()
                     ? fmt::format("{}: {}", plain(last_line(head)), text)
                     : text);
        words_ += ' ' + text;
    }

    // "Optimize" above "Required": one of the lines is a level.
    bool read_purpose_and_level(const std::string& text) {
        std::string purpose;
        for (const auto& line : parts_of(text, "\n")) {
            const auto lower = base::to_lower(line);
            const auto level = lower.size() > 3 ? parse_level(lower) : std::nullopt;
            if (level && text.find('\n') != text.npos) {
                draft_.level = level;
            } else {
                purpose += (purpose.empty() ? "" : " ") + line;
            }
        }
        if (!draft_.level) {
            return false;
        }
        draft_.purpose = purpose;
        return true;
    }
    // "8888*" or "UDP**": what its footnote says belongs to the row.
    void read_footnote_mark(const std::string& text) {
        auto mark = std::string_view(text);
        mark = mark.substr(mark.find_last_not_of('*') + 1);
        if (!mark.empty() && mark.size() < text.size()) {
            draft_.footnotes.emplace_back(mark);
        }
    }

    void read_source_ports(const std::string& text, const std::string& lower) {
        if (lower.empty() || lower == "any" || lower == "all" || lower == "*" || lower == "-" ||
            lower.find("ephemeral") != lower.npos || lower.find("random") != lower.npos ||
            lower.find("dynamic") != lower.npos || lower.find("high") != lower.npos) {
            return;
        }
        add_note("source ports " + text);
    }

    void read_transport(const std::string& text, const std::string& head) {
        if (text.empty()) {
            return;
        }
        saw_transport_ = true;
        if (base::to_lower(text) == "both" && read_transports_of_head(head).size() == 2) {
            transports_ = {Transport::tcp, Transport::udp};
            return;
        }
        auto transports = read_transports(text);
        const bool only_protocols =
            transports.empty() &&
            std::ranges::all_of(parts_of(base::to_lower(text), " ,/&()\n"), [](const auto& word) {
                return is_protocol(word) || word == "secure" || word == "and" || word == "over";
            });
        if (!transports.empty()) {
            // A transport that is said counts more than one that a protocol implies.
            const bool said = std::ranges::any_of(
                tokens_of(text), [](const Token& token) { return token.kind == Kind::transport; });
            if (said || transports_.empty()) {
                transports_ = std::move(transports);
            }
        } else if (only_protocols) {
            read_implied(text);
        } else if (const auto ports = read_ports(text); ports && !ports->items.empty()) {
            read_port_cell(text, {});
        } else {
            refuse(fmt::format("protocol \"{}\"", base::escape(text)));
        }
    }
    // "TCP/UDP/Both": the head says what "Both" is.
    static std::vector<Transport> read_transports_of_head(const std::string& head) {
        std::vector<Transport> found;
        for (const auto& token : tokens_of(plain(head))) {
            if (token.kind == Kind::transport) {
                found.push_back(token.transport);
            }
        }
        return found;
    }
    void read_implied(const std::string& text) {
        for (const auto& word : parts_of(base::to_lower(text), " ,/&()\n")) {
            if (const auto transport = implied_transport(word); transport && transports_.empty()) {
                transports_ = {*transport};
            }
        }
    }

    void read_transport_column(const std::string& text, Transport transport) {
        const auto lower = base::to_lower(text);
        if (is_no(lower)) {
            return;
        }
        if (is_yes(lower)) {
            transports_.push_back(transport);
            saw_transport_ = true;
            return;
        }
        if (lower == "x") {
            refuse("\"x\" may mean yes or no");
            return;
        }
        read_port_cell(text, {transport});
    }

    void read_port_cell(const std::string& text, const std::vector<Transport>& transports) {
        if (text.empty()) {
            return;
        }
        const auto ports = read_ports(text);
        if (!ports) {
            refuse(ports.error());
            return;
        }
        for (std::size_t i = 0; i < ports->items.size(); ++i) {
            ports_.items.push_back(ports->items[i]);
            ports_.transports.push_back(ports->transports[i].empty() ? transports
                                                                     : ports->transports[i]);
        }
        if (!ports->direction.empty()) {
            direction_ = ports->direction;
        }
        add_note(ports->notes);
    }

    void add_places(const std::string& text, Places& into) {
        if (text.empty() || text == "-" || base::to_lower(text) == "n/a") {
            return;
        }
        auto places = read_places(text);
        if (!places.reason.empty()) {
            refuse(places.reason);
            return;
        }
        if (!places.words.empty() && (takes_back(places.words) || names_something(places.words))) {
            refuse(fmt::format("\"{}\" among destinations", base::escape(places.words)));
            return;
        }
        // "all hosts (recommended)"
        if (const auto level = parse_level(base::to_lower(places.words)); level && places.any) {
            draft_.level = level;
            places.words.clear();
        }
        std::ranges::move(places.names, std::back_inserter(into.names));
        std::ranges::move(places.networks, std::back_inserter(into.networks));
        std::ranges::move(places.ports, std::back_inserter(into.ports));
        into.any = into.any || places.any;
        into.words += (into.words.empty() || places.words.empty() ? "" : ", ") + places.words;
    }

    void read_level(const std::string& text, const std::string& lower) {
        if (text.empty()) {
            return;
        }
        const auto level = parse_level(lower);
        if (level) {
            draft_.level = level;
        } else {
            add_condition(text);
        }
    }
    void add_condition(const std::string& text) {
        if (!text.empty() && text != "-" && base::to_lower(text) != "all" &&
            base::to_lower(text) != "any" && base::to_lower(text) != "global" &&
            base::to_lower(text) != "everywhere" && base::to_lower(text) != "worldwide") {
            draft_.condition += (draft_.condition.empty() ? "" : "; ") + text;
        }
    }
    void add_note(const std::string& text) {
        if (!text.empty()) {
            draft_.notes += (draft_.notes.empty() ? "" : "; ") + text;
        }
    }

    void finish() {
        draft_.direction = direction_.empty() ? context_.direction : direction_;
        place();
        if (retires(words_) || retires(draft_.condition)) {
            refuse("the row takes back what it says");
        }
        give_transports();
        if (!reason_.empty()) {
            return;
        }
        std::ranges::replace(draft_.purpose, '\n', ' ');
        std::ranges::replace(draft_.notes, '\n', ' ');
        std::ranges::replace(draft_.condition, '\n', ' ');
        draft_.when = circumstances_of(draft_.condition);
        find_rest();
        if (draft_.places.ports.size() > 1 && pairs()) {
            split_pairs();
        } else {
            add_by_transport(draft_, ports_, rows_);
        }
    }

    // Inbound rows come from the vendor's addresses: the far end is what the column Source names.
    void place() {
        const bool inbound = draft_.direction == "inbound";
        const bool from_places = !sources_.names.empty() || !sources_.networks.empty();
        const bool to_places = !places_.names.empty() || !places_.networks.empty();
        if (from_places && to_places) {
            refuse("addresses on both sides");
        } else if (from_places && !inbound) {
            refuse("addresses of the source, and no direction");
        } else {
            draft_.places =
                inbound && (from_places || (sources_.any && !to_places)) ? sources_ : places_;
        }
        if (!places_.words.empty() && draft_.places.empty()) {
            add_note("destination: " + places_.words);
        } else if (!places_.words.empty()) {
            add_note(places_.words);
        }
        if (!sources_.words.empty() && !is_any_client(sources_.words)) {
            add_note("source: " + sources_.words);
        }
    }

    void give_transports() {
        if (ports_.items.empty() && !draft_.places.ports.empty()) {
            const auto& first = draft_.places.ports.front();
            const bool same = std::ranges::all_of(
                draft_.places.ports, [&](const auto& port) { return port.text == first.text; });
            if (!same && !pairs()) {
                refuse("several ports behind names");
                return;
            }
            ports_.items = {first};
            ports_.transports = {{}};
        } else if (!draft_.places.ports.empty()) {
            refuse("ports in two columns");
            return;
        }
        const auto& row_transports =
            transports_.empty() && !saw_transport_ ? context_.transports : transports_;
        for (auto& transports : ports_.transports) {
            if (transports.empty()) {
                transports = row_transports;
            } else if (!transports_.empty() && std::ranges::any_of(transports, [&](auto one) {
                           return std::ranges::find(transports_, one) == transports_.end();
                       })) {
                refuse("two transports that differ");
            }
            if (transports.empty()) {
                refuse("no transport is stated");
            }
        }
        if (ports_.items.empty() && saw_transport_) {
            leave_ports_unstated();
        }
        if (ports_.items.empty() && draft_.places.empty()) {
            refuse("neither a port nor a destination");
        }
    }

    // A document that tells no ports is taken at its word; a cell that is empty, or was misread,
    // under the head of a column of ports is not.
    void leave_ports_unstated() {
        const bool has_ports = std::ranges::any_of(grid_.columns, [](Column column) {
            return column == Column::ports || column == Column::tcp_ports ||
                   column == Column::udp_ports;
        });
        if (has_ports || draft_.places.empty() || transports_.empty()) {
            refuse("a transport without a port");
            return;
        }
        ports_.items = {unstated_port(Transport::tcp)};
        ports_.transports = {transports_};
    }

    [[nodiscard]] bool pairs() const {
        return draft_.places.ports.size() ==
                   draft_.places.names.size() + draft_.places.networks.size() &&
               (draft_.places.names.empty() || draft_.places.networks.empty());
    }
    void split_pairs() {
        const auto all = draft_.places;
        for (std::size_t i = 0; i < all.ports.size(); ++i) {
            auto one = draft_;
            one.places = {};
            if (all.names.empty()) {
                one.places.networks = {all.networks[i]};
            } else {
                one.places.names = {all.names[i]};
            }
            auto ports = ports_;
            ports.items = {all.ports[i]};
            add_by_transport(one, ports, rows_);
        }
    }

    // Purposes and notes may name ports and places of their own.
    void find_rest() {
        if (!names_something(words_)) {
            return;
        }
        const auto places = read_places(words_);
        const bool known = std::ranges::all_of(places.names, [&](const auto& name) {
            return std::ranges::find(draft_.places.names, name.text, &Places::Name::text) !=
                   draft_.places.names.end();
        });
        const auto tokens = tokens_of(words_);
        const bool ports = std::ranges::any_of(tokens, [&](const Token& token) {
            return token.kind == Kind::number &&
                   std::ranges::none_of(ports_.items, [&](const PortItem& item) {
                       return item.covers(static_cast<std::uint16_t>(token.number));
                   });
        });
        if (!known || ports || !places.networks.empty()) {
            rest_ = "the row's words name more than its columns";
        }
    }

    const Grid& grid_;
    const Cells& row_;
    const DraftContext& context_;
    Draft draft_;
    PortList ports_;
    std::vector<Transport> transports_;
    bool saw_transport_ = false;
    Places places_;
    Places sources_;
    std::string direction_;
    std::string words_;
    std::string reason_;
    std::string rest_;
    std::vector<Draft> rows_;
};

}  // namespace

ReadRow read_row(const Grid& grid, const Cells& row, const DraftContext& context) {
    return RowReader(grid, row, context).read();
}

}  // namespace turnpike::catalog
