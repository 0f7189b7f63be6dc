// How a live run shares its memory.
#pragma once

#include <cstddef>

#include "turnpike/gather/retention.h"

namespace turnpike::app {

struct LiveBounds {
    std::size_t followed;   ///< flows of each worker; beyond it the one idle longest ends
    std::size_t inspected;  ///< octets of each worker's facts
    std::size_t backlog;    ///< octets that each worker may have waiting to be judged
    gather::Bounds window;
};

/// For so many octets in all. A flow that is followed is known twice, to its inspector and in the
/// window, and takes 4 kB with its verdict (measured); as much again is for flows that ended, and
/// for rows.
LiveBounds live_bounds(std::size_t memory, std::size_t workers);

}  // namespace turnpike::app
