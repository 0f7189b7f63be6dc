// Tables of a firewall document: columns by their heads, cells by their units.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "catalog/import_columns.h"
#include "catalog/import_drafts.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;

struct Cells {
    std::size_t line = 0;
    std::vector<DocumentCell> cells;
};

struct Grid {
    std::vector<std::string> heads;
    std::vector<Column> columns;
    std::vector<Cells> rows;
};

std::string text_of(const Cells& row) {
    std::string text;
    const std::string* before = nullptr;
    for (const auto& cell : row.cells) {
        if (!cell.text.empty() && (before == nullptr || *before != cell.text || !cell.spans)) {
            text += (text.empty() ? "" : " | ") + cell.text;
        }
        before = &cell.text;
    }
    std::ranges::replace(text, '\n', ' ');
    return plain(text);
}

bool is_one_cell(const Cells& row) {
    return std::ranges::count_if(
               row.cells, [](const auto& cell) { return !cell.text.empty() && !cell.spans; }) == 1;
}

bool is_blank(const Cells& row) {
    return std::ranges::all_of(row.cells, [](const auto& cell) { return cell.text.empty(); });
}

bool is_head(const Cells& row) {
    return !is_blank(row) && std::ranges::all_of(row.cells, [](const auto& cell) {
        return cell.heads || cell.text.empty();
    });
}

bool is_key(Column column) {
    return column == Column::transport || column == Column::ports || column == Column::tcp_ports ||
           column == Column::udp_ports || column == Column::places;
}

// Text that two or more blanks of fixed width part: columns within a cell.
std::vector<std::string> wide_parts(std::string_view text) {
    constexpr std::string_view blank = "\u00A0";
    std::vector<std::string> parts(1);
    while (!text.empty()) {
        std::size_t blanks = 0;
        auto rest = text;
        while (rest.starts_with(blank) || rest.starts_with(' ')) {
            blanks += rest.starts_with(blank) ? 1U : 0U;
            rest.remove_prefix(rest.starts_with(' ') ? 1 : blank.size());
        }
        if (blanks >= 2) {
            parts.emplace_back();
            text = rest;
        } else {
            parts.back() += text.front();
            text.remove_prefix(1);
        }
    }
    for (auto& part : parts) {
        part = std::string(trim(plain(part)));
    }
    std::erase(parts, "");
    return parts;
}

std::string last_line(const std::string& text) {
    const auto end = text.rfind('\n');
    return end == std::string::npos ? text : text.substr(end + 1);
}

// A column whose head and cells are laid out as several becomes several.
void split_wide_columns(Grid& grid) {
    for (std::size_t column = 0; column < grid.heads.size(); ++column) {
        const auto heads = wide_parts(last_line(grid.heads[column]));
        const bool all = heads.size() > 1 && std::ranges::all_of(grid.rows, [&](const auto& row) {
                             return wide_parts(row.cells[column].text).size() == heads.size();
                         });
        if (!all) {
            continue;
        }
        const auto at = static_cast<std::ptrdiff_t>(column);
        grid.heads.erase(grid.heads.begin() + at);
        grid.heads.insert(grid.heads.begin() + at, heads.begin(), heads.end());
        for (auto& row : grid.rows) {
            auto cell = row.cells[column];
            const auto parts = wide_parts(cell.text);
            row.cells.erase(row.cells.begin() + at);
            for (std::size_t i = 0; i < parts.size(); ++i) {
                cell.text = parts[i];
                row.cells.insert(row.cells.begin() + at + static_cast<std::ptrdiff_t>(i), cell);
            }
        }
    }
}

Column column_of_heads(const std::vector<std::string>& heads) {
    // The lowest head says what the cells are; those above say whose.
    std::string all;
    for (const auto& head : heads) {
        all += head + ' ';
    }
    const auto whole = column_of(all);
    if (whole == Column::source || whole == Column::source_ports || heads.empty()) {
        return whole;
    }
    const auto lowest = column_of(heads.back());
    return lowest == Column::unknown || (lowest != whole && is_key(whole) && !is_key(lowest))
               ? whole
               : lowest;
}

std::size_t count_of_heads(const std::vector<Cells>& rows) {
    std::size_t count = 0;
    while (count < rows.size() && count < 3 && is_head(rows[count])) {
        ++count;
    }
    if (count < rows.size()) {
        // A table without marked heads: words that name columns, and nothing to open.
        const auto& row = rows[count];
        const auto known = std::ranges::count_if(
            row.cells, [](const auto& cell) { return is_key(column_of(plain(cell.text))); });
        const bool head = count == 0 && known >= 1 && row.cells.size() > 1 &&
                          std::ranges::none_of(row.cells, [](const auto& cell) {
                              return names_something(plain(cell.text));
                          });
        const auto named = std::ranges::count_if(row.cells, [](const auto& cell) {
            return column_of(plain(cell.text)) != Column::unknown;
        });
        return head && named >= 2 ? 1 : count;
    }
    return count;
}

