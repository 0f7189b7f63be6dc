// Writes times, volumes, rates and statuses of a live run in words.
#include "monitor/wording.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <utility>

#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

using base::from_catalog;
using base::from_network;
using base::grouped;
using std::chrono::duration_cast;
using std::chrono::seconds;

std::string inconclusive_text(std::string_view reason) {
    return reason == "waiting" ? "waiting for an answer" : from_network(reason);
}

std::uint64_t attempts(const RequirementState& requirement) noexcept {
    return requirement.passed + requirement.blocked + requirement.undecided;
}

}  // namespace

std::string run_time(base::Duration duration) {
    const auto total = std::max<std::int64_t>(duration_cast<seconds>(duration).count(), 0);
    constexpr std::int64_t day = 86400;
    const auto days = total / day;
    const auto hours = total % day / 3600;
    const auto minutes = total % 3600 / 60;
    if (days > 0) {
        return fmt::format("{} d {:02}:{:02}", days, hours, minutes);
    }
    return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60)
                     : fmt::format("{:02}:{:02}", minutes, total % 60);
}

std::string age(base::Timestamp now, base::Timestamp then) {
    const auto total = std::max<std::int64_t>(duration_cast<seconds>(now - then).count(), 0);
    if (total < 60) {
        return fmt::format("{}s", total);
    }
    if (total < 3600) {
        return fmt::format("{}m", total / 60);
    }
    return total < 86400 ? fmt::format("{}h", total / 3600) : fmt::format("{}d", total / 86400);
}

std::string clock_time(base::Timestamp time) {
    return base::format_iso8601(time).substr(11, 8);
}

std::string log_time(base::Timestamp time) {
    return base::format_iso8601(time).substr(0, 19) + "Z";
}

double per_second(std::uint64_t count, base::Duration time) noexcept {
    const double length = std::chrono::duration<double>(time).count();
    return length > 0 ? static_cast<double>(count) / length : 0;
}

std::string packet_rate(const Counters& now, const Counters& before, base::Duration time) {
    const double rate = per_second(since(now.packets, before.packets), time);
    return fmt::format("{} packets/s", grouped(static_cast<std::uint64_t>(std::llround(rate))));
}

std::string bit_rate(const Counters& now, const Counters& before, base::Duration time) {
    return fmt::format("{:.1f} Mbit/s", 8e-6 * per_second(since(now.octets, before.octets), time));
}

std::uint64_t dropped(const Counters& counters) noexcept {
    return counters.dropped_by_kernel + counters.dropped_by_interface +
           counters.dropped_by_turnpike;
}

std::string drop_text(const Counters& now, const Counters& before) {
    const std::uint64_t lost = since(dropped(now), dropped(before));
    if (lost == 0) {
        return {};
    }
    const std::uint64_t kernel = since(now.dropped_by_kernel, before.dropped_by_kernel);
    const std::uint64_t interface = since(now.dropped_by_interface, before.dropped_by_interface);
    const std::uint64_t turnpike = since(now.dropped_by_turnpike, before.dropped_by_turnpike);
    const auto all = static_cast<double>(since(now.packets, before.packets) + kernel + interface);
    const double share = 100 * static_cast<double>(kernel + interface) / std::max(all, 1.0);
    std::string text = join_nonzero({{kernel, "by the kernel"},
                                     {interface, "by the interface"},
                                     {turnpike, "facts by turnpike"}});
    if (kernel + interface != 0) {
        text += share < 0.01 ? " (< 0.01 %)" : fmt::format(" ({:.2f} %)", share);
    }
    return text;
}

std::string flow_text(const Counters& counters) {
    const std::string text = fmt::format("{} active, {} finished", grouped(counters.flows_active),
                                         grouped(counters.flows_finished));
    const auto outcomes = join_nonzero({{counters.flows_passed, "passed"},
                                        {counters.flows_blocked, "blocked"},
                                        {counters.flows_inconclusive, "inconclusive"}});
    return outcomes.empty() ? text : text + "; " + outcomes;
}

