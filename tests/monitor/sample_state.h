// A run as the displays see it, for tests.
#pragma once

#include <string>
#include <string_view>

#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// Seconds after 2026-09-21T14:13:20Z, when the sample run begins.
inline base::Timestamp at(double seconds) {
    return base::from_nanoseconds(1'790'000'000'000'000'000 +
                                  static_cast<std::int64_t>(seconds * 1e9));
}

/// A row without traffic.
inline RequirementState row(std::string_view product, std::string_view rule,
                            std::string_view purpose, std::string_view transport,
                            std::string_view ports) {
    RequirementState requirement;
    requirement.vendor = "zoom";
    requirement.product = product;
    requirement.revision = "undated";
    requirement.rule_id = rule;
    requirement.purpose = purpose;
    requirement.level = "required";
    requirement.transport = transport;
    requirement.ports = ports;
    requirement.destination = "*.zoom.us, *.zoom.com";
    requirement.status = "unmatched";
    return requirement;
}

inline RequirementState observed(RequirementState requirement, std::uint64_t passed, double last) {
    requirement.status = "observed";
    requirement.passed = passed;
    requirement.first_seen = at(1);
    requirement.last_seen = at(last);
    requirement.changed = at(2);
    requirement.evidence = "flow 3: 10.1.2.3:50123 > 170.114.10.5:443 us04web.zoom.us, tls";
    return requirement;
}

inline RequirementState blocked(RequirementState requirement, std::string_view reason,
                                double changed) {
    requirement.status = "blocked";
    requirement.block_reason = reason;
    requirement.stage = "transport";
    requirement.grade = "B";
    requirement.passed = 1;
    requirement.blocked = 3;
    requirement.undecided = 5;
    requirement.first_seen = at(10);
    requirement.last_seen = at(changed - 2);
    requirement.changed = at(changed);
    requirement.evidence =
        "flow 12: 10.1.2.3:50200 > 170.114.20.9:8801, stun, 7 requests unanswered";
    return requirement;
}

/// A call over Zoom whose media are blocked, in the second in which that becomes known.
inline State sample_state() {
    State state;
    state.source = "eth0, eth1";
    state.database = "/var/lib/turnpike/turnpike.db";
    state.started = at(0);
    state.now = at(95);
    Counters& counters = state.counters;
    counters.packets = 1'234'567;
    counters.octets = 987'654'321;
    counters.flows_active = 12;
    counters.flows_finished = 345;
    counters.flows_passed = 300;
    counters.flows_blocked = 20;
    counters.flows_inconclusive = 25;
    counters.resident_octets = 45'000'000;
    state.requirements = {
        observed(row("meetings", "web", "web, sign-in, API", "tcp", "80"), 3, 60),
        observed(row("meetings", "web", "web, sign-in, API", "tcp", "443"), 118, 94),
        row("meetings", "web-quic", "web over QUIC", "udp", "443"),
        observed(row("meetings", "meetings-tcp", "meetings over TCP", "tcp", "443"), 4, 93),
        row("meetings", "meetings-tcp", "meetings over TCP", "tcp", "8801"),
        blocked(row("meetings", "meetings-udp", "meetings media", "udp", "8801-8810"),
                "udp_timeout", 94),
        row("phone", "signalling", "SIP over TLS", "tcp", "5091"),
        row("phone", "media", "phone media", "udp", "20000-64000"),
    };
    auto& quic = state.requirements[2];
    quic.status = "inconclusive";
    quic.inconclusive_reason = "one_sided_capture";
    quic.undecided = 2;
    quic.last_seen = at(30);
    quic.changed = at(31);
    state.changes = {{at(94), "inconclusive", 5}};
    return state;
}

}  // namespace turnpike::monitor