Grid grid_of(const DocumentBlock& table) {
    Grid grid;
    for (const auto& row : table.rows) {
        grid.rows.push_back({row.line, row.cells});
    }
    std::erase_if(grid.rows, is_blank);
    const auto count = count_of_heads(grid.rows);
    const auto columns = table.rows.empty() ? 0 : table.rows.front().cells.size();
    std::vector<std::vector<std::string>> heads(columns);
    for (std::size_t i = 0; i < count; ++i) {
        if (count > 1 && is_one_cell(grid.rows[i])) {
            continue;  // a title over all columns
        }
        for (std::size_t column = 0; column < columns; ++column) {
            const auto& text = grid.rows[i].cells[column].text;
            if (!text.empty() && (heads[column].empty() || heads[column].back() != text)) {
                heads[column].push_back(text);
            }
        }
    }
    grid.rows.erase(grid.rows.begin(), grid.rows.begin() + static_cast<std::ptrdiff_t>(count));
    for (const auto& head : heads) {
        std::string joined;
        for (const auto& text : head) {
            joined += (joined.empty() ? "" : "\n") + text;
        }
        grid.heads.push_back(joined);
    }
    split_wide_columns(grid);
    for (const auto& head : grid.heads) {
        std::vector<std::string> lines;
        for (const auto& line : parts_of(plain(head), "\n")) {
            lines.push_back(line);
        }
        grid.columns.push_back(column_of_heads(lines));
    }
    return grid;
}

bool all_cells(const Grid& grid, std::size_t column, auto fits) {
    bool any = false;
    for (const auto& row : grid.rows) {
        const auto& text = row.cells[column].text;
        if (text.empty()) {
            continue;
        }
        if (!fits(plain(text))) {
            return false;
        }
        any = true;
    }
    return any;
}

bool is_places_only(const std::string& text) {
    const auto places = read_places(text);
    return places.reason.empty() && places.words.empty() && !places.empty();
}

// A column whose head says nothing is known where every cell has one unit. Bare numbers are ports
// only beside a column of transports.
void know_by_units(Grid& grid) {
    for (std::size_t i = 0; i < grid.columns.size(); ++i) {
        if (grid.columns[i] != Column::unknown && grid.columns[i] != Column::purpose) {
            continue;
        }
        if (all_cells(grid, i, [](const auto& text) { return !read_transports(text).empty(); })) {
            grid.columns[i] = Column::transport;
        } else if (all_cells(grid, i, is_places_only)) {
            grid.columns[i] = Column::places;
        } else if (all_cells(grid, i, [](const auto& text) {
                       const auto ports = read_ports(text);
                       return ports && std::ranges::none_of(ports->transports, [](const auto& t) {
                                  return t.empty();
                              });
                   })) {
            grid.columns[i] = Column::ports;
        }
    }
    const auto has = [&](Column column) {
        return std::ranges::find(grid.columns, column) != grid.columns.end();
    };
    if (!has(Column::transport) || has(Column::ports) || has(Column::tcp_ports) ||
        has(Column::udp_ports)) {
        return;
    }
    std::vector<std::size_t> numeric;
    for (std::size_t i = 0; i < grid.columns.size(); ++i) {
        if (grid.heads[i].empty() &&
            all_cells(grid, i, [](const auto& text) { return read_ports(text).has_value(); })) {
            numeric.push_back(i);
        }
    }
    if (numeric.size() == 1) {
        grid.columns[numeric.front()] = Column::ports;
    }
}

bool is_yes(std::string_view lower) {
    return lower == "yes" || lower == "\u2713" || lower == "\u2714" || lower == "\u2714\uFE0F" ||
           lower == "\u2705" || lower == "\u25CF" || lower == "\u2022";
}
bool is_no(std::string_view lower) {
    return lower.empty() || lower == "no" || lower == "-" || lower == "\u2717" ||
           lower == "\u2718" || lower == "\u274C" || lower == "n/a";
}

/// One row by its columns; `reason` says why not.
class RowReader {
  public:
    RowReader(const Grid& grid, const Cells& row, const DraftContext& context)
        : grid_(grid), row_(row), context_(context) {
        draft_.line = row.line;
    }

