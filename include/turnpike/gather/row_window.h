// Rows of one kind in the window of a live run: merged by time from what the workers hand over,
// with ids of the run.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "turnpike/facts/kinds.h"
#include "turnpike/inspect/harvest.h"

namespace turnpike::gather {

/// The flow of a row that outlived it.
inline constexpr std::uint32_t no_flow = UINT32_MAX;

/// What is known of the elements of one list beside the facts themselves, by index.
struct WindowList {
    std::vector<std::uint64_t> key;                                 ///< worker and the worker's id
    std::vector<bool> changed;                                      ///< since the last commit
    std::vector<bool> told;                                         ///< see Window::restart
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> index;  ///< by key
    std::uint64_t last_id = 0;

    /// One number for an element that a worker knows by `id`: the worker's index stands in the
    /// upper 16 bits.
    static constexpr std::uint64_t key_of(std::size_t worker, std::uint64_t id) noexcept {
        return (std::uint64_t{worker} << 48U) | id;
    }
    /// An element at the end of the list.
    std::uint32_t add(std::uint64_t new_key);
    /// Drops what is not kept; everything else moves up.
    void keep(const std::vector<bool>& kept);
    /// The elements that are new or changed since the last commit, ascending.
    [[nodiscard]] std::vector<std::uint32_t> changed_indexes() const;
    /// Something new is known of it.
    void update(std::uint32_t place) {
        changed[place] = true;
        told[place] = false;
    }
    /// Ids start at 1 again, everything is new but what the run before told of (by index; empty:
    /// nothing).
    void restart(auto& elements, const std::vector<bool>& told_before) {
        last_id = 0;
        for (auto& element : elements) {
            element.id = ++last_id;
        }
        changed.assign(changed.size(), true);
        told = told_before;
        told.resize(changed.size());
    }
};

/// Keeps the rows of one kind of facts (facts/kinds.h) in step with an observation's list of them,
/// which the caller owns and passes in.
template <typename Kind>
class RowWindow {
  public:
    using Row = typename Kind::Row;

    /// Merges what the workers (by index) handed over. `flow_of(worker, id)` is the index of a
    /// worker's flow, or no_flow. What left before its flow did may be handed over once more when
    /// the flow ends; it is not taken in again.
    void accept(const std::vector<inspect::HarvestedRows<Kind>*>& workers, facts::Rows<Row>& rows,
                const auto& flow_of) {
        std::vector<Fresh> fresh;
        newest_.resize(std::max(newest_.size(), workers.size()));
        for (std::size_t worker = 0; worker < workers.size(); ++worker) {
            const std::uint64_t known_before = newest_[worker];
            for (auto& harvested : *workers[worker]) {
                newest_[worker] = std::max(newest_[worker], harvested.row.id);
                const std::uint64_t key = WindowList::key_of(worker, harvested.row.id);
                const std::uint32_t flow = flow_of(worker, harvested.flow);
                if (const auto known = list_.index.find(key); known != list_.index.end()) {
                    update(harvested.row, rows[known->second]);
                    list_.update(known->second);
                } else if (flow != no_flow && harvested.row.id > known_before) {
                    fresh.push_back({key, flow, &harvested.row});
                }
            }
        }
        std::ranges::stable_sort(fresh, {}, [](const Fresh& entry) {
            return std::tuple(Kind::appeared(*entry.row), entry.flow, entry.row->id);
        });
        for (const Fresh& entry : fresh) {
            add(entry, rows);
        }
    }

    /// Drops what `kept` (by index; empty: all) does not name, and what goes with its flow.
    /// `moved`: new indexes of flows by old ones.
    void drop(const std::vector<bool>& kept, const std::vector<std::uint32_t>& moved,
              facts::Rows<Row>& rows) {
        std::vector<bool> stays(rows.size());
        std::size_t next = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::uint32_t flow = rows[i].flow == no_flow ? no_flow : moved[rows[i].flow];
            stays[i] = (flow != no_flow || Kind::outlives_flow) && (kept.empty() || kept[i]);
            if (stays[i]) {
                rows[i].flow = flow;
                if (next != i) {
                    rows[next] = std::move(rows[i]);
                }
                ++next;
            }
        }
        rows.resize(next);
        list_.keep(stays);
    }

    /// Keys, ids and changes of the rows, by their index.
    [[nodiscard]] WindowList& list() noexcept { return list_; }
    /// The same to read.
    [[nodiscard]] const WindowList& list() const noexcept { return list_; }

  private:
    struct Fresh {
        std::uint64_t key = 0;
        std::uint32_t flow = 0;
        Row* row = nullptr;
    };

    void add(const Fresh& entry, facts::Rows<Row>& rows) {
        const auto known = list_.index.find(entry.key);
        if (known != list_.index.end()) {  // harvested more than once in a long round
            update(*entry.row, rows[known->second]);
            return;
        }
        list_.add(entry.key);
        Row& row = rows.emplace_back(std::move(*entry.row));
        row.id = ++list_.last_id;
        row.flow = entry.flow;
    }
    /// A row as it is now takes the place of what it was.
    static void update(Row& now, Row& row) {
        now.id = row.id;
        now.flow = row.flow;
        row = std::move(now);
    }

    WindowList list_;
    std::vector<std::uint64_t> newest_;  ///< by worker: the highest id that it handed over
};

}  // namespace turnpike::gather
