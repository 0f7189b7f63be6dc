#include "verdict/name_outcomes.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "verdict/grades.h"

namespace turnpike::verdict {
namespace {

constexpr std::uint16_t type_a = 1;      // RFC 1035 3.2.2
constexpr std::uint16_t type_aaaa = 28;  // RFC 3596 2.1
constexpr std::uint16_t rcode_servfail = 2, rcode_nxdomain = 3,
                        rcode_refused = 5;  // RFC 1035 4.1.1
constexpr std::uint16_t port_mdns = 5353, port_llmnr = 5355, port_netbios = 137;

/// Extended DNS Errors that say "somebody decided": Blocked, Censored, Filtered, Prohibited (RFC
/// 8914 4).
bool is_policy_error(const facts::DnsQuery& query) noexcept {
    return query.extended_error && *query.extended_error >= 15 && *query.extended_error <= 18;
}

bool is_unicast_dns(const facts::DnsQuery& query) noexcept {
    const auto port = query.resolver.port;
    return port != port_mdns && port != port_llmnr && port != port_netbios;
}

bool leads_nowhere(const base::IpAddress& address) noexcept {
    return address.is_unspecified() || address.is_loopback();
}

/// What one question says about its name. Reasons are ordered by how much they tell: an answer that
/// refuses outweighs silence, a device that says "blocked" outweighs both.
struct QueryOutcome {
    bool resolved = false;
    BlockReason reason = BlockReason::none;
    InconclusiveReason undecided = InconclusiveReason::none;
};

QueryOutcome judge_unanswered(const facts::DnsQuery& query, const Surroundings& around) {
    QueryOutcome outcome;
    if (around.visibility.one_sided(query.client)) {
        outcome.undecided = InconclusiveReason::one_sided_capture;
    } else if (query.sends < 2 && !around.waited_after(query.last_send)) {
        outcome.undecided = InconclusiveReason::capture_ended;
    } else if (around.visibility.lost_between(query.query.time, query.last_send.time + patience)) {
        outcome.undecided = InconclusiveReason::capture_loss;
    } else {
        outcome.reason = BlockReason::dns_timeout;
    }
    return outcome;
}

QueryOutcome judge_query(const facts::DnsQuery& query, const Surroundings& around) {
    if (!query.rcode) {
        return judge_unanswered(query, around);
    }
    QueryOutcome outcome;
    const auto has_address = [](const facts::DnsAnswer& answer) {
        return static_cast<bool>(answer.address);
    };
    const bool useful = std::ranges::any_of(query.answers, [&](const facts::DnsAnswer& answer) {
        return has_address(answer) && !leads_nowhere(answer.address);
    });
    // NOLINTNEXTLINE(bugprone-branch-clone): the order of the cases is that of their weight
    if (is_policy_error(query)) {
        outcome.reason = BlockReason::dns_sinkhole;
    } else if (*query.rcode == rcode_nxdomain) {
        outcome.reason = BlockReason::dns_nxdomain;
    } else if (*query.rcode == rcode_refused || *query.rcode == rcode_servfail) {
        outcome.reason = BlockReason::dns_refused;
    } else if (useful) {
        outcome.resolved = true;
    } else if (std::ranges::any_of(query.answers, has_address)) {
        outcome.reason = BlockReason::dns_sinkhole;
    }
    return outcome;  // otherwise no data of this type: no failure
}

int weight(BlockReason reason) noexcept {
    switch (reason) {
        case BlockReason::dns_sinkhole:
            return 4;
        case BlockReason::dns_nxdomain:
            return 3;
        case BlockReason::dns_refused:
            return 2;
        case BlockReason::dns_timeout:
            return 1;
        default:
            return 0;
    }
}

/// What worked for a client, and when: another name that resolved, or a flow that passed.
class WorkingClients {
  public:
    void add(const base::IpAddress& client, base::Timestamp from, base::Timestamp to) {
        times_[client].push_back({from, to});
    }
    [[nodiscard]] bool near(const facts::DnsQuery& query) const {
        const auto times = times_.find(query.client);
        const auto asked = query.query ? query.query.time : query.response.time;
        return times != times_.end() && std::ranges::any_of(times->second, [&](const auto& span) {
                   return span.from - control_distance <= asked &&
                          asked <= span.to + control_distance;
               });
    }

