// Two captures of the same traffic, inside and outside a firewall: which flow is which, how the
// clocks differ, and what became of every packet in between.
#pragma once

#include "turnpike/compare/recorder.h"
#include "turnpike/facts/crossing.h"
#include "turnpike/facts/facts.h"

namespace turnpike::compare {

/// One of the captures, read to its end. `packets` holds what was recorded beside the observation
/// and has been assigned to its flows.
struct Side {
    const facts::Observation& observation;
    const Recorder& packets;
};

/// Throws base::Error (bad_input) if the captures share no packet, if they were made on the same
/// side, or the wrong way round. The message begins with what is wrong, not with a file name.
facts::Comparison compare(const Side& inside, const Side& outside);

}  // namespace turnpike::compare
