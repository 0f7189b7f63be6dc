// Weighs flows and queries, and chooses the oldest that no verdict on a vendor needs.
#include "expendable.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <string_view>
#include <utility>

#include "turnpike/base/beside.h"
#include "turnpike/facts/kinds.h"

namespace turnpike::inspect {
namespace {

bool was_understood(const facts::Flow& flow) noexcept {
    return flow.protocol != facts::Protocol::unknown || !flow.server_name->empty() ||
           flow.encrypted_dns || flow.tls.present() || flow.rare->http.present() ||
           flow.rare->proxy.present() || flow.stun.present() || flow.media.present() ||
           flow.rare->dtls.present() || flow.rare->quic.present();
}

bool has_rows(const facts::Flow& flow) noexcept {
    return !flow.rare->icmp.empty() || !flow.rare->transactions.empty() ||
           !flow.rare->streams.empty();
}

/// The indexes of a list in the order of ids, and behind them those of what has none.
template <typename List>
std::vector<std::uint32_t> in_order(const List& list) {
    // Sorted without looking at the list again: what is in it lies far apart.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;  // id and index
    order.reserve(list.size());
    std::vector<std::uint32_t> gaps;
    for (std::uint32_t index = 0; index < list.size(); ++index) {
        if (const auto id = list[index].id; id != 0) {
            order.emplace_back(id, index);
        } else {
            gaps.push_back(index);
        }
    }
    std::ranges::sort(order);
    std::vector<std::uint32_t> indexes;
    indexes.reserve(list.size());
    std::ranges::transform(order, std::back_inserter(indexes),
                           [](auto& pair) { return pair.second; });
    indexes.insert(indexes.end(), gaps.begin(), gaps.end());
    return indexes;
}

template <typename Row>
void fetch(const Row& row) noexcept {
    constexpr std::size_t line = 64;
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(&row);
    for (std::size_t at = 0; at < sizeof(Row); at += line) {
        __builtin_prefetch(octets + at);
    }
}

/// Moves `list[from[i]]` to `list[i]`. There is no room for a second list: each gap that a move
/// leaves is filled by the next, and the last by what was moved first.
template <typename List>
void permute(List& list, std::vector<std::uint32_t> from) {
    for (std::uint32_t first = 0; first < from.size(); ++first) {
        if (from[first] == first) {
            continue;
        }
        auto displaced = std::move(list[first]);
        std::uint32_t gap = first;
        while (from[gap] != first) {
            const std::uint32_t next = from[gap];
            fetch(list[from[next]]);
            list[gap] = std::move(list[next]);
            from[gap] = gap;
            gap = next;
        }
        list[gap] = std::move(displaced);
        from[gap] = gap;
    }
}

/// Moves everything to its place, and drops what has no id; where each element went.
template <typename List>
std::vector<std::uint32_t> close_gaps_of(List& list) {
    const auto indexes = in_order(list);
    std::vector<std::uint32_t> places(list.size());
    for (std::uint32_t place = 0; place < indexes.size(); ++place) {
        places[indexes[place]] = place;
    }
    permute(list, indexes);
    while (!list.empty() && list.back().id == 0) {
        list.pop_back();
    }
    return places;
}

/// Where each row of a kind went.
template <typename Kind>
using PlacesOf = std::vector<std::uint32_t>;
using RowPlaces = facts::EachKind<PlacesOf>;

RowPlaces close_gaps_of_rows(facts::Observation& observation) {
    RowPlaces places;
    places.for_each([&observation]<typename Kind>(Kind, auto& of_kind) {
        of_kind = close_gaps_of(Kind::rows(observation));
    });
    return places;
}

void tell_rows_of_flows(facts::Observation& observation, const std::vector<std::uint32_t>& flows) {
    facts::for_each_kind(facts::RowKinds{}, [&]<typename Kind>(Kind) {
        for (auto& row : Kind::rows(observation)) {
            row.flow = flows[row.flow];
        }
    });
}

void tell_flows_of_rows(facts::Observation& observation, const RowPlaces& rows) {
    for (auto& flow : observation.flows) {
        if (!flow.rare.present()) {
            continue;
        }
        rows.for_each([&flow]<typename Kind>(Kind, const auto& places) {
            if constexpr (facts::is_listed_by_flow<Kind>) {
                for (auto& row : Kind::of_flow(flow.rare.make())) {
                    row = places[row];
                }
            }
        });
    }
}

}  // namespace

Expendable::Expendable(const facts::Observation& observation, const Options& options)
    : observation_(observation),
      options_(options),
      vendors_query_(observation.dns.size()),
      vendors_flow_(observation.flows.size()),
      weights_(observation.flows.size()),
      ranks_(observation.flows.size()) {
    find_names();
}

void Expendable::find_names() {
    const auto is_vendors = [&](std::string_view name) {
        return options_.is_vendors_name && options_.is_vendors_name(name);
    };
    for (std::size_t i = 0; i < observation_.dns.size(); ++i) {
        const auto& query = observation_.dns[i];
        if (query.id == 0) {
            continue;
        }
        vendors_query_[i] = query.any_name(is_vendors);
        if (!vendors_query_[i]) {
            continue;
        }
        clients_.insert(query.client);
        vendors_flow_[query.flow] = true;
        for (const auto& answer : query.answers) {
            if (answer.address) {
                servers_.insert(answer.address);
            }
        }
    }
}

// Weighed on the way: flows lie far apart, and every pass over them waits for memory.
void Expendable::look_at_flows() {
    for (std::size_t i = 0; i < observation_.flows.size(); ++i) {
        const auto& flow = observation_.flows[i];
        if (flow.id == 0) {
            continue;
        }
        weights_[i] = facts::FlowKind::weight(flow);
        const bool in_network =
            options_.is_server && (options_.is_server(flow.server().address()) ||
                                   options_.is_server(flow.client().address()));
        const bool has_name = !flow.server_name->empty() && options_.is_vendors_name &&
                              options_.is_vendors_name(*flow.server_name);
        vendors_flow_[i] = vendors_flow_[i] || in_network || has_name ||
                           servers_.contains(flow.server().address()) ||
                           servers_.contains(flow.client().address());
        if (vendors_flow_[i]) {
            clients_.insert(flow.client().address());
        }
    }
}

void Expendable::weigh_rows() {
    facts::for_each_kind(facts::RowKinds{}, [this]<typename Kind>(Kind) {
        if (Kind::outlives_flow) {
            return;  // they are given up by themselves
        }
        for (const auto& row : Kind::rows(observation_)) {
            if (row.id != 0) {
                weights_[row.flow] += Kind::weight(row);
            }
        }
    });
}

Expendable::Rank Expendable::rank_of(std::size_t index) const {
    const auto& flow = observation_.flows[index];
    if (flow.id == 0 || vendors_flow_[index] || clients_.contains(flow.client().address()) ||
        clients_.contains(flow.server().address())) {
        return Rank::kept;
    }
    if (flow.server().packets > 0 && flow.client().packets > 0) {
        return Rank::answered;
    }
    if (was_understood(flow) || has_rows(flow)) {
        return Rank::one_sided;
    }
    return Rank::nobody_answered;
}

void Expendable::choose_unanswered(std::size_t& excess, GivenUp& given_up) {
    for (std::size_t i = 0; i < ranks_.size() && excess > 0; ++i) {
        ranks_[i] = rank_of(i);
        choose_flow(i, Rank::nobody_answered, excess, given_up);
    }
}

void Expendable::choose_flows(Rank rank, std::size_t& excess, GivenUp& given_up) const {
    for (std::size_t i = 0; i < ranks_.size() && excess > 0; ++i) {
        choose_flow(i, rank, excess, given_up);
    }
}

void Expendable::choose_flow(std::size_t index, Rank rank, std::size_t& excess,
                             GivenUp& given_up) const {
    if (ranks_[index] == rank) {
        given_up.flows[index] = true;
        ++given_up.flows_count;
        excess -= std::min(excess, weights_[index]);
    }
}

void Expendable::choose_queries(std::size_t& excess, GivenUp& given_up) const {
    for (std::size_t i = 0; i < observation_.dns.size() && excess > 0; ++i) {
        const auto& query = observation_.dns[i];
        if (query.id != 0 && !vendors_query_[i]) {
            given_up.queries[i] = true;
            ++given_up.queries_count;
            excess -= std::min(excess, facts::DnsKind::weight(query));
        }
    }
}

Expendable::GivenUp Expendable::choose_queries(std::size_t excess) const {
    GivenUp given_up{std::vector<bool>(observation_.flows.size()),
                     std::vector<bool>(observation_.dns.size())};
    choose_queries(excess, given_up);
    return given_up;
}

Expendable::GivenUp Expendable::choose(std::size_t excess) {
    look_at_flows();
    weigh_rows();
    GivenUp given_up{std::vector<bool>(observation_.flows.size()),
                     std::vector<bool>(observation_.dns.size())};
    choose_unanswered(excess, given_up);
    choose_queries(excess, given_up);
    choose_flows(Rank::one_sided, excess, given_up);
    choose_flows(Rank::answered, excess, given_up);
    return given_up;
}

// Flows and rows are lists of their own, far larger than a cache: two threads wait for half as
// long.
void close_gaps(facts::Observation& observation) {
    auto moving_rows =
        std::async(base::beside, [&observation] { return close_gaps_of_rows(observation); });
    const auto flows = close_gaps_of(observation.flows);
    const RowPlaces rows = moving_rows.get();
    auto telling_rows = std::async(base::beside, [&] { tell_rows_of_flows(observation, flows); });
    tell_flows_of_rows(observation, rows);
    telling_rows.get();
}

}  // namespace turnpike::inspect
