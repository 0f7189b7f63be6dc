// Which state belongs to a 5-tuple: a bounded table with seeded hashes.
#pragma once

#include <algorithm>
#include <array>
#include <boost/container/deque.hpp>
#include <boost/container/static_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "turnpike/base/give_back.h"
#include "turnpike/base/own_pages.h"
#include "turnpike/base/time.h"
#include "turnpike/flow/flow_key.h"

namespace turnpike::flow {

/// Maps keys to states of type `State`, which must be default-constructible and resettable by
/// assignment, and have `last_seen`, a base::Timestamp, and `in_use`, a bool that is the table's.
/// References to states stay valid until they are erased. When `limit` states exist, a new one
/// takes the place of one that was idle longest among a sample, so that no order has to be kept per
/// packet; of a large table some of the longest idle ones go at a time.
template <typename State>
class FlowTable {
  public:
    /// `limit`: states at one time, below 2^32. Takes memory as states come.
    explicit FlowTable(std::size_t limit) : limit_(limit) {}

    /// The state of a key, or null.
    State* find(const HashedKey& key) noexcept {
        // Most packets belong to a flow that had one just before: its place is looked at, which
        // will be needed anyhow, instead of the whole table.
        Slot* const recent = recent_[key.hash % recent_.size()];
        const bool is_known = recent != nullptr && recent->state.in_use && recent->key == key;
        return is_known ? &recent->state : look_up(key);
    }

    /// Asks for the memory that `find` will look at, where this flow had a packet not long ago.
    void fetch(const HashedKey& key) const noexcept {
        const Slot* const recent = recent_[key.hash % recent_.size()];
        __builtin_prefetch(recent);
        __builtin_prefetch(reinterpret_cast<const std::uint8_t*>(recent) + cache_line);
    }

    /// A fresh state for a key that has none. `retire` is called with the state that has to go
    /// first, if the table is full.
    template <typename Retire>
    State& insert(const HashedKey& key, Retire&& retire) {
        const std::uint32_t place = free_place(retire);
        Slot& slot = slots_[place];
        slot.key = key;
        entries_.insert(entry_of(slot, place));
        slot.state.in_use = true;  // only now: there may be no memory for the entry
        return slot.state;
    }

    /// Forgets the state of a key, if there is one; references to it end.
    void erase(const HashedKey& key) {
        const auto entry = entries_.find(Sought{key, slots_});
        if (entry != entries_.end()) {
            release(entry->slot);
        }
    }

    /// Calls `visit` with every state.
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (Slot& slot : slots_) {  // NOLINT(misc-const-correctness): `visit` may change it
            if (slot.state.in_use) {
                visit(slot.state);
            }
        }
    }

    /// Looks at the next `count` places, round and round, and erases every state for which
    /// `is_over` is true; `retire` is called with it before.
    template <typename Predicate, typename Retire>
    void sweep(std::size_t count, Predicate&& is_over, Retire&& retire) {
        for (std::size_t i = 0; i < count && i < slots_.size(); ++i) {
            broom_ = after(broom_);
            Slot& slot = slots_[broom_];
            if (slot.state.in_use && is_over(std::as_const(slot.state))) {
                retire(slot.state);
                release(broom_);
            }
        }
    }
    /// Forgets everything and gives its memory back.
    void clear() {
        base::give_back(free_);
        base::give_back(entries_);
        base::give_back(slots_);
        recent_.fill(nullptr);
        ++removals_;
    }
    /// Places for states, used or not: what `sweep` goes round.
    [[nodiscard]] std::size_t places() const noexcept { return slots_.size(); }