std::string selector(const RequirementState& requirement) {
    const std::string text =
        fmt::format("{}/{}", from_catalog(requirement.vendor), from_catalog(requirement.product));
    return requirement.revision.empty() ? text : text + "@" + from_catalog(requirement.revision);
}

std::string port_text(const RequirementState& requirement) {
    return fmt::format("{} {}", from_catalog(requirement.transport),
                       from_catalog(requirement.ports));
}

std::string purpose_text(const RequirementState& requirement) {
    return from_catalog(requirement.purpose.empty() ? requirement.rule_id : requirement.purpose);
}

std::string ground_text(const RequirementState& requirement) {
    const auto all = attempts(requirement);
    if (requirement.status == "unmatched") {
        return {};
    }
    if (requirement.status == "observed" && requirement.blocked == 0) {
        return fmt::format("{} passed", base::counted(requirement.passed, "flow"));
    }
    std::vector<std::string> parts;
    if (requirement.status == "blocked") {
        parts.push_back(from_network(requirement.block_reason));
        if (!requirement.grade.empty()) {
            parts.push_back("grade " + from_network(requirement.grade));
        }
    } else if (requirement.status == "inconclusive" && !requirement.inconclusive_reason.empty()) {
        parts.push_back(inconclusive_text(requirement.inconclusive_reason));
    }
    if (requirement.blocked != 0) {
        parts.push_back(
            fmt::format("{} of {} blocked", grouped(requirement.blocked), grouped(all)));
    } else if (all != 0) {
        parts.push_back(base::counted(all, "flow"));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string short_ground_text(const RequirementState& requirement) {
    const auto all = attempts(requirement);
    if (requirement.status == "blocked") {
        std::string text =
            all == 0 ? std::string{} : fmt::format("{}/{} ", requirement.blocked, all);
        text += from_network(requirement.block_reason);
        return requirement.grade.empty() ? text : text + " " + from_network(requirement.grade);
    }
    if (requirement.status == "inconclusive" && !requirement.inconclusive_reason.empty()) {
        return inconclusive_text(requirement.inconclusive_reason);
    }
    return ground_text(requirement);
}

std::string change_text(const StatusChange& change, const RequirementState& requirement) {
    const std::string text = fmt::format("{} {} {}: {}{}", selector(requirement),
                                         from_catalog(requirement.rule_id), port_text(requirement),
                                         change.from.empty() || change.from == requirement.status
                                             ? std::string{}
                                             : from_network(change.from) + " -> ",
                                         from_network(requirement.status));
    const auto ground = ground_text(requirement);
    return ground.empty() ? text : text + ", " + ground;
}

std::string brief_change_text(const StatusChange& change, const RequirementState& requirement) {
    std::string text =
        fmt::format("{} {} {}, {}/{}",
                    requirement.status == "blocked" ? "BLOCKED" : from_network(requirement.status),
                    port_text(requirement), from_catalog(requirement.rule_id),
                    from_catalog(requirement.vendor), from_catalog(requirement.product));
    if (const auto ground = ground_text(requirement); !ground.empty()) {
        text += ": " + ground;
    }
    if (!change.from.empty() && change.from != requirement.status) {
        text += fmt::format(" (was {})", from_network(change.from));
    }
    return text;
}

StatusCounts count_statuses(const std::vector<RequirementState>& requirements) noexcept {
    StatusCounts counts;
    for (const auto& requirement : requirements) {
        counts.add(requirement.status);
    }
    return counts;
}

std::string counts_text(const StatusCounts& counts) {
    return join_nonzero({{counts.blocked, "blocked"},
                         {counts.observed, "observed"},
                         {counts.inconclusive, "inconclusive"},
                         {counts.unmatched, "unmatched"}});
}

}  // namespace turnpike::monitor
