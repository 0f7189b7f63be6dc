// Finds what happened near a time among what shares a key: n entries and m questions cost n log n +
// m log n, whatever an enemy sends.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "turnpike/base/time.h"

namespace turnpike::verdict {

/// Spans of time by key. Each has an owner, so that questions can ask for somebody else's.
/// `prepare` has to be called between the last `add` and the first `find`.
template <typename Key, typename Hash = std::hash<Key>>
class SpanIndex {
  public:
    using Owner = std::uint64_t;
    using Item = std::uint32_t;

    /// Only keys that were wanted are remembered.
    void want(const Key& key) { groups_[key]; }
    void add(const Key& key, base::Timestamp from, base::Timestamp to, Owner owner, Item item) {
        if (const auto group = groups_.find(key); group != groups_.end()) {
            group->second.push_back({from, {to, owner, item}, {}});
        }
    }
    void prepare() {
        for (auto& [key, spans] : groups_) {
            prepare(spans);
        }
    }
    /// An item of the key whose span touches [from, to]. `not_of`: of another owner.
    [[nodiscard]] std::optional<Item> find(const Key& key, base::Timestamp from, base::Timestamp to,
                                           std::optional<Owner> not_of = {}) const {
        const auto group = groups_.find(key);
        if (group == groups_.end()) {
            return std::nullopt;
        }
        const auto& spans = group->second;
        const auto behind = std::ranges::upper_bound(spans, to, {}, &Span::from);
        if (behind == spans.begin()) {
            return std::nullopt;
        }
        const auto& latest = *std::prev(behind);
        const End& end = latest.end.owner == not_of ? latest.other : latest.end;
        const bool found = end.item != nothing && end.to >= from && end.owner != not_of;
        return found ? std::optional{end.item} : std::nullopt;
    }

  private:
    static constexpr Item nothing = std::numeric_limits<Item>::max();
    struct End {
        base::Timestamp to;
        Owner owner = 0;
        Item item = nothing;
    };
    /// Ordered by beginning; `end` is the latest of all spans up to this one, `other` the latest of
    /// another owner than that.
    struct Span {
        base::Timestamp from;
        End end;
        End other;
    };

    static bool is_later(const End& a, const End& b) {
        return a.item != nothing && (b.item == nothing || a.to > b.to);
    }
    static void prepare(std::vector<Span>& spans) {
        std::ranges::stable_sort(spans, {}, &Span::from);
        for (std::size_t i = 1; i < spans.size(); ++i) {
            const Span& before = spans[i - 1];
            const End mine = spans[i].end;
            End best = before.end;
            End second = before.other;
            if (mine.owner == best.owner) {
                best = is_later(mine, best) ? mine : best;
            } else if (is_later(mine, best)) {
                second = best;
                best = mine;
            } else if (is_later(mine, second)) {
                second = mine;
            }
            spans[i].end = best;
            spans[i].other = second;
        }
    }

    boost::unordered_flat_map<Key, std::vector<Span>, Hash> groups_;
};

}  // namespace turnpike::verdict
