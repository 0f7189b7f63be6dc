// Compares two captures step by step: pairs, clock, flows, and each flow's packets.
#include "turnpike/compare/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "compare/account.h"
#include "compare/clock.h"
#include "compare/join.h"
#include "turnpike/base/error.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::compare {
namespace {

using base::Error;
using base::ExitStatus;

constexpr std::uint8_t ending_flags =
    wire::tcp_flag::fin | wire::tcp_flag::syn | wire::tcp_flag::rst;

std::string span_of(const facts::CaptureQuality& quality) {
    return fmt::format("{} to {}", base::format_iso8601(quality.first.time),
                       base::format_iso8601(quality.last.time));
}

[[noreturn]] void nothing_in_common(const facts::CaptureQuality& inside,
                                    const facts::CaptureQuality& outside) {
    const bool overlap =
        inside.first.time <= outside.last.time && outside.first.time <= inside.last.time;
    throw Error(ExitStatus::bad_input,
                overlap ? "no packet of the one is found in the other; record the same traffic on "
                          "both sides of the firewall, some of it let through (a look-up in the "
                          "DNS will do)"
                        : fmt::format("the captures do not overlap in time (inside {}, outside "
                                      "{}), and no packet of the one is found in the other; record "
                                      "both sides at the same time",
                                      span_of(inside), span_of(outside)));
}

/// A packet loses a hop at every router on its way: the hop counts tell which side is which.
void check_sides(std::span<const Pair> pairs) {
    std::int64_t right = 0;
    std::int64_t wrong = 0;
    for (const auto& pair : pairs) {
        const int lost = pair.outward ? pair.hops : -pair.hops;
        right += lost > 0 ? 1 : 0;
        wrong += lost < 0 ? 1 : 0;
    }
    if (wrong > right && 2 * wrong > static_cast<std::int64_t>(pairs.size())) {
        throw Error(ExitStatus::bad_input,
                    "the captures are the wrong way round: packets of the clients lose hops from "
                    "the second to the first; give the capture of the inside first");
    }
}

/// How the numbers of one direction of a connection differ outside from inside.
struct Renumbering {
    std::uint32_t out = 0;  ///< to be added to the client's sequence numbers of the inside
    std::uint32_t in = 0;   ///< and to the server's
};

/// The first number of a direction, from its SYN.
std::optional<std::uint32_t> origin_of(const Side& side, std::size_t flow, bool client) {
    for (const auto& sighting : side.packets.of_flow(flow)) {
        if ((sighting.flags & wire::tcp_flag::syn) != 0 &&
            side.packets.from_client(flow, sighting) == client) {
            return sighting.sequence;
        }
    }
    return std::nullopt;
}

std::uint32_t renumbered(const Side& inside, std::size_t inner, const Side& outside,
                         std::size_t outer, bool client) {
    const auto here = origin_of(inside, inner, client);
    const auto there = origin_of(outside, outer, client);
    return here && there ? *there - *here : 0;
}

class Accountant {
  public:
    Accountant(const Side& inside, const Side& outside, const Clock& clock)
        : inside_(inside),
          outside_(outside),
          clock_(clock),
          inner_recording_(inside.observation.quality, nullptr),
          outer_recording_(outside.observation.quality, &clock) {}

    [[nodiscard]] facts::Crossing account(std::uint32_t inner,
                                          const std::vector<std::uint32_t>& outer) const;

  private:
    void add_inner(std::uint32_t flow, Lane& out, Lane& in) const;
    void add_outer(std::uint32_t flow, const Renumbering& numbers, bool swapped, Lane& out,
                   Lane& in) const;
    static Step step(const Sighting& sighting, base::Timestamp time, bool tcp,
                     const Renumbering& numbers, bool from_client);
    /// The outer capture saw the far side as the client.
    [[nodiscard]] bool swapped(std::uint32_t inner, std::uint32_t outer) const;
    void map(std::uint32_t inner, const std::vector<std::uint32_t>& outer,
             facts::Crossing& crossing) const;
    void match_icmp(const facts::Flow& flow, const std::vector<std::uint32_t>& outer,
                    facts::Crossing& crossing) const;
    void look_for_target(const facts::Flow& flow, facts::Crossing& crossing) const;
    void compare_certificates(const facts::Flow& flow, const std::vector<std::uint32_t>& outer,
                              facts::Crossing& crossing) const;

