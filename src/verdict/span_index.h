// Finds what happened near a time among what shares a key: n entries and m questions cost n log n +
// m log n, whatever an enemy sends.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "turnpike/base/blocks.h"
#include "turnpike/base/time.h"

namespace turnpike::verdict {

/// Spans of time by key. Each has an owner, so that questions can ask for somebody else's.
/// `prepare` has to be called between the last `add` and the first `find`. Keys are not kept:
/// `Fingerprint` has to make different numbers of different ones.
template <typename Key, typename Fingerprint = std::hash<Key>>
class SpanIndex {
  public:
    using Owner = std::uint64_t;
    using Item = std::uint32_t;

    /// Only keys that were wanted are remembered.
    void want(const Key& key) {
        const auto next = static_cast<std::uint32_t>(groups_.size());
        if (numbers_.try_emplace(Fingerprint{}(key), next).second) {
            groups_.emplace_back();
        }
    }
    void add(const Key& key, base::Timestamp from, base::Timestamp to, Owner owner, Item item) {
        if (const auto number = numbers_.find(Fingerprint{}(key)); number != numbers_.end()) {
            spans_.push_back({from, to, owner, item, number->second});
            ++groups_[number->second].size;
        }
    }
    void prepare() {
        bring_together();
        for (const Group& group : groups_) {
            prepare(of(group));
        }
    }
    /// An item of the key whose span touches [from, to]. `not_of`: of another owner.
    [[nodiscard]] std::optional<Item> find(const Key& key, base::Timestamp from, base::Timestamp to,
                                           std::optional<Owner> not_of = {}) const {
        const auto number = numbers_.find(Fingerprint{}(key));
        if (number == numbers_.end()) {
            return std::nullopt;
        }
        const auto places = of(groups_[number->second]);
        const auto behind = std::ranges::upper_bound(places, to, {}, begin_at());
        if (behind == places.begin()) {
            return std::nullopt;
        }
        const Span& last = spans_[*std::prev(behind)];
        const bool of_another = spans_[last.latest].owner != not_of;
        const Place place = of_another ? last.latest : last.other;
        if (place == nothing || spans_[place].to < from) {
            return std::nullopt;
        }
        return spans_[place].item;
    }

  private:
    using Place = std::uint32_t;  ///< among the spans
    static constexpr Place nothing = std::numeric_limits<Place>::max();

    /// In a group they are ordered by beginning; `latest` is the one with the latest end of all up
    /// to this one, `other` the latest of another owner than that.
    struct Span {
        base::Timestamp from;
        base::Timestamp to;
        Owner owner = 0;
        Item item = 0;
        std::uint32_t group = 0;
        Place latest = nothing;
        Place other = nothing;
    };
    /// The spans of a key: a part of the order.
    struct Group {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };

    [[nodiscard]] std::span<Place> of(const Group& group) noexcept {
        return std::span(order_).subspan(group.begin, group.size);
    }
    [[nodiscard]] std::span<const Place> of(const Group& group) const noexcept {
        return std::span(order_).subspan(group.begin, group.size);
    }
    [[nodiscard]] auto begin_at() const noexcept {
        return [this](Place place) { return spans_[place].from; };
    }

    /// Orders by groups what was added to them in turn.
    void bring_together() {
        std::uint32_t begin = 0;
        for (Group& group : groups_) {
            group.begin = begin;
            begin += std::exchange(group.size, 0);
        }
        order_.resize(spans_.size());
        for (Place place = 0; place < spans_.size(); ++place) {
            Group& group = groups_[spans_[place].group];
            order_[group.begin + group.size++] = place;
        }
    }
    /// Those that begin at the same time stay in the order of their places. Sorted beside their
    /// times, for the spans lie far apart.
    void sort(std::span<Place> places) const {
        std::vector<std::pair<base::Timestamp, Place>> times;
        times.reserve(places.size());
        for (const Place place : places) {
            times.emplace_back(spans_[place].from, place);
        }
        std::ranges::sort(times);
        std::ranges::transform(times, places.begin(), [](const auto& time) { return time.second; });
    }
    void prepare(std::span<Place> places) {
        // What is added in the order of a capture is sorted already.
        if (!std::ranges::is_sorted(places, {}, begin_at())) {
            sort(places);
        }
        Place latest = nothing;
        Place other = nothing;
        for (const Place place : places) {
            Span& span = spans_[place];
            const auto ends_after = [&](Place earlier) {
                return earlier == nothing || span.to > spans_[earlier].to;
            };
            if (latest != nothing && span.owner == spans_[latest].owner) {
                latest = ends_after(latest) ? place : latest;
            } else if (ends_after(latest)) {
                other = std::exchange(latest, place);
            } else if (ends_after(other)) {
                other = place;
            }
            span.latest = latest;
            span.other = other;
        }
    }

    boost::unordered_flat_map<std::uint64_t, std::uint32_t> numbers_;  ///< of groups by fingerprint
    std::vector<Group> groups_;
    base::Blocks<Span> spans_;  ///< as they were added
    std::vector<Place> order_;  ///< group after group
};

}  // namespace turnpike::verdict