    bool read() {
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
        return reason_.empty();
    }
    [[nodiscard]] const std::string& reason() const { return reason_; }
    /// What stands in the row besides, and was not understood; the row holds without it.
    [[nodiscard]] const std::string& rest() const { return rest_; }
    std::vector<Draft> take() { return std::move(rows_); }

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
                read_transport_column(text, Transport::tcp);
                break;
            case Column::udp_ports:
                read_transport_column(text, Transport::udp);
                break;
            case Column::places:
                add_places(text, places_);
                break;
            case Column::source:
                add_places(text, sources_);
                break;
            case Column::direction:
                direction_ = text.empty() ? "" : direction_in(text);
                if (!text.empty() && direction_.empty()) {
                    refuse(fmt::format("direction \"{}\"", base::escape(text)));
                }
                break;
            case Column::level:
                read_level(text, lower);
                break;
            case Column::condition:
                add_condition(text);
                break;
            case Column::action:
                if (lower.find("deny") != lower.npos || lower.find("block") != lower.npos ||
                    lower.find("drop") != lower.npos) {
                    refuse("the row does not allow");
                }
                break;
            case Column::purpose:
                if (draft_.purpose.empty() && read_purpose_and_level(text)) {
                    break;
                }
                if (draft_.purpose.empty()) {
                    draft_.purpose = text;
                } else {
                    add_note(text);
                }
                words_ += ' ' + text;
                break;
            case Column::notes:
            case Column::unknown:
                if (!text.empty() && text.find_first_not_of("-* ") != text.npos) {
                    add_note(column == Column::unknown && !head.empty()
                                 ? fmt::format("{}: {}", plain(last_line(head)), text)
                                 : text);
                    words_ += ' ' + text;
                }
                break;
            case Column::source_ports:
                read_source_ports(text, lower);
                break;
        }
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
            refuse("a transport without a port");
        }
        if (ports_.items.empty() && draft_.places.empty()) {
            refuse("neither a port nor a destination");
        }
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

class TableReader {
  public:
    TableReader(const DocumentBlock& table, const DraftContext& context)
        : context_(context), grid_(grid_of(table)) {}

    Drafts read() {
        if (read_upright()) {
            return std::move(drafts_);
        }
        know_by_units(grid_);
        opens_ = std::ranges::any_of(grid_.columns, is_key);
        for (auto& row : grid_.rows) {
            read_row(row);
        }
        return std::move(drafts_);
    }

  private:
    // A table that is no firewall table is passed over, but for rows that name something.
    void read_row(const Cells& row) {
        if (!opens_ || grid_.columns.size() < 2) {
            if (names_something(text_of(row))) {
                miss(row, "a table whose heads are not known");
            }
            return;
        }
        if (is_one_cell(row) && grid_.columns.size() > 1 && is_group(row)) {
            group_ = text_of(row);
            return;
        }
        RowReader reader(grid_, row, context_);
        if (reader.read()) {
            take(reader, row, false);
            return;
        }
        // A copy that lost a row's first cell: everything fits one column further on, and only so.
        if (row.cells.size() > 2 && row.cells.back().text.empty() &&
            !row.cells.front().text.empty()) {
            auto shifted = row;
            std::ranges::rotate(shifted.cells, shifted.cells.end() - 1);
            RowReader again(grid_, shifted, context_);
            if (again.read()) {
                take(again, row, true);
                return;
            }
        }
        if (has_substance(row)) {
            miss(row, reader.reason());
        }
    }

    static bool has_substance(const Cells& row) {
        return names_something(text_of(row)) ||
               std::ranges::any_of(tokens_of(text_of(row)), [](const Token& token) {
                   return token.kind == Kind::number || token.kind == Kind::transport ||
                          token.kind == Kind::any;
               });
    }

    // A row of one text between others is a title, unless it is a place in a list of places.
    [[nodiscard]] static bool is_group(const Cells& row) {
        const auto text = text_of(row);
        return !names_something(text);
    }

    void take(RowReader& reader, const Cells& row, bool unnamed) {
        for (auto& draft : reader.take()) {
            draft.unnamed = unnamed;
            if (!group_.empty()) {
                if (is_condition(group_)) {
                    draft.condition =
                        group_ + (draft.condition.empty() ? "" : "; ") + draft.condition;
                } else {
                    draft.purpose = group_ + (draft.purpose.empty() ? "" : ": ") + draft.purpose;
                }
            }
            drafts_.rows.push_back(std::move(draft));
        }
        if (!reader.rest().empty()) {
            miss(row, reader.rest());
        }
    }

    void miss(const Cells& row, const std::string& reason) {
        drafts_.missed.push_back({row.line, text_of(row), reason});
    }

