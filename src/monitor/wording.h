// The words that all displays share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "turnpike/base/printable.h"
#include "turnpike/base/status_counts.h"
#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

using base::join_nonzero;
using base::volume;

/// "12:34", "3:07:09" or "4 d 03:07": how long a run lasts.
std::string run_time(base::Duration duration);
/// "7s", "3m", "2h" or "5d": how long ago, in at most four columns.
std::string age(base::Timestamp now, base::Timestamp then);
/// "09:05:00", UTC.
std::string clock_time(base::Timestamp time);
/// "2026-11-21T09:05:00Z".
std::string log_time(base::Timestamp time);

/// `now - before`, 0 if the counter went back.
constexpr std::uint64_t since(std::uint64_t now, std::uint64_t before) noexcept {
    return now > before ? now - before : 0;
}
/// Events in a second; 0 if no time passed.
double per_second(std::uint64_t count, base::Duration time) noexcept;
/// "12,345 packets/s".
std::string packet_rate(const Counters& now, const Counters& before, base::Duration time);
/// "98.7 Mbit/s".
std::string bit_rate(const Counters& now, const Counters& before, base::Duration time);

std::uint64_t dropped(const Counters& counters) noexcept;
/// "1,234 by the kernel (0.10 %), 5 by the interface": what `now` has more than `before`; empty if
/// nothing was dropped.
std::string drop_text(const Counters& now, const Counters& before);
/// "12 active, 345 finished; 300 passed, 20 blocked, 25 inconclusive".
std::string flow_text(const Counters& counters);

/// "zoom/meetings@2026-07-02".
std::string selector(const RequirementState& requirement);
/// "udp 8801-8810".
std::string port_text(const RequirementState& requirement);
/// The purpose, or what names the row if it has none.
std::string purpose_text(const RequirementState& requirement);
/// "udp_timeout, grade B, 3 of 9 blocked": what the status rests on; empty for "unmatched".
std::string ground_text(const RequirementState& requirement);
/// The same in few columns: "3/9 udp_timeout B".
std::string short_ground_text(const RequirementState& requirement);
/// "zoom/meetings@2026-07-02 media udp 8801-8810: observed -> blocked, udp_timeout, ...".
std::string change_text(const StatusChange& change, const RequirementState& requirement);
/// The same with what matters most first, for lines that may be cut: "BLOCKED udp 8801-8810 media,
/// zoom/meetings: udp_timeout, ... (was observed)".
std::string brief_change_text(const StatusChange& change, const RequirementState& requirement);

using base::StatusCounts;
/// How many requirements have each status.
StatusCounts count_statuses(const std::vector<RequirementState>& requirements) noexcept;
/// "2 blocked, 5 observed, 1 inconclusive, 3 unmatched"; zeros are left out.
std::string counts_text(const StatusCounts& counts);

}  // namespace turnpike::monitor
