// A table as pages, built from rows that come in the order of their keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "store/page_file.h"
#include "store/record.h"

namespace turnpike::store {

/// Fills an empty table (sqlite.org/fileformat2.html 1.6). A row costs a fifth of what it costs as
/// a statement, for nothing is searched and every page is written once.
class PageTable {
  public:
    /// The table's first column must be its INTEGER PRIMARY KEY.
    PageTable(PageFile& file, std::uint32_t root) : file_(file), root_(root) { begin_leaf(); }

    /// Keys must ascend.
    template <typename... Values>
    void put(std::int64_t key, const Values&... values) {
        record_.set_row(values...);
        append(key, record_.size(), [this](std::uint8_t* at) { record_.write(at); });
    }
    /// The same of a row that was made elsewhere.
    void put_record(std::int64_t key, std::span<const std::uint8_t> record) {
        append(key, record.size(), [record](std::uint8_t* at) { std::ranges::copy(record, at); });
    }
    /// No row will come any more.
    void finish();

  private:
    /// A page and the largest key in it or below it.
    struct Child {
        std::uint32_t page = 0;
        std::int64_t last = 0;
    };

    /// `write` writes the record, which is `size` octets, to where it is told.
    template <typename Write>
    void append(std::int64_t key, std::size_t size, Write write) {
        if (std::uint8_t* const at = place_for(key, size)) {
            write(at);
        } else {
            long_record_.resize(size);
            write(long_record_.data());
            append_long(key);
        }
    }

    void begin_leaf();
    /// Where a record goes, behind what stands before it; null if it is too long for one page.
    std::uint8_t* place_for(std::int64_t key, std::size_t size);
    void append_long(std::int64_t key);
    /// Room for a cell of this size, on a new page if need be.
    std::uint8_t* room_for(std::size_t cell, std::int64_t key);
    std::uint32_t write_overflow(std::span<const std::uint8_t> rest);
    void complete_leaf();
    void end_leaf();
    static Page interior(std::span<const Child> children);

    PageFile& file_;
    std::uint32_t root_;
    Record record_;
    Page leaf_{};
    std::size_t cells_ = 0;
    std::size_t content_ = 0;  ///< where the cells begin, which grow downwards
    std::int64_t last_key_ = 0;
    std::vector<Child> children_;
    std::vector<std::uint8_t> long_record_;
};

}  // namespace turnpike::store