    // "Host | a.example.com", "Port | 443", "Protocol | UDP": a row that stands upright.
    bool read_upright() {
        if (grid_.columns.size() != 2 || std::ranges::any_of(grid_.columns, is_key)) {
            return false;
        }
        Grid turned;
        Cells cells;
        std::vector<std::pair<std::string, DocumentCell>> more;
        for (const auto& row : grid_.rows) {
            const auto head = plain(row.cells[0].text);
            const auto column = column_of(head);
            cells.line = cells.line == 0 ? row.line : cells.line;
            if (column == Column::unknown && names_something(plain(row.cells[1].text))) {
                more.emplace_back(head, row.cells[1]);
                continue;
            }
            turned.heads.push_back(head);
            turned.columns.push_back(column);
            cells.cells.push_back(row.cells[1]);
        }
        const auto keys = std::ranges::count_if(turned.columns, is_key);
        if (keys + static_cast<std::ptrdiff_t>(more.size()) < 2 || keys == 0) {
            return false;
        }
        if (more.empty()) {
            add_upright(turned, cells, "");
        }
        for (const auto& [head, cell] : more) {
            auto one = turned;
            auto row = cells;
            one.heads.push_back(head);
            one.columns.push_back(Column::places);
            row.cells.push_back(cell);
            add_upright(one, row, head);
        }
        return true;
    }
    void add_upright(const Grid& grid, const Cells& row, const std::string& purpose) {
        RowReader reader(grid, row, context_);
        if (!reader.read()) {
            miss(row, reader.reason());
            return;
        }
        for (auto& draft : reader.take()) {
            draft.purpose = draft.purpose.empty() ? purpose : draft.purpose;
            drafts_.rows.push_back(std::move(draft));
        }
        if (!reader.rest().empty()) {
            miss(row, reader.rest());
        }
    }

    const DraftContext& context_;
    Grid grid_;
    bool opens_ = false;
    std::string group_;
    Drafts drafts_;
};

}  // namespace

void add_by_transport(const Draft& draft, const PortList& ports, std::vector<Draft>& rows) {
    if (ports.items.empty()) {
        rows.push_back(draft);
        return;
    }
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        auto one = draft;
        for (std::size_t i = 0; i < ports.items.size(); ++i) {
            if (std::ranges::find(ports.transports[i], transport) != ports.transports[i].end()) {
                one.ports.push_back(ports.items[i]);
                one.ports.back().transport = transport;
            }
        }
        if (!one.ports.empty()) {
            rows.push_back(std::move(one));
        }
    }
}

bool retires(std::string_view text) {
    const auto lower = base::to_lower(text);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{
            "no longer", "deprecated", "removed", "retired", "obsolete", "do not ", "don't ",
            "not required", "not needed", "not used", "except", "excluding", "previously",
            "formerly", "must not", "end of life"},
        [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

bool takes_back(std::string_view text) {
    constexpr std::array<std::string_view, 21> words{
        "not",      "no",      "never",    "without", "except", "excluding", "deprecated",
        "removed",  "retired", "obsolete", "deny",    "denied", "block",     "previously",
        "formerly", "don't",   "doesn't",  "isn't",   "cannot", "longer",    "unless"};
    const auto lower = base::to_lower(text);
    const auto all = tokens_of(lower);
    return std::ranges::any_of(all, [&](const Token& token) {
        return std::ranges::find(words, token.lower) != words.end();
    });
}

std::string direction_in(std::string_view text) {
    const auto lower = base::to_lower(text);
    const auto has = [&](std::string_view word) { return lower.find(word) != lower.npos; };
    const bool in = has("inbound") || has("ingress") || has("incoming") || lower == "in";
    const bool out = has("outbound") || has("egress") || has("outgoing") || lower == "out";
    if (has("bidirectional") || has("bi-directional") || has("both") || (in && out)) {
        return "both";
    }
    return in ? "inbound" : (out ? "outbound" : "");
}

bool names_something(std::string_view text) {
    const auto tokens = tokens_of(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        if ((token.kind == Kind::name && token.sure) || token.kind == Kind::network) {
            return true;
        }
        const bool near =
            token.kind == Kind::transport || token.lower == "port" || token.lower == "ports";
        for (auto next = i + 1; near && next < tokens.size() && next < i + 4; ++next) {
            if (tokens[next].kind == Kind::number) {
                return true;
            }
        }
        if (token.kind == Kind::number && i + 1 < tokens.size()) {
            const auto next =
                tokens[i + 1].text == "/" || tokens[i + 1].text == "(" ? i + 2 : i + 1;
            if (next < tokens.size() && tokens[next].kind == Kind::transport) {
                return true;
            }
        }
    }
    return false;
}

Drafts read_table(const DocumentBlock& table, const DraftContext& context) {
    return TableReader(table, context).read();
}

}  // namespace turnpike::catalog
