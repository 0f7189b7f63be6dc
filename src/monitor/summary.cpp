// Writes the state of a live run as text, and as one line.
#include "turnpike/monitor/summary.h"

#include <fmt/core.h>

#include "monitor/wording.h"
#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

using base::from_catalog;
using base::from_network;
using base::grouped;

std::string counters_text(const State& state) {
    const Counters& counters = state.counters;
    const auto time = state.now - state.started;
    std::string text = fmt::format("  packets: {}, {}; on average {}, {}\n",
                                   grouped(counters.packets), volume(counters.octets),
                                   packet_rate(counters, {}, time), bit_rate(counters, {}, time));
    text += fmt::format("  dropped: {} by the kernel, {} by the interface, {} facts by turnpike\n",
                        grouped(counters.dropped_by_kernel), grouped(counters.dropped_by_interface),
                        grouped(counters.dropped_by_turnpike));
    text +=
        fmt::format("  never seen here though acknowledged: {}\n", volume(counters.unseen_octets));
    text += fmt::format("  duplicates: {}; malformed: {}\n", grouped(counters.duplicates),
                        grouped(counters.malformed));
    text += fmt::format("  flows: {}\n", flow_text(counters));
    text += fmt::format("  memory: {}\n", volume(counters.resident_octets));
    return text;
}

void append_all(std::string& text, std::string_view label, const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
        text += fmt::format("  {}: {}\n", label, from_network(line));
    }
}

std::string requirement_text(const State& state, const RequirementState& requirement) {
    std::string text = fmt::format("    {:<13}{:<17}{}", from_network(requirement.status),
                                   port_text(requirement), base::from_catalog(requirement.rule_id));
    if (const auto ground = ground_text(requirement); !ground.empty()) {
        text += ": " + ground;
    }
    if (requirement.last_seen) {
        text += fmt::format(", last {} ago", age(state.now, *requirement.last_seen));
    }
    text += '\n';
    if (!requirement.evidence.empty()) {
        text += fmt::format("      {}\n", from_network(requirement.evidence));
    }
    return text;
}

// Products in the order of the catalog; rows without traffic are counted only.
std::string requirements_text(const State& state) {
    std::string text;
    std::string product;
    std::size_t unmatched = 0;
    for (const auto& requirement : state.requirements) {
        if (requirement.status == "unmatched") {
            ++unmatched;
            continue;
        }
        if (auto name = selector(requirement); name != product) {
            text += fmt::format("  {}\n", name);
            product = std::move(name);
        }
        text += requirement_text(state, requirement);
    }
    return text + fmt::format("  without traffic: {}\n", base::counted(unmatched, "requirement"));
}

}  // namespace

std::string state_text(const State& state) {
    std::string text = fmt::format(
        "turnpike live: {}, {}, up {}, database {}\n", from_network(state.source),
        log_time(state.now), run_time(state.now - state.started), from_catalog(state.database));
    if (!state.trouble.empty()) {
        text += fmt::format("  trouble: {}\n", from_network(state.trouble));
    }
    text += counters_text(state);
    append_all(text, "warning", state.warnings);
    append_all(text, "alternative", state.alternatives);
    for (const auto& problem : state.problems) {
        text += fmt::format("  undecodable: {} {}, {}\n", grouped(problem.count),
                            from_network(problem.protocol), from_network(problem.reason));
    }
    return text + requirements_text(state);
}

std::string summary_line(const State& state, const State* since) {
    const Counters none;
    const Counters& before = since == nullptr ? none : since->counters;
    const auto time = state.now - (since == nullptr ? state.started : since->now);
    const auto lost = drop_text(state.counters, before);
    std::string text =
        fmt::format("{}, {}, {}, {} active", packet_rate(state.counters, before, time),
                    bit_rate(state.counters, before, time),
                    lost.empty() ? "nothing dropped" : "dropped " + lost,
                    base::counted(state.counters.flows_active, "flow"));
    StatusCounts counts = count_statuses(state.requirements);
    counts.unmatched = 0;
    const auto statuses = counts_text(counts);
    text += "; requirements: " + (statuses.empty() ? std::string("none seen yet") : statuses);
    return text;
}

}  // namespace turnpike::monitor