  private:
    struct Span {
        base::Timestamp from;
        base::Timestamp to;
    };
    std::unordered_map<base::IpAddress, std::vector<Span>> times_;
};

/// Names that resolved lose their reason; the others get a grade. Controls are gathered only if
/// something failed: mostly nothing did.
void grade_failures(const Surroundings& surroundings, const std::vector<FlowVerdict>& flows,
                    NameOutcomes& names) {
    const auto& observation = surroundings.observation;
    bool failed = false;
    for (auto& [text, name] : names) {
        if (name.resolved) {
            name.reason = BlockReason::none;
        }
        failed = failed || name.reason != BlockReason::none;
    }
    if (!failed) {
        return;
    }
    WorkingClients controls;
    for (std::size_t i = 0; i < flows.size(); ++i) {
        const auto& flow = observation.flows[i];
        if (flows[i].outcome == Outcome::passed && can_control(flow)) {
            controls.add(flow.client.address, flow.first_seen(), flow.last_seen());
        }
    }
    for (const auto& query : observation.dns) {
        if (judge_query(query, surroundings).resolved) {
            controls.add(query.client, query.response.time, query.response.time);
        }
    }
    const auto policy = [&](std::uint32_t i) { return is_policy_error(observation.dns[i]); };
    const auto controlled = [&](std::uint32_t i) { return controls.near(observation.dns[i]); };
    for (auto& [text, name] : names) {
        if (name.reason != BlockReason::none) {
            name.grade = std::ranges::any_of(name.queries, policy)       ? Grade::a
                         : std::ranges::any_of(name.queries, controlled) ? Grade::b
                                                                         : Grade::c;
        }
    }
}

/// An answer then or now outweighs every failure.
void add_past(const Ledger& past, NameOutcomes& names) {
    for (const auto& [text, before] : past.names()) {
        auto& name = names[text];
        name.resolved = name.resolved || before.resolved;
        if (name.resolved) {
            name.reason = BlockReason::none;
            continue;
        }
        if (weight(before.reason) > weight(name.reason)) {
            name.reason = before.reason;
        }
        if (before.grade != Grade::none && name.reason != BlockReason::none) {
            name.grade =
                name.grade == Grade::none ? before.grade : std::min(name.grade, before.grade);
        }
        if (name.undecided == InconclusiveReason::none) {
            name.undecided = before.undecided;
        }
    }
}

}  // namespace

NameOutcomes judge_names(const Surroundings& surroundings, const std::vector<FlowVerdict>& flows,
                         const Ledger* past) {
    NameOutcomes names;
    names.reserve(surroundings.observation.dns.size());
    const auto& queries = surroundings.observation.dns;
    for (std::uint32_t i = 0; i < queries.size(); ++i) {
        const auto& query = queries[i];
        if ((query.type != type_a && query.type != type_aaaa) || !is_unicast_dns(query)) {
            continue;
        }
        const auto outcome = judge_query(query, surroundings);
        auto& name = names[query.name];
        name.queries.push_back(i);
        name.resolved = name.resolved || outcome.resolved;
        if (weight(outcome.reason) > weight(name.reason)) {
            name.reason = outcome.reason;
        }
        if (outcome.undecided != InconclusiveReason::none) {
            name.undecided = outcome.undecided;
        }
    }
    grade_failures(surroundings, flows, names);
    if (past != nullptr) {
        add_past(*past, names);
    }
    return names;
}

}  // namespace turnpike::verdict
