// Places for facts in the lists of an observation, and what the facts weigh.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "turnpike/facts/kinds.h"

namespace turnpike::inspect {

/// Which places of a list are free, and the number of its rows so far. Places become free where
/// facts are harvested, or given up to stay within the memory bound.
struct FreeSlots {
    std::vector<std::uint32_t> free;
    std::uint64_t rows = 0;
};

/// A new row and its place in its list.
template <typename Row>
struct Added {
    std::uint32_t index;
    Row& row;
};

/// Gives rows of the kinds of `List` their places and ids. A free place holds a row without an id.
template <typename List>
class RowSlots {
  public:
    /// Rows there are.
    template <typename Kind>
    [[nodiscard]] std::size_t count(const auto& observation) const noexcept {
        return Kind::rows(observation).size() - slots_.template of<Kind>().free.size();
    }
    /// A new row with its id, in a place that is free or at the end.
    template <typename Kind>
    Added<typename Kind::Row> add(auto& observation) {
        auto& rows = Kind::rows(observation);
        FreeSlots& slots = slots_.template of<Kind>();
        const bool at_end = slots.free.empty();
        const auto index = at_end ? static_cast<std::uint32_t>(rows.size()) : slots.free.back();
        auto& row = at_end ? rows.emplace_back() : rows[index];
        if (!at_end) {
            slots.free.pop_back();
        }
        row.id = ++slots.rows;
        weight_ += Kind::weight(row);
        return {index, row};
    }
    /// Takes the row out; its place may be taken by another.
    template <typename Kind>
    typename Kind::Row take(auto& observation, std::uint32_t index) {
        auto& row = Kind::rows(observation)[index];
        weight_ -= Kind::weight(row);
        slots_.template of<Kind>().free.push_back(index);
        return std::exchange(row, {});
    }
    /// Octets that all rows weigh. One that changes must be brought up to date by `reweigh`.
    [[nodiscard]] std::size_t weight() const noexcept { return weight_; }
    void reweigh(std::size_t before, std::size_t now) noexcept { weight_ = weight_ - before + now; }

  private:
    template <typename Kind>
    using Slots = FreeSlots;
    facts::EachKind<Slots, List> slots_;
    std::size_t weight_ = 0;
};

}  // namespace turnpike::inspect
