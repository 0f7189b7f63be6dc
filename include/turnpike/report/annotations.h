// What a run says about single packets of its capture.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "turnpike/base/ip_address.h"
#include "turnpike/store/reader.h"

namespace turnpike::report {

/// Two ends of a conversation and its transport ("tcp", "udp"), the smaller end first.
using Conversation = std::tuple<std::string, base::Endpoint, base::Endpoint>;
/// Puts the two ends in order, so that both directions give the same.
Conversation conversation(std::string transport, const base::Endpoint& a, const base::Endpoint& b);

/// What to write beside the packets of a capture.
struct Annotations {
    std::string headline;  ///< of the run, a line a product
    /// By packet number: every packet in the column `evidence` of the view `flows`, and every query
    /// in `dns_evidence`.
    std::map<std::uint64_t, std::string> comments;
    /// The flows and look-ups that requirements rest on, and all that was blocked.
    std::set<Conversation> evidence;
};

/// Throws what the reader throws.
Annotations annotate(store::Reader& reader, const store::RunRow& run);

}  // namespace turnpike::report
