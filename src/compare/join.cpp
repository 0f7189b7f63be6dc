// Finds pairs of packets, and lets them vote on which flow is which.
#include "compare/join.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "turnpike/base/keyed_hash.h"

namespace turnpike::compare {
namespace {

using std::chrono::seconds;

/// Packets of one flow in the two captures are so near, once the clocks are set.
constexpr base::Duration nearness = seconds{5};
/// Two connections, one in place of the other, begin so near.
constexpr base::Duration replaced_within = seconds{2};
/// What so many packets share tells none of them apart.
constexpr std::size_t too_common = 32;
/// Payload that is worth comparing without a sequence number.
constexpr std::uint32_t telling_length = 16;

/// Something by which a packet of one capture is found in the other.
struct Clue {
    std::uint64_t key = 0;
    std::uint64_t packet = 0;  ///< which one of the capture: a packet may have several clues
    base::Timestamp time;
    std::uint32_t flow = 0;
    std::uint8_t hop_limit = 0;
    bool from_client = false;
};

enum class Kind : std::uint64_t { syn, segment, stream_content, datagram };

std::uint64_t key_of(Kind kind, std::uint64_t a, std::uint64_t b = 0) noexcept {
    return base::HashKey::of_process().words(
        std::array{static_cast<std::uint64_t>(kind), a, b, std::uint64_t{0}});
}

/// Every clue of a capture, sorted by key. Segments are told by sequence number and by content
/// alone: some firewalls number connections anew.
std::vector<Clue> clues_of(const Side& side) {
    std::vector<Clue> clues;
    std::uint64_t packet = 0;
    for (std::uint32_t i = 0; i < side.observation.flows.size(); ++i) {
        const bool tcp = side.observation.flows[i].transport == facts::Transport::tcp;
        for (const auto& sighting : side.packets.of_flow(i)) {
            ++packet;
            const auto add = [&](std::uint64_t key) {
                clues.push_back({key, packet, sighting.time, i, sighting.hop_limit,
                                 side.packets.from_client(i, sighting)});
            };
            if (!tcp && sighting.length > 0) {
                add(key_of(Kind::datagram, sighting.content));
            }
            if (tcp && (sighting.flags & wire::tcp_flag::syn) != 0) {
                add(key_of(Kind::syn, sighting.sequence, sighting.flags));
            }
            if (tcp && sighting.length > 0) {
                add(key_of(Kind::segment, sighting.content, sighting.sequence));
            }
            if (tcp && sighting.length >= telling_length) {
                add(key_of(Kind::stream_content, sighting.content));
            }
        }
    }
    std::ranges::sort(clues, {}, &Clue::key);
    return clues;
}

/// Calls `visit(inner, outer)` with the clues of each key that both captures have.
template <typename Visit>
void each_common(std::span<const Clue> inside, std::span<const Clue> outside, Visit visit) {
    auto a = inside.begin();
    auto b = outside.begin();
    while (a != inside.end() && b != outside.end()) {
        if (a->key != b->key) {
            ++(a->key < b->key ? a : b);
            continue;
        }
        const auto key = a->key;
        const auto of_key = [key](const Clue& clue) { return clue.key == key; };
        const auto a_end = std::find_if_not(a, inside.end(), of_key);
        const auto b_end = std::find_if_not(b, outside.end(), of_key);
        if (std::max(a_end - a, b_end - b) <= static_cast<std::ptrdiff_t>(too_common)) {
            visit(std::span(a, a_end), std::span(b, b_end));
        }
        a = a_end;
        b = b_end;
    }
}

/// How much speaks for each pair of flows.
class Votes {
  public:
    void add(std::uint32_t inner, std::uint32_t outer, double weight) {
        votes_[(std::uint64_t{outer} << 32U) | inner] += weight;
    }
    /// The best inner flow of each outer one that has any.
    [[nodiscard]] boost::unordered_flat_map<std::uint32_t, std::uint32_t> best() const {
        boost::unordered_flat_map<std::uint32_t, std::pair<double, std::uint32_t>> found;
        for (const auto& [pair, weight] : votes_) {
            const auto inner = static_cast<std::uint32_t>(pair);
            auto& best = found[static_cast<std::uint32_t>(pair >> 32U)];
            // Among equals the earlier flow, so that nothing depends on the order of the table.
            if (weight > best.first || (weight == best.first && inner < best.second)) {
                best = {weight, inner};
            }
        }
        boost::unordered_flat_map<std::uint32_t, std::uint32_t> result;
        for (const auto& [outer, best] : found) {
            result.emplace(outer, best.second);
        }
        return result;
    }

