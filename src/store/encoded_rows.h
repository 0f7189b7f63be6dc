// Rows that are made in one place and written in another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "store/record.h"

namespace turnpike::store {

/// Takes rows as PageTable does, and keeps them as they will stand in pages.
class EncodedRows {
  public:
    template <typename... Values>
    void put(std::int64_t key, const Values&... values) {
        record_.set_row(values...);
        const std::size_t begin = octets_.size();
        octets_.resize(begin + record_.size());
        record_.write(&octets_[begin]);
        rows_.push_back({key, record_.size()});
    }
    /// Calls `take` with the key and the record of each row, in the order they were put.
    template <typename Take>
    void for_each(Take take) const {
        std::span<const std::uint8_t> rest(octets_);
        for (const Row& row : rows_) {
            take(row.key, rest.first(row.size));
            rest = rest.subspan(row.size);
        }
    }

  private:
    struct Row {
        std::int64_t key = 0;
        std::size_t size = 0;  ///< octets of its record
    };

    Record record_;
    std::vector<std::uint8_t> octets_;  ///< records, one behind the other
    std::vector<Row> rows_;
};

}  // namespace turnpike::store
