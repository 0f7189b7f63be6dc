// A run of transactions: rows are committed many at a time, so that a full disk or a crash loses
// the last batch only and a long write does not keep everything in memory.
#pragma once

#include <cstddef>
#include <optional>

#include "store/database.h"

namespace turnpike::store {

class Batch {
  public:
    explicit Batch(Database& database) : database_(&database) { transaction_.emplace(database); }

    /// To be called after each row.
    void row_written() {
        if (++rows_ == rows_per_commit) {
            commit();
            transaction_.emplace(*database_);
        }
    }
    /// The end: what was written stays. Without it the last batch is rolled back.
    void commit() {
        transaction_->commit();
        transaction_.reset();
        rows_ = 0;
    }

  private:
    // Large enough that the cost of a commit vanishes, small enough (some 15 MB) for the cache.
    static constexpr std::size_t rows_per_commit = 100'000;
    Database* database_;
    std::optional<Transaction> transaction_;
    std::size_t rows_ = 0;
};

}  // namespace turnpike::store