  private:
    boost::unordered_flat_map<std::uint64_t, double> votes_;
};

Votes count_votes(const Side& inside, const Side& outside, const Clock& clock) {
    Votes votes;
    const auto same_server = [&](std::uint32_t inner, std::uint32_t outer) {
        return inside.observation.flows[inner].server().endpoint ==
               outside.observation.flows[outer].server().endpoint;
    };
    each_common(clues_of(inside), clues_of(outside),
                [&](std::span<const Clue> inner, std::span<const Clue> outer) {
                    const double weight = 1.0 / static_cast<double>(inner.size() * outer.size());
                    for (const auto& a : inner) {
                        for (const auto& b : outer) {
                            if (std::chrono::abs(clock.inside(b.time) - a.time) <= nearness) {
                                // A client may say the same to two servers at once.
                                votes.add(a.flow, b.flow,
                                          same_server(a.flow, b.flow) ? 2 * weight : weight);
                            }
                        }
                    }
                });
    return votes;
}

/// The two flows lead to the same place, and something says that one stands for the other.
bool stands_for(const facts::Flow& inner, const facts::Flow& outer) {
    if (inner.transport != outer.transport || inner.server().endpoint != outer.server().endpoint) {
        return false;
    }
    const bool same_name = !inner.server_name->empty() && *inner.server_name == *outer.server_name;
    return inner.client().address() == outer.client().address() ||
           inner.client().port() == outer.client().port() || same_name;
}

/// Joins what shares no packet: a connection that something in between ended and opened anew.
class Replacements {
  public:
    Replacements(const Side& outside, const std::vector<bool>& taken) : outside_(outside) {
        for (std::uint32_t i = 0; i < taken.size(); ++i) {
            if (!taken[i]) {
                free_[outside.observation.flows[i].server().endpoint].push_back(i);
            }
        }
    }
    /// Takes the free outer flow that stands for the inner one and begins nearest to it.
    std::optional<std::uint32_t> take(const facts::Flow& inner, const Clock& clock) {
        const auto found = free_.find(inner.server().endpoint);
        if (found == free_.end()) {
            return std::nullopt;
        }
        const auto distance = [&](std::uint32_t i) {
            return std::chrono::abs(clock.inside(outside_.observation.flows[i].first_seen()) -
                                    inner.first_seen());
        };
        std::optional<std::uint32_t> best;
        for (const auto i : found->second) {
            const bool fits =
                distance(i) <= replaced_within && stands_for(inner, outside_.observation.flows[i]);
            if (fits && (!best || distance(i) < distance(*best))) {
                best = i;
            }
        }
        if (best) {
            std::erase(found->second, *best);
        }
        return best;
    }

  private:
    const Side& outside_;
    boost::unordered_flat_map<base::Endpoint, std::vector<std::uint32_t>, std::hash<base::Endpoint>>
        free_;
};

}  // namespace

std::uint64_t Join::joined() const noexcept {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(outer, [](const auto& flows) { return !flows.empty(); }));
}

std::vector<Pair> find_pairs(const Side& inside, const Side& outside) {
    std::vector<std::pair<std::uint64_t, Pair>> found;  // with the inner packet
    each_common(clues_of(inside), clues_of(outside),
                [&](std::span<const Clue> inner, std::span<const Clue> outer) {
                    if (inner.size() == 1 && outer.size() == 1) {
                        const auto& a = inner.front();
                        const auto& b = outer.front();
                        found.push_back({a.packet,
                                         {a.time, b.time, a.from_client,
                                          static_cast<int>(a.hop_limit) - b.hop_limit}});
                    }
                });
    // Whoever stands out by its number and by its content is one packet all the same.
    std::ranges::sort(found, [](const auto& a, const auto& b) {
        return std::tie(a.first, a.second.outside) < std::tie(b.first, b.second.outside);
    });
    const auto again = std::ranges::unique(found, {}, &std::pair<std::uint64_t, Pair>::first);
    found.erase(again.begin(), again.end());
    std::vector<Pair> pairs;
    pairs.reserve(found.size());
    for (const auto& [packet, pair] : found) {
        pairs.push_back(pair);
    }
    return pairs;
}

Join join(const Side& inside, const Side& outside, const Clock& clock) {
    const auto& inner_flows = inside.observation.flows;
    const auto& outer_flows = outside.observation.flows;
    Join result;
    result.outer.resize(inner_flows.size());
    std::vector<bool> taken(outer_flows.size());
    for (const auto& [outer, inner] : count_votes(inside, outside, clock).best()) {
        result.outer[inner].push_back(outer);
        taken[outer] = true;
    }
    Replacements replacements(outside, taken);
    for (std::uint32_t i = 0; i < inner_flows.size(); ++i) {
        auto& own = result.outer[i];
        if (own.empty()) {
            if (const auto other = replacements.take(inner_flows[i], clock)) {
                own.push_back(*other);
                taken[*other] = true;
            }
        }
        std::ranges::sort(own, {}, [&](std::uint32_t o) { return outer_flows[o].first_seen(); });
    }
    result.only_outside = static_cast<std::uint64_t>(std::ranges::count(taken, false));
    return result;
}

}  // namespace turnpike::compare