    const Side& inside_;
    const Side& outside_;
    const Clock& clock_;
    Recording inner_recording_;
    Recording outer_recording_;
};

Step Accountant::step(const Sighting& sighting, base::Timestamp time, bool tcp,
                      const Renumbering& numbers, bool from_client) {
    Step result{.time = time, .sighting = &sighting, .key = sighting.content};
    if (tcp) {
        result.sequence = sighting.sequence - (from_client ? numbers.out : numbers.in);
        const auto acknowledged =
            sighting.acknowledgement == 0
                ? 0
                : sighting.acknowledgement - (from_client ? numbers.in : numbers.out);
        result.key = base::HashKey::of_process().words(std::array{
            sighting.content, std::uint64_t{result.sequence}, std::uint64_t{acknowledged},
            static_cast<std::uint64_t>(sighting.flags & ending_flags)});
    }
    return result;
}

void Accountant::add_inner(std::uint32_t flow, Lane& out, Lane& in) const {
    const bool tcp = inside_.observation.flows[flow].transport == facts::Transport::tcp;
    for (const auto& sighting : inside_.packets.of_flow(flow)) {
        const bool from_client = inside_.packets.from_client(flow, sighting);
        (from_client ? out.entering : in.leaving)
            .push_back(step(sighting, sighting.time, tcp, {}, from_client));
    }
}

void Accountant::add_outer(std::uint32_t flow, const Renumbering& numbers, bool swapped, Lane& out,
                           Lane& in) const {
    const bool tcp = outside_.observation.flows[flow].transport == facts::Transport::tcp;
    for (const auto& sighting : outside_.packets.of_flow(flow)) {
        const bool from_client = outside_.packets.from_client(flow, sighting) != swapped;
        (from_client ? out.leaving : in.entering)
            .push_back(step(sighting, clock_.inside(sighting.time), tcp, numbers, from_client));
    }
}

bool Accountant::swapped(std::uint32_t inner, std::uint32_t outer) const {
    const auto& a = inside_.observation.flows[inner];
    const auto& b = outside_.observation.flows[outer];
    return a.server().endpoint != b.server().endpoint &&
           (a.server().endpoint == b.client().endpoint ||
            a.client().endpoint == b.server().endpoint);
}

void Accountant::map(std::uint32_t inner, const std::vector<std::uint32_t>& outer,
                     facts::Crossing& crossing) const {
    for (const auto i : outer) {
        const auto& flow = outside_.observation.flows[i];
        const bool turned = swapped(inner, i);
        crossing.mappings.push_back({flow.id, (turned ? flow.server() : flow.client()).endpoint,
                                     (turned ? flow.client() : flow.server()).endpoint,
                                     clock_.inside(flow.first_seen())});
    }
}

void Accountant::match_icmp(const facts::Flow& flow, const std::vector<std::uint32_t>& outer,
                            facts::Crossing& crossing) const {
    constexpr base::Duration near = std::chrono::seconds{1};
    for (const auto index : flow.rare->icmp) {
        const auto& error = inside_.observation.icmp[index];
        const auto came_from_outside = [&](std::uint32_t i) {
            const auto& other = outside_.observation.icmp[i];
            return other.type == error.type && other.code == error.code &&
                   other.icmp_version == error.icmp_version &&
                   std::chrono::abs(clock_.inside(other.at.time) - error.at.time) <= near;
        };
        const bool seen = std::ranges::any_of(outer, [&](std::uint32_t i) {
            return std::ranges::any_of(outside_.observation.flows[i].rare->icmp, came_from_outside);
        });
        if (!seen && outer_recording_.would_have_seen(error.at.time)) {
            crossing.icmp_made.push_back(index);
        }
    }
}

void Accountant::look_for_target(const facts::Flow& flow, facts::Crossing& crossing) const {
    const auto& proxy = *flow.rare->proxy;
    if (!proxy.request) {
        return;
    }
    // Whoever connects from in between looked the name up on the outside, or its client did inside.
    std::vector<base::IpAddress> addresses;
    if (const auto literal = base::IpAddress::parse(proxy.target_host)) {
        addresses.push_back(*literal);
    }
    for (const auto* side : {&inside_, &outside_}) {
        for (const auto& query : side->observation.dns) {
            if (query.name == proxy.target_host) {
                for (const auto& answer : query.answers) {
                    addresses.push_back(answer.address);
                }
            }
        }
    }
    crossing.target_tried =
        std::ranges::any_of(outside_.observation.flows, [&](const facts::Flow& other) {
            constexpr base::Duration soon = std::chrono::seconds{10};
            const auto after = clock_.inside(other.first_seen()) - proxy.request.time;
            return other.transport == facts::Transport::tcp &&
                   other.server().port() == proxy.target_port && after >= -soon && after <= soon &&
                   std::ranges::find(addresses, other.server().address()) != addresses.end();
        });
}

void Accountant::compare_certificates(const facts::Flow& flow,
                                      const std::vector<std::uint32_t>& outer,
                                      facts::Crossing& crossing) const {
    if (!flow.tls->certificate->at) {
        return;
    }
    for (const auto i : outer) {
        const auto& there = *outside_.observation.flows[i].tls;
        if (there.certificate->at && there.certificate->issuer != flow.tls->certificate->issuer) {
            crossing.certificate_outside = there.certificate->issuer;
        }
    }
}

facts::Crossing Accountant::account(std::uint32_t inner,
                                    const std::vector<std::uint32_t>& outer) const {
    const auto& flow = inside_.observation.flows[inner];
    const bool tcp = flow.transport == facts::Transport::tcp;
    facts::Crossing crossing;
    crossing.outside_recorded = outer_recording_.would_have_seen(flow.first_seen());
    map(inner, outer, crossing);
    Lane out;
    Lane in;
    add_inner(inner, out, in);
    for (const auto i : outer) {
        Renumbering numbers;
        if (tcp) {
            numbers = {renumbered(inside_, inner, outside_, i, true),
                       renumbered(inside_, inner, outside_, i, false)};
        }
        add_outer(i, numbers, swapped(inner, i), out, in);
    }
    std::ranges::stable_sort(out.leaving, {}, &Step::time);
    std::ranges::stable_sort(in.entering, {}, &Step::time);
    const auto rewritten_out = match(out, tcp);
    const auto rewritten_in = match(in, tcp);
    std::vector<std::uint64_t> made_out;  // in the client's name: of interest by their number only
    crossing.out = sum_up(out, inner_recording_, outer_recording_, made_out);
    crossing.in = sum_up(in, outer_recording_, inner_recording_, crossing.made_in);
    crossing.out.rewritten = rewritten_out;
    crossing.in.rewritten = rewritten_in;
    // What a proxy does in the client's name, or an inspection, which says everything anew.
    const bool elsewhere =
        std::ranges::none_of(crossing.mappings, [&flow](const facts::Mapping& mapping) {
            return mapping.server == flow.server().endpoint;
        });
    crossing.rebuilt = !outer.empty() && tcp &&
                       ((flow.rare->proxy->request && elsewhere) ||
                        (crossing.in.payload.made > 0 && crossing.in.payload.died > 0 &&
                         crossing.in.payload.passed == 0));
    match_icmp(flow, outer, crossing);
    look_for_target(flow, crossing);
    compare_certificates(flow, outer, crossing);
    return crossing;
}

}  // namespace

facts::Comparison compare(const Side& inside, const Side& outside) {
    if (inside.packets.fingerprint() == outside.packets.fingerprint()) {
        throw Error(ExitStatus::bad_input,
                    "both are one and the same capture; give one of each side of the firewall");
    }
    const auto pairs = find_pairs(inside, outside);
    const auto clock = estimate_clock(pairs);
    if (!clock) {
        nothing_in_common(inside.observation.quality, outside.observation.quality);
    }
    check_sides(pairs);
    const auto joined = join(inside, outside, *clock);
    facts::Comparison result;
    result.clock_offset = clock->offset;
    result.clock_uncertainty = clock->uncertainty;
    result.drift = clock->drift;
    result.at = clock->at;
    result.pairs = clock->pairs;
    result.flows_joined = joined.joined();
    result.flows_only_inside = joined.outer.size() - result.flows_joined;
    result.flows_only_outside = joined.only_outside;
    const Accountant accountant(inside, outside, *clock);
    result.crossings.reserve(joined.outer.size());
    for (std::uint32_t i = 0; i < joined.outer.size(); ++i) {
        result.crossings.push_back(accountant.account(i, joined.outer[i]));
    }
    return result;
}

}  // namespace turnpike::compare
