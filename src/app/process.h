// What the process itself needs before anything else happens.
#pragma once

#include <string_view>

#include "turnpike/base/error.h"

namespace turnpike::app {

/// What whoever runs out of memory says, with base::ExitStatus::io_error.
inline constexpr std::string_view out_of_memory =
    "out of memory; analyze fewer files at a time, or allow more (ulimit -v); what was stored so "
    "far is kept";

/// Opens what is closed of descriptors 0 to 2 on /dev/null, so that no file or link gets their
/// numbers and with them what is meant for the terminal; has a file that may not grow (ulimit -f)
/// be an error, not a signal.
void prepare_process() noexcept;

/// From now on memory comes in pages of 2 MB where the system has them (Linux's transparent huge
/// pages): a hundred megabytes in small ones cost 25,000 page faults.
/// What is freed of them goes back to the system only when the process ends, so this is for runs
/// that have an end.
void take_memory_in_large_pages() noexcept;

/// From now on what this process frees of small pages goes back to the system within 10 ms: at once
/// costs 6 % of the time for what is needed again. While packets come nearly all of it would be.
void give_memory_back_soon() noexcept;

}  // namespace turnpike::app
