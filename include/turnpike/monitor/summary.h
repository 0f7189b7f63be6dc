// A state in words.
#pragma once

#include <string>

#include "turnpike/monitor/state.h"

namespace turnpike::monitor {

/// Everything about the state, for a terminal or a log: what SIGUSR1 prints. Many lines, each
/// ended; safe to print.
std::string state_text(const State& state);

/// "1,234 packets/s, 9.8 Mbit/s, nothing dropped, 12 flows active; requirements: 2 blocked, 5
/// observed": for the service manager and the summary of each minute. Rates and drops are those
/// since `since`; with none, sums since the start.
std::string summary_line(const State& state, const State* since);

}  // namespace turnpike::monitor
