// Builds the B-tree of a table from rows in order, leaf by leaf.
#include "store/page_table.h"

#include <algorithm>
#include <cstring>

namespace turnpike::store {
namespace {

// Section 1.6 of the file format.
constexpr std::uint8_t leaf_page = 0x0d;
constexpr std::uint8_t interior_page = 0x05;
constexpr std::size_t leaf_header = 8;
constexpr std::size_t interior_header = 12;
constexpr std::size_t cell_count_at = 3;
constexpr std::size_t content_at = 5;
constexpr std::size_t right_most_at = 8;
constexpr std::size_t pointer_size = 2;
constexpr std::size_t page_number_size = 4;
constexpr std::size_t longest_interior_cell = page_number_size + longest_varint;
constexpr std::size_t most_children =
    (page_size - interior_header) / (longest_interior_cell + pointer_size) + 1;
// What of a record stays in its leaf.
constexpr std::size_t most_local = page_size - 35;
constexpr std::size_t least_local = (page_size - 12) * 32 / 255 - 23;
constexpr std::size_t overflow_room = page_size - page_number_size;

constexpr std::size_t local_part(std::size_t size) noexcept {
    const std::size_t fitting = least_local + (size - least_local) % overflow_room;
    return fitting <= most_local ? fitting : least_local;
}

}  // namespace

void PageTable::begin_leaf() {
    std::fill_n(leaf_.begin(), leaf_header, std::uint8_t{0});
    leaf_[0] = leaf_page;
    cells_ = 0;
    content_ = page_size;
}

std::uint8_t* PageTable::room_for(std::size_t cell, std::int64_t key) {
    if (leaf_header + (cells_ + 1) * pointer_size + cell > content_) {
        end_leaf();
        begin_leaf();
    }
    content_ -= cell;
    put_big_endian_16(static_cast<std::uint16_t>(content_),
                      &leaf_[leaf_header + cells_ * pointer_size]);
    ++cells_;
    last_key_ = key;
    return &leaf_[content_];
}

std::uint8_t* PageTable::place_for(std::int64_t key, std::size_t size) {
    if (size > most_local) {
        return nullptr;
    }
    const auto row = static_cast<std::uint64_t>(key);
    std::uint8_t* at = room_for(varint_size(size) + varint_size(row) + size, key);
    return put_varint(row, put_varint(size, at));
}

void PageTable::append_long(std::int64_t key) {
    const std::size_t size = long_record_.size();
    const std::size_t local = local_part(size);
    const std::uint32_t rest = write_overflow(std::span(long_record_).subspan(local));
    const auto row = static_cast<std::uint64_t>(key);
    std::uint8_t* at =
        room_for(varint_size(size) + varint_size(row) + local + page_number_size, key);
    at = put_varint(row, put_varint(size, at));
    std::memcpy(at, long_record_.data(), local);
    put_big_endian_32(rest, at + local);
}

std::uint32_t PageTable::write_overflow(std::span<const std::uint8_t> rest) {
    const std::uint32_t first = file_.next();
    while (!rest.empty()) {
        Page page{};
        const std::size_t taken = std::min(rest.size(), overflow_room);
        const bool more = taken < rest.size();
        put_big_endian_32(more ? PageFile::after(file_.next()) : 0, page.data());
        std::memcpy(&page[page_number_size], rest.data(), taken);
        file_.append(page);
        rest = rest.subspan(taken);
    }
    return first;
}

// Between the pointers and the cells still stands what was on the page before.
void PageTable::complete_leaf() {
    put_big_endian_16(static_cast<std::uint16_t>(cells_), &leaf_[cell_count_at]);
    put_big_endian_16(static_cast<std::uint16_t>(content_), &leaf_[content_at]);
    const std::size_t gap = leaf_header + cells_ * pointer_size;
    std::fill_n(&leaf_[gap], content_ - gap, std::uint8_t{0});
}

void PageTable::end_leaf() {
    complete_leaf();
    children_.push_back({file_.append(leaf_), last_key_});
}

// Each child but the last with its largest key; what is larger is found behind the last.
Page PageTable::interior(std::span<const Child> children) {
    Page page{};
    page[0] = interior_page;
    std::size_t content = page_size;
    for (std::size_t i = 0; i + 1 < children.size(); ++i) {
        std::array<std::uint8_t, longest_interior_cell> cell{};
        put_big_endian_32(children[i].page, cell.data());
        const auto* const end = put_varint(static_cast<std::uint64_t>(children[i].last),
                                           cell.data() + page_number_size);
        const auto size = static_cast<std::size_t>(end - cell.data());
        content -= size;
        std::memcpy(&page[content], cell.data(), size);
        put_big_endian_16(static_cast<std::uint16_t>(content),
                          &page[interior_header + i * pointer_size]);
    }
    put_big_endian_16(static_cast<std::uint16_t>(children.size() - 1), &page[cell_count_at]);
    put_big_endian_16(static_cast<std::uint16_t>(content), &page[content_at]);
    put_big_endian_32(children.back().page, &page[right_most_at]);
    return page;
}

void PageTable::finish() {
    if (cells_ == 0) {
        return;
    }
    if (children_.empty()) {  // all rows fit on one page
        complete_leaf();
        file_.replace(root_, leaf_);
        return;
    }
    end_leaf();
    while (children_.size() > most_children) {
        // Shared out evenly, so that none has a single child.
        const std::size_t pages = (children_.size() + most_children - 1) / most_children;
        std::vector<Child> parents;
        for (std::size_t i = 0; i < pages; ++i) {
            const std::size_t from = children_.size() * i / pages;
            const std::size_t to = children_.size() * (i + 1) / pages;
            const auto below = std::span<const Child>(children_).subspan(from, to - from);
            parents.push_back({file_.append(interior(below)), below.back().last});
        }
        children_ = std::move(parents);
    }
    file_.replace(root_, interior(children_));
}

}  // namespace turnpike::store
