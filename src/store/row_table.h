// Where the rows of a large table go.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "store/batch.h"
#include "store/page_table.h"
#include "store/row_values.h"

namespace turnpike::store {

/// Takes the rows of one table: as statements, or as pages of a file that has no such rows yet.
class RowTable {
  public:
    RowTable(Database& database, Batch& batch, Writing writing, std::string_view table,
             std::size_t columns)
        : batch_(&batch) {
        std::string sql = fmt::format("{} INTO {} VALUES(?", verb(writing), table);
        for (std::size_t i = 1; i < columns; ++i) {
            sql += ",?";
        }
        statement_.emplace(database, sql + ")");
    }
    RowTable(PageFile& file, std::string_view table) { pages_.emplace(file, file.root_of(table)); }

    /// A row with all of its columns, the key first.
    template <typename... Values>
    void put(std::int64_t key, const Values&... values) {
        if (pages_) {
            pages_->put(key, values...);
        } else {
            statement_->run(key, values...);
            batch_->row_written();
        }
    }
    /// No row will come any more.
    void finish() {
        if (pages_) {
            pages_->finish();
        }
    }

  private:
    Batch* batch_ = nullptr;
    std::optional<Statement> statement_;
    std::optional<PageTable> pages_;
};

/// Makes the tables that rows of one kind go to.
class RowTables {
  public:
    RowTables(Database& database, Batch& batch, Writing writing)
        : database_(&database), batch_(&batch), writing_(writing) {}
    explicit RowTables(PageFile& file) : file_(&file) {}

    [[nodiscard]] RowTable open(std::string_view table, std::size_t columns) const {
        return file_ != nullptr ? RowTable(*file_, table)
                                : RowTable(*database_, *batch_, writing_, table, columns);
    }

  private:
    Database* database_ = nullptr;
    Batch* batch_ = nullptr;
    Writing writing_ = Writing::append;
    PageFile* file_ = nullptr;
};

}  // namespace turnpike::store
