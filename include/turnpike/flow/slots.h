// Numbered objects that stay where they are however many are added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "turnpike/base/give_back.h"
#include "turnpike/base/own_pages.h"

namespace turnpike::flow {

/// Objects by number, in blocks of 2 MB or a little less. References stay valid until `clear`.
template <typename Slot>
class Slots {
  public:
    /// A number below `size`.
    Slot& operator[](std::uint32_t number) noexcept {
        return blocks_[number / in_block].data()[number % in_block];
    }
    const Slot& operator[](std::uint32_t number) const noexcept {
        return blocks_[number / in_block].data()[number % in_block];
    }
    /// Adds one; the number of the first is 0. Throws std::bad_alloc, and adds nothing then.
    std::uint32_t add() {
        if (blocks_.empty() || blocks_.back().size() == in_block) {
            Block block;
            block.reserve(in_block);
            blocks_.push_back(std::move(block));
        }
        blocks_.back().emplace_back();
        return size_++;
    }
    /// How many there are.
    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    /// Destroys all and gives the memory back.
    void clear() noexcept {
        base::give_back(blocks_);
        size_ = 0;
    }

  private:
    using Block = std::vector<Slot, base::OwnPages<Slot>>;
    static constexpr std::size_t in_block = (std::size_t{2} << 20U) / sizeof(Slot);

    std::vector<Block> blocks_;
    std::uint32_t size_ = 0;
};

}  // namespace turnpike::flow
