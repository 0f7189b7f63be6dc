// What stands between this host and the responder besides rules: address translation (RFC
// 4787 4.1).
#pragma once

#include <string>
#include <vector>

#include "turnpike/probe/run.h"

namespace turnpike::probe {

/// What was found, and the flows that were made on the way.
struct NatReport {
    std::vector<std::string> lines;
    std::vector<Made> flows;
};

/// Sends from one local port to two ports of the responder that let UDP through, and compares
/// where each seems to come from.
NatReport find_mapping(const Ground& ground, const base::Endpoint& one,
                       const base::Endpoint& other);

}  // namespace turnpike::probe
