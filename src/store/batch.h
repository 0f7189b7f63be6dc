// A run of transactions: rows are committed many at a time, so that a full disk or a crash loses
// the last batch only and a long write does not keep everything in memory.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include "store/database.h"

namespace turnpike::store {

class Batch {
  public:
    // Large enough that the cost of a commit vanishes, small enough (some 15 MB) for the cache.
    static constexpr std::size_t many_rows = 100'000;
    /// All rows or none.
    static constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();

    explicit Batch(Database& database, std::size_t rows_per_commit = many_rows)
        : database_(&database), rows_per_commit_(rows_per_commit) {
        begin();
    }
    /// Goes on after `commit`.
    void begin() { transaction_.emplace(*database_); }

    /// To be called after each row.
    void row_written() {
        if (++rows_ == rows_per_commit_) {
            commit();
            begin();
        }
    }
    /// The end: what was written stays. Without it the last batch is rolled back.
    void commit() {
        transaction_->commit();
        transaction_.reset();
        rows_ = 0;
    }

  private:
    Database* database_;
    std::size_t rows_per_commit_;
    std::optional<Transaction> transaction_;
    std::size_t rows_ = 0;
};

}  // namespace turnpike::store
