// Which slot belongs to a hash: a hash table of eight octets an entry, whose keys stand in the
// slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "turnpike/base/give_back.h"
#include "turnpike/base/own_pages.h"

namespace turnpike::flow {

/// Maps hashes to numbers of slots. Two slots may have the same hash: who asks says which one is
/// meant. What is looked for lies in one cache line nearly always, and can be fetched before it is
/// needed. Neighbours in the table are tried one after the other (linear probing): hashes must be
/// spread by a secret.
class SlotIndex {
  public:
    /// The slot of this hash for which `is_it(slot)` is true.
    template <typename IsIt>
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, IsIt&& is_it) const {
        if (entries_.empty()) {
            return std::nullopt;
        }
        const Entry* const entries = entries_.data();  // every packet is looked up: no checks
        for (std::size_t at = home(hash); entries[at].used(); at = after(at)) {
            if (entries[at].hash == hash && is_it(entries[at].slot())) {
                return entries[at].slot();
            }
        }
        return std::nullopt;
    }
    /// Asks for the memory that `find` will look at.
    void fetch(std::uint32_t hash) const noexcept {
        if (!entries_.empty()) {
            __builtin_prefetch(entries_.data() + home(hash));
        }
    }

    /// `slot` is below 2^32 - 1, and not there yet. Throws std::bad_alloc, and changes nothing
    /// then.
    void insert(std::uint32_t hash, std::uint32_t slot) {
        if (size_ >= entries_.size() / 8 * 5) {
            grow();
        }
        place({.hash = hash, .slot_and_one = slot + 1});
        ++size_;
    }
    /// A slot that is there.
    void erase(std::uint32_t hash, std::uint32_t slot) noexcept {
        std::size_t gap = home(hash);
        while (entries_[gap].slot_and_one != slot + 1) {
            gap = after(gap);
        }
        // Whatever would not be found behind a gap moves into it.
        for (std::size_t at = after(gap); entries_[at].used(); at = after(at)) {
            if (distance(home(entries_[at].hash), at) >= distance(gap, at)) {
                entries_[gap] = entries_[at];
                gap = at;
            }
        }
        entries_[gap] = {};
        --size_;
    }
    /// Forgets all and gives the memory back.
    void clear() noexcept {
        base::give_back(entries_);
        size_ = 0;
    }
    /// Slots that are there.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    /// Zeros where there is none.
    struct Entry {
        std::uint32_t hash = 0;
        std::uint32_t slot_and_one = 0;

        [[nodiscard]] bool used() const noexcept { return slot_and_one != 0; }
        [[nodiscard]] std::uint32_t slot() const noexcept { return slot_and_one - 1; }
    };
    using Entries = std::vector<Entry, base::OwnPages<Entry>>;  ///< a power of two, or none
    static constexpr std::size_t fewest = 512;

    [[nodiscard]] std::size_t home(std::uint32_t hash) const noexcept {
        return hash & (entries_.size() - 1);
    }
    [[nodiscard]] std::size_t after(std::size_t at) const noexcept {
        return (at + 1) & (entries_.size() - 1);
    }
    /// How far it is from one place to another, going up and round.
    [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const noexcept {
        return (to - from) & (entries_.size() - 1);
    }
    void place(const Entry& entry) noexcept {
        std::size_t at = home(entry.hash);
        while (entries_[at].used()) {
            at = after(at);
        }
        entries_[at] = entry;
    }
    void grow() {
        Entries before(entries_.empty() ? fewest : entries_.size() * 2);
        entries_.swap(before);
        for (const Entry& entry : before) {
            if (entry.used()) {
                place(entry);
            }
        }
    }

    Entries entries_;
    std::size_t size_ = 0;
};

}  // namespace turnpike::flow