    /// Grows whenever a state goes: while it stays, what `find` found is still there.
    [[nodiscard]] std::uint64_t removals() const noexcept { return removals_; }
    /// States that exist now.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    /// States that had to go to make room, since the start.
    [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

  private:
    struct Slot {
        HashedKey key;
        State state;
    };
    /// Blocks of 2 MB or a little less.
    using Slots = boost::container::deque<
        Slot, base::OwnPages<Slot>,
        boost::container::deque_options_t<boost::container::block_bytes<(std::size_t{2} << 20U)>>>;
    /// Eight octets for a state, whose key stands in its slot: what grows by doubling is small.
    struct Entry {
        std::uint32_t hash = 0;  ///< half of the key's
        std::uint32_t slot = 0;
    };
    struct Sought {
        const HashedKey& key;
        const Slots& slots;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Entry& entry) const noexcept { return entry.hash; }
        std::size_t operator()(const Sought& sought) const noexcept { return half(sought.key); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Entry& a, const Entry& b) const noexcept { return a.slot == b.slot; }
        bool operator()(const Sought& sought, const Entry& entry) const noexcept {
            return sought.slots[entry.slot].key == sought.key;
        }
        bool operator()(const Entry& entry, const Sought& sought) const noexcept {
            return (*this)(sought, entry);
        }
    };
    struct Victim {
        std::uint32_t place = 0;
        base::Timestamp idle;  ///< since when
    };
    static constexpr std::size_t cache_line = 64;
    static constexpr std::size_t sample = 128;
    static constexpr std::size_t most_victims = 32;
    using Victims = boost::container::static_vector<Victim, sample>;

    [[gnu::noinline]] State* look_up(const HashedKey& key) noexcept {
        const auto entry = entries_.find(Sought{key, slots_});
        if (entry == entries_.end()) {
            return nullptr;
        }
        Slot& slot = slots_[entry->slot];
        recent_[key.hash % recent_.size()] = &slot;
        return &slot.state;
    }
    static std::uint32_t half(const HashedKey& key) noexcept {
        return static_cast<std::uint32_t>(key.hash);
    }
    static Entry entry_of(const Slot& slot, std::uint32_t place) noexcept {
        return {half(slot.key), place};
    }
    /// The next place, round and round.
    [[nodiscard]] std::uint32_t after(std::uint32_t place) const noexcept {
        return place + 1 < slots_.size() ? place + 1 : 0;
    }

    template <typename Retire>
    std::uint32_t free_place(Retire& retire) {
        if (free_.empty() && slots_.size() >= limit_) {
            evict(retire);
        }
        if (free_.empty()) {
            slots_.emplace_back();
            return static_cast<std::uint32_t>(slots_.size() - 1);
        }
        const std::uint32_t place = free_.back();
        free_.pop_back();
        return place;
    }

    /// Every place is taken when this is called. Of a large table several go at once: each of them
    /// lies somewhere else in memory, and together they are waited for once.
    template <typename Retire>
    void evict(Retire& retire) {
        const Victims victims = choose_victims();
        for (const Victim& victim : victims) {
            retire(slots_[victim.place].state);
        }
        for (const Victim& victim : victims) {
            entries_.erase(entry_of(slots_[victim.place], victim.place));
        }
        for (const Victim& victim : victims) {
            vacate(victim.place);
        }
        evicted_ += victims.size();
    }

    Victims choose_victims() {
        const std::size_t looked_at = std::min(sample, slots_.size());
        Victims victims;
        for (std::size_t i = 0; i < looked_at; ++i) {
            hand_ = after(hand_);
            victims.push_back({hand_, slots_[hand_].state.last_seen});
        }
        const std::size_t chosen = std::clamp<std::size_t>(slots_.size() / sample, 1, most_victims);
        std::ranges::partial_sort(victims, victims.begin() + static_cast<std::ptrdiff_t>(chosen),
                                  {}, &Victim::idle);
        victims.resize(chosen);
        return victims;
    }

    void release(std::uint32_t place) {
        entries_.erase(entry_of(slots_[place], place));
        vacate(place);
    }
    void vacate(std::uint32_t place) {
        slots_[place].state = State{};
        free_.push_back(place);
        ++removals_;
    }

    std::size_t limit_;
    boost::unordered_flat_set<Entry, Hash, Equal, base::OwnPages<Entry>> entries_;
    Slots slots_;
    std::vector<std::uint32_t> free_;
    std::uint32_t hand_ = 0;   ///< of the eviction
    std::uint32_t broom_ = 0;  ///< of the sweep
    std::uint64_t evicted_ = 0;
    std::uint64_t removals_ = 0;
    std::array<Slot*, 8'192> recent_{};  ///< by the hash of their key
};

}  // namespace turnpike::flow
