// Tables of a firewall document, row by row.
#include <algorithm>
#include <utility>

#include "catalog/import_drafts.h"
#include "catalog/import_row.h"

namespace turnpike::catalog {
namespace {

using Kind = Token::Kind;

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
            add_row(row);
        }
        return std::move(drafts_);
    }

  private:
    // A table that is no firewall table is passed over, but for rows that name something.
    void add_row(const Cells& row) {
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
        auto read = read_row(grid_, row, context_);
        if (read.reason.empty()) {
            take(std::move(read), row, false);
            return;
        }
        // A copy that lost a row's first cell: everything fits one column further on, and only so.
        if (row.cells.size() > 2 && row.cells.back().text.empty() &&
            !row.cells.front().text.empty()) {
            auto shifted = row;
            std::ranges::rotate(shifted.cells, shifted.cells.end() - 1);
            if (auto again = read_row(grid_, shifted, context_); again.reason.empty()) {
                take(std::move(again), row, true);
                return;
            }
        }
        if (has_substance(row)) {
            miss(row, read.reason);
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

    void take(ReadRow read, const Cells& row, bool unnamed) {
        for (auto& draft : read.drafts) {
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
        if (!read.rest.empty()) {
            miss(row, read.rest);
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
        auto read = read_row(grid, row, context_);
        if (!read.reason.empty()) {
            miss(row, read.reason);
            return;
        }
        for (auto& draft : read.drafts) {
            draft.purpose = draft.purpose.empty() ? purpose : draft.purpose;
            drafts_.rows.push_back(std::move(draft));
        }
        if (!read.rest.empty()) {
            miss(row, read.rest);
        }
    }

    const DraftContext& context_;
    Grid grid_;
    bool opens_ = false;
    std::string group_;
    Drafts drafts_;
};

}  // namespace

Drafts read_table(const DocumentBlock& table, const DraftContext& context) {
    return TableReader(table, context).read();
}

}  // namespace turnpike::catalog
