// Where the rows of a large table go.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "store/batch.h"
#include "store/columns.h"
#include "store/encoded_rows.h"
#include "store/page_table.h"
#include "store/row_values.h"

namespace turnpike::store {

/// Where rows go: to a database, to pages of a file that has no such rows yet, or to whoever writes
/// them to such pages.
class RowTarget {
  public:
    RowTarget(Database& database, Batch& batch, Writing writing)
        : database_(&database), batch_(&batch), writing_(writing) {}
    explicit RowTarget(PageFile& file) : file_(&file) {}
    explicit RowTarget(EncodedRows& rows) : rows_(&rows) {}

  private:
    template <typename Declared>
    friend class RowTable;

    Database* database_ = nullptr;
    Batch* batch_ = nullptr;
    Writing writing_ = Writing::append;
    PageFile* file_ = nullptr;
    EncodedRows* rows_ = nullptr;
};

/// Takes the rows of one table, which must outlive it.
template <typename Declared>
class RowTable {
  public:
    RowTable(const RowTarget& target, const Declared& table)
        : table_(table), batch_(target.batch_), rows_(target.rows_) {
        if (target.file_ != nullptr) {
            pages_.emplace(*target.file_, target.file_->root_of(table.name));
        } else if (rows_ == nullptr) {
            statement_.emplace(*target.database_, fmt::format("{} {}", verb(target.writing_),
                                                              into(table.name, table.columns)));
        }
    }

    template <typename Entry>
    void put(const Entry& entry) {
        table_.columns.with_values(entry, rooms_, [this](const auto&... values) {
            if (pages_) {
                pages_->put(values...);
            } else if (rows_ != nullptr) {
                rows_->put(values...);
            } else {
                statement_->run(values...);
                batch_->row_written();
            }
        });
    }
    /// Rows that were made elsewhere; for a table of pages.
    void take(const EncodedRows& rows) {
        rows.for_each([this](std::int64_t key, std::span<const std::uint8_t> record) {
            pages_->put_record(key, record);
        });
    }
    /// No row will come any more.
    void finish() {
        if (pages_) {
            pages_->finish();
        }
    }

  private:
    const Declared& table_;
    Batch* batch_;
    EncodedRows* rows_;
    std::optional<Statement> statement_;
    std::optional<PageTable> pages_;
    Declared::Rooms rooms_;
};

}  // namespace turnpike::store
