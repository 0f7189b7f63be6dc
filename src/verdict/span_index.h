// Finds what happened near a time among what shares a key: n entries and m questions cost n log n +
// m log n, whatever an enemy sends.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

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
    void want(const Key& key) { groups_[Fingerprint{}(key)]; }
    void add(const Key& key, base::Timestamp from, base::Timestamp to, Owner owner, Item item) {
        if (const auto group = groups_.find(Fingerprint{}(key)); group != groups_.end()) {
            group->second.push_back({from, to, owner, item});
        }
    }
    void prepare() {
        for (auto& [fingerprint, spans] : groups_) {
            prepare(spans);
        }
    }
    /// An item of the key whose span touches [from, to]. `not_of`: of another owner.
    [[nodiscard]] std::optional<Item> find(const Key& key, base::Timestamp from, base::Timestamp to,
                                           std::optional<Owner> not_of = {}) const {
        const auto group = groups_.find(Fingerprint{}(key));
        if (group == groups_.end()) {
            return std::nullopt;
        }
        const auto& spans = group->second;
        const auto behind = std::ranges::upper_bound(spans, to, {}, &Span::from);
        if (behind == spans.begin()) {
            return std::nullopt;
        }
        const Span& last = *std::prev(behind);
        const bool of_another = spans[last.latest].owner != not_of;
        const std::uint32_t place = of_another ? last.latest : last.other;
        if (place == nothing || spans[place].to < from) {
            return std::nullopt;
        }
        return spans[place].item;
    }

  private:
    /// Ordered by beginning; `latest` is the one with the latest end of all up to this one, `other`
    /// the latest of another owner than that: places in the group.
    struct Span {
        base::Timestamp from;
        base::Timestamp to;
        Owner owner = 0;
        Item item = 0;
        std::uint32_t latest = nothing;
        std::uint32_t other = nothing;
    };
    static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();

    static void prepare(std::vector<Span>& spans) {
        // What is added in the order of a capture is sorted already.
        if (!std::ranges::is_sorted(spans, {}, &Span::from)) {
            std::ranges::stable_sort(spans, {}, &Span::from);
        }
        std::uint32_t latest = nothing;
        std::uint32_t other = nothing;
        for (std::uint32_t i = 0; i < spans.size(); ++i) {
            const auto ends_after = [&](std::uint32_t place) {
                return place == nothing || spans[i].to > spans[place].to;
            };
            if (latest != nothing && spans[i].owner == spans[latest].owner) {
                latest = ends_after(latest) ? i : latest;
            } else if (ends_after(latest)) {
                other = std::exchange(latest, i);
            } else if (ends_after(other)) {
                other = i;
            }
            spans[i].latest = latest;
            spans[i].other = other;
        }
    }

    boost::unordered_flat_map<std::uint64_t, std::vector<Span>> groups_;  ///< by fingerprint
};

}  // namespace turnpike::verdict
