// Which state belongs to a 5-tuple: a bounded table with seeded hashes.
#pragma once

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "turnpike/base/give_back.h"
#include "turnpike/base/time.h"
#include "turnpike/flow/flow_key.h"
#include "turnpike/flow/slot_index.h"
#include "turnpike/flow/slots.h"

namespace turnpike::flow {

/// Maps flows to states of type `State`, which must be default-constructible and resettable by
/// assignment, and have `last_seen`, a base::Timestamp, and `in_use`, a bool that is the table's.
/// References to states stay valid until they are erased. When `limit` states exist, a new one
/// takes the place of one that was idle longest among a sample, so that no order has to be kept per
/// packet; of a large table some of the longest idle ones go at a time.
template <typename State>
class FlowTable {
  public:
    /// A place of the table: a cache line, if the state is small enough.
    struct alignas(64) Slot {
        FlowHash flow = 0;
        State state;
    };

    /// `limit`: states at one time, below 2^32. Takes memory as states come.
    explicit FlowTable(std::size_t limit) : limit_(limit) {}

    /// The state of a flow, or null.
    State* find(FlowHash flow) noexcept {
        const auto place = place_of(flow);
        return place ? &slots_[*place].state : nullptr;
    }

    /// The same in three steps, the first two of which ask for memory that the next one will look
    /// at, so that several flows do not wait for each other.
    void fetch(FlowHash flow) const noexcept { index_.fetch(half(flow)); }
    /// The second: where the state is, if it is anywhere. Good until `clear`, whatever comes or
    /// goes.
    [[nodiscard]] Slot* guess(FlowHash flow) noexcept {
        const auto place = index_.find(half(flow), [](std::uint32_t) { return true; });
        if (!place) {
            return nullptr;
        }
        Slot* const slot = &slots_[*place];
        __builtin_prefetch(slot);
        return slot;
    }
    /// The third.
    State* find(FlowHash flow, Slot* guess) noexcept {
        const bool is_it = guess != nullptr && guess->state.in_use && guess->flow == flow;
        return is_it ? &guess->state : find(flow);
    }

    /// A fresh state for a flow that has none. `retire` is called with the state that has to go
    /// first, if the table is full.
    template <typename Retire>
    State& insert(FlowHash flow, Retire&& retire) {
        const std::uint32_t place = free_place(retire);
        Slot& slot = slots_[place];
        slot.flow = flow;
        index_.insert(half(flow), place);
        slot.state.in_use = true;  // only now: there may be no memory for the entry
        return slot.state;
    }

    /// Forgets the state of a flow, if there is one; references to it end.
    void erase(FlowHash flow) {
        const auto place = place_of(flow);
        if (place) {
            release(*place);
        }
    }

    /// Calls `visit` with every state.
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (std::uint32_t place = 0; place < slots_.size(); ++place) {
            if (State& state = slots_[place].state; state.in_use) {
                visit(state);
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
            if (broom_ + ahead < slots_.size()) {  // its entry lies somewhere else in memory
                index_.fetch(half(slots_[broom_ + ahead].flow));
            }
            if (slot.state.in_use && is_over(std::as_const(slot.state))) {
                retire(slot.state);
                release(broom_);
            }
        }
    }
    /// Forgets everything and gives its memory back.
    void clear() {
        base::give_back(free_);
        index_.clear();
        slots_.clear();
        ++removals_;
    }
    /// Places for states, used or not: what `sweep` goes round.
    [[nodiscard]] std::size_t places() const noexcept { return slots_.size(); }

    /// Grows whenever a state goes: while it stays, what `find` found is still there.
    [[nodiscard]] std::uint64_t removals() const noexcept { return removals_; }
    /// States that exist now.
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
    /// States that had to go to make room, since the start.
    [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

  private:
    struct Victim {
        std::uint32_t place = 0;
        base::Timestamp idle;  ///< since when
    };
    static constexpr std::uint32_t ahead = 16;
    static constexpr std::size_t sample = 128;
    static constexpr std::size_t most_victims = 32;
    using Victims = boost::container::static_vector<Victim, sample>;

    [[nodiscard]] std::optional<std::uint32_t> place_of(FlowHash flow) const {
        return index_.find(half(flow),
                           [&](std::uint32_t place) { return slots_[place].flow == flow; });
    }
    /// What the index knows of it.
    static std::uint32_t half(FlowHash flow) noexcept { return static_cast<std::uint32_t>(flow); }
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
            return slots_.add();
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
            index_.fetch(half(slots_[victim.place].flow));
            retire(slots_[victim.place].state);
        }
        for (const Victim& victim : victims) {
            release(victim.place);
        }
        evicted_ += victims.size();
    }

    Victims choose_victims() {
        const std::size_t looked_at = std::min<std::size_t>(sample, slots_.size());
        Victims victims;
        for (std::size_t i = 0; i < looked_at; ++i) {
            hand_ = after(hand_);
            victims.push_back({hand_, slots_[hand_].state.last_seen});
        }
        const std::size_t chosen = std::clamp<std::size_t>(slots_.size() / sample, 1, most_victims);
        std::ranges::nth_element(victims, victims.begin() + static_cast<std::ptrdiff_t>(chosen), {},
                                 &Victim::idle);
        victims.resize(chosen);
        return victims;
    }

    void release(std::uint32_t place) {
        index_.erase(half(slots_[place].flow), place);
        slots_[place].state = State{};
        free_.push_back(place);
        ++removals_;
    }

    std::size_t limit_;
    SlotIndex index_;
    Slots<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint32_t hand_ = 0;   ///< of the eviction
    std::uint32_t broom_ = 0;  ///< of the sweep
    std::uint64_t evicted_ = 0;
    std::uint64_t removals_ = 0;
};

}  // namespace turnpike::flow
