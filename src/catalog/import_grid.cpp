// Lays a document's table out as rows and columns, and finds its heads.
#include "catalog/import_grid.h"

#include <algorithm>

#include "catalog/import_drafts.h"
#include "catalog/import_readers.h"
#include "catalog/import_words.h"
#include "catalog/syntax.h"

namespace turnpike::catalog {
namespace {

bool is_blank(const Cells& row) {
    return std::ranges::all_of(row.cells, [](const auto& cell) { return cell.text.empty(); });
}

bool is_head(const Cells& row) {
    return !is_blank(row) && std::ranges::all_of(row.cells, [](const auto& cell) {
        return cell.heads || cell.text.empty();
    });
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

}  // namespace

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

bool is_key(Column column) {
    return column == Column::transport || column == Column::ports || column == Column::tcp_ports ||
           column == Column::udp_ports || column == Column::places;
}

std::string last_line(const std::string& text) {
    const auto end = text.rfind('\n');
    return end == std::string::npos ? text : text.substr(end + 1);
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

}  // namespace turnpike::catalog
