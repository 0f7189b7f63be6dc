// Makes verdicts of what a flow shows by itself, and judges ICMP errors about it.
#include "verdict/judgement.h"

#include <fmt/core.h>

#include <algorithm>

namespace turnpike::verdict {
namespace {

// ICMP types (RFC 792, RFC 4443).
constexpr std::uint8_t v4_unreachable = 3;
constexpr std::uint8_t v4_time_exceeded = 11;
constexpr std::uint8_t v4_fragmentation_needed = 4;  // code of type 3
constexpr std::uint8_t v6_unreachable = 1;
constexpr std::uint8_t v6_packet_too_big = 2;
constexpr std::uint8_t v6_time_exceeded = 3;

bool is_too_big(const facts::IcmpError& error) noexcept {
    return error.icmp_version == 4
               ? error.type == v4_unreachable && error.code == v4_fragmentation_needed
               : error.type == v6_packet_too_big;
}

bool is_unreachable(const facts::IcmpError& error) noexcept {
    return error.icmp_version == 4 ? error.type == v4_unreachable && !is_too_big(error)
                                   : error.type == v6_unreachable;
}

bool is_time_exceeded(const facts::IcmpError& error) noexcept {
    return error.type == (error.icmp_version == 4 ? v4_time_exceeded : v6_time_exceeded);
}

/// RFC 792 type 3 code 3, RFC 4443 3.1 code 4.
bool is_port_unreachable(const facts::IcmpError& error) noexcept {
    return error.icmp_version == 4 ? error.type == v4_unreachable && error.code == 3
                                   : error.type == v6_unreachable && error.code == 4;
}

template <typename Predicate>
bool any_icmp(const facts::Flow& flow, const facts::Observation& observation, Predicate predicate) {
    return std::ranges::any_of(flow.rare->icmp, [&](std::uint32_t index) {
        const auto& error = observation.icmp[index];
        return error.source != flow.client().address() && predicate(error);
    });
}

}  // namespace

FlowVerdict passed() {
    FlowVerdict verdict;
    verdict.outcome = Outcome::passed;
    return verdict;
}

FlowVerdict blocked(BlockReason reason, Stage stage,
                    std::initializer_list<facts::PacketMark> evidence) {
    FlowVerdict verdict;
    verdict.outcome = Outcome::blocked;
    verdict.reason = reason;
    verdict.stage = stage;
    verdict.grade = Grade::c;
    for (const auto& mark : evidence) {
        add_evidence(verdict, mark);
    }
    return verdict;
}

FlowVerdict inconclusive(InconclusiveReason reason,
                         std::initializer_list<facts::PacketMark> evidence) {
    FlowVerdict verdict;
    verdict.outcome = Outcome::inconclusive;
    verdict.inconclusive = reason;
    for (const auto& mark : evidence) {
        add_evidence(verdict, mark);
    }
    return verdict;
}

void add_evidence(FlowVerdict& verdict, const facts::PacketMark& mark) {
    if (!mark) {
        return;
    }
    auto& evidence = verdict.evidence;
    const auto place = std::ranges::lower_bound(evidence, mark.number);
    if (place == evidence.end() || *place != mark.number) {
        evidence.insert(place, mark.number);
    }
}

void add_note(FlowVerdict& verdict, std::string note) {
    auto& notes = verdict.notes.make();
    if (std::ranges::find(notes, note) == notes.end()) {
        notes.push_back(std::move(note));
    }
}

void set_inconclusive(FlowVerdict& verdict, InconclusiveReason reason) {
    verdict.outcome = Outcome::inconclusive;
    verdict.inconclusive = reason;
    verdict.reason = BlockReason::none;
    verdict.stage = Stage::none;
    verdict.grade = Grade::none;
}

bool is_prohibition(const facts::IcmpError& error) noexcept {
    const auto code = error.code;
    if (error.icmp_version == 4) {
        return error.type == v4_unreachable && (code == 9 || code == 10 || code == 13);
    }
    return error.type == v6_unreachable && (code == 1 || code == 5 || code == 6);
}

FlowVerdict server_refused(std::string what, std::initializer_list<facts::PacketMark> evidence) {
    FlowVerdict verdict = inconclusive(InconclusiveReason::server_refused, evidence);
    add_note(verdict, std::move(what));
    return verdict;
}

FlowVerdict judge_icmp(const facts::Flow& flow, const facts::IcmpError& error, Stage stage,
                       const CaptureContext& context) {
    const bool prohibited = is_prohibition(error);
    const bool port = is_port_unreachable(error);
    const bool by_server = error.source == flow.server().address();
    if (by_server && context.hops.compare(flow, error.hop_limit) != Distance::elsewhere) {
        return server_refused(prohibited ? "icmp_prohibited"
                              : port     ? "icmp_port_unreachable"
                                         : "icmp_unreachable",
                              {flow.client().first, error.at});
    }
    FlowVerdict verdict =
        blocked(prohibited ? BlockReason::icmp_prohibited : BlockReason::icmp_unreachable, stage,
                {flow.client().first, error.at});
    if (by_server) {
        add_note(verdict, "icmp_in_servers_name");  // a mark of injection, and only one
    } else if (prohibited || port) {
        verdict.grade = Grade::a;
    }
    return verdict;
}

const facts::IcmpError* refusing_icmp(const facts::Flow& flow, const CaptureContext& context,
                                      base::Timestamp since) {
    const auto& observation = context.observation;
    const auto weight = [&flow](const facts::IcmpError& error) {
        return std::pair(error.source != flow.server().address(), is_prohibition(error));
    };
    const facts::IcmpError* best = nullptr;
    for (const auto index : flow.rare->icmp) {
        const auto& error = observation.icmp[index];
        if (error.source == flow.client().address() || !is_unreachable(error) ||
            error.at.time < since) {
            continue;
        }
        if (best == nullptr || weight(error) > weight(*best)) {
            best = &error;
        }
    }
    return best;
}

bool too_large_for_path(const facts::Flow& flow, const facts::Observation& observation) noexcept {
    return any_icmp(flow, observation, is_too_big);
}

void note_icmp(const facts::Flow& flow, const facts::Observation& observation,
               FlowVerdict& verdict) {
    if (too_large_for_path(flow, observation)) {
        add_note(verdict, "mtu");
    }
    if (any_icmp(flow, observation, is_time_exceeded)) {
        add_note(verdict, "ttl_exceeded");
    }
}

void note_interruption(const facts::Flow& flow, FlowVerdict& verdict) {
    constexpr base::Duration dead_for = 10s;
    constexpr std::uint64_t went_on_sending = 3;
    if (flow.server().packets == 0 || flow.client().unreplied < went_on_sending ||
        flow.client().last.time - flow.server().last.time < dead_for) {
        return;
    }
    add_note(verdict, fmt::format("interrupted {}", base::format_iso8601(flow.server().last.time)));
    add_evidence(verdict, flow.server().last);
    add_evidence(verdict, flow.client().last);
}

}  // namespace turnpike::verdict
