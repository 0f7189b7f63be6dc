// Which state belongs to a 5-tuple: a bounded table with seeded hashes.
#pragma once

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "turnpike/base/time.h"
#include "turnpike/flow/flow_key.h"

namespace turnpike::flow {

/// Maps keys to states of type `State`, which must be default-constructible and resettable by
/// assignment. References to states stay valid until they are erased. When `limit` states exist,
/// a new one takes the place of one of those that were idle longest among a sample, so that no
/// order has to be kept per packet.
template <typename State>
class FlowTable {
  public:
    /// `limit`: states at one time. Takes memory as states come.
    explicit FlowTable(std::size_t limit) : limit_(limit) {}

    /// The state of a key, or null.
    State* find(const HashedKey& key) noexcept {
        // Most packets belong to a flow that had one just before: its place is looked at, which
        // will be needed anyhow, instead of the whole map.
        Slot*& recent = recent_[key.hash % recent_.size()];
        if (recent != nullptr && recent->used && recent->key == key) {
            return &recent->state;
        }
        const auto entry = map_.find(key);
        if (entry == map_.end()) {
            return nullptr;
        }
        recent = entry->second;
        return &recent->state;
    }

    /// A fresh state for a key that has none. `retire` is called with the state that has to go
    /// first, if the table is full.
    template <typename Retire>
    State& insert(const HashedKey& key, Retire&& retire) {
        Slot& slot = free_slot(retire);
        slot.key = key;
        slot.state = State{};
        map_.emplace(key, &slot);
        slot.used = true;  // only now: there may be no memory for the entry
        return slot.state;
    }

    /// Forgets the state of a key, if there is one; references to it end.
    void erase(const HashedKey& key) {
        const auto entry = map_.find(key);
        if (entry == map_.end()) {
            return;
        }
        release(*entry->second);
        map_.erase(entry);
    }

    /// Calls `visit` with every state.
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (Slot& slot : slots_) {  // NOLINT(misc-const-correctness): `visit` may change it
            if (slot.used) {
                visit(slot.state);
            }
        }
    }

    /// Looks at the next `count` places, round and round, and erases every state for which
    /// `is_over` is true; `retire` is called with it before.
    template <typename Predicate, typename Retire>
    void sweep(std::size_t count, Predicate&& is_over, Retire&& retire) {
        for (std::size_t i = 0; i < count && i < slots_.size(); ++i) {
            broom_ = broom_ + 1 < slots_.size() ? broom_ + 1 : 0;
            Slot& slot = slots_[broom_];
            if (slot.used && is_over(std::as_const(slot.state))) {
                retire(slot.state);
                map_.erase(slot.key);
                release(slot);
            }
        }
    }
    /// Forgets everything and gives its memory back.
    void clear() {
        victims_.clear();
        std::vector<Slot*>().swap(free_);
        decltype(map_)().swap(map_);
        std::deque<Slot>().swap(slots_);
        recent_.fill(nullptr);
        ++removals_;
    }
    /// Places for states, used or not: what `sweep` goes round.
    [[nodiscard]] std::size_t places() const noexcept { return slots_.size(); }

    /// Grows whenever a state goes: while it stays, what `find` found is still there.
    [[nodiscard]] std::uint64_t removals() const noexcept { return removals_; }
    /// States that exist now.
    [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
    /// States that had to go to make room, since the start.
    [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

  private:
    struct Slot {
        HashedKey key;
        bool used = false;
        State state;
    };
    struct Hash {
        using is_avalanching = void;
        std::size_t operator()(const HashedKey& key) const noexcept { return key.hash; }
    };
    struct Victim {
        Slot* slot = nullptr;
        base::Timestamp idle;  ///< since when
    };
    static constexpr std::size_t sample = 128;
    static constexpr std::size_t victims = 16;

    template <typename Retire>
    Slot& free_slot(Retire& retire) {
        if (free_.empty() && slots_.size() >= limit_) {
            evict(retire);
        }
        if (free_.empty()) {
            return slots_.emplace_back();
        }
        Slot& slot = *free_.back();
        free_.pop_back();
        return slot;
    }

    /// Every place is taken when this is called.
    template <typename Retire>
    void evict(Retire& retire) {
        while (victims_.empty() || victims_.back().slot->state.last_seen != victims_.back().idle) {
            if (victims_.empty()) {
                choose_victims();
            } else {
                victims_.pop_back();  // it spoke meanwhile, or is another flow by now
            }
        }
        Slot& oldest = *victims_.back().slot;
        victims_.pop_back();
        retire(oldest.state);
        map_.erase(oldest.key);
        release(oldest);
        ++evicted_;
    }

    /// Looking at one place costs a cache miss, so that several go after one look.
    void choose_victims() {
        for (std::size_t i = 0; i < sample && i < slots_.size(); ++i) {
            hand_ = hand_ + 1 < slots_.size() ? hand_ + 1 : 0;
            victims_.push_back({&slots_[hand_], slots_[hand_].state.last_seen});
        }
        const auto kept = std::min(victims_.size(), victims);
        std::ranges::partial_sort(victims_, victims_.begin() + static_cast<std::ptrdiff_t>(kept),
                                  {}, &Victim::idle);
        victims_.resize(kept);
        std::ranges::reverse(victims_);
    }

    void release(Slot& slot) {
        slot.used = false;
        slot.state = State{};
        free_.push_back(&slot);
        ++removals_;
    }

    std::size_t limit_;
    boost::unordered_flat_map<HashedKey, Slot*, Hash> map_;
    std::deque<Slot> slots_;
    std::vector<Slot*> free_;
    std::size_t hand_ = 0;         ///< of the eviction
    std::vector<Victim> victims_;  ///< the longest idle one last
    std::size_t broom_ = 0;        ///< of the sweep
    std::uint64_t evicted_ = 0;
    std::uint64_t removals_ = 0;
    std::array<Slot*, 8'192> recent_{};  ///< by the hash of their key
};

}  // namespace turnpike::flow
