// How far an attempt came on its way from the client to the server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/summary.h"

namespace turnpike::report {

/// One step of a conversation, in the order in which they have to succeed.
struct PathStep {
    enum class State : std::uint8_t { done, died, not_reached };
    std::string what;  ///< "name", "connection", "TLS"
    State state = State::not_reached;
};

/// client - what stands in between - server.
struct CallPath {
    std::string client;
    std::string middle;     ///< "firewall", "resolver", "proxy"
    std::string middle_is;  ///< what is known about it there: "drops or cuts it"
    std::string server;
    bool certain = true;  ///< false: the server may as well be the reason
    std::vector<PathStep> steps;
    std::string in_words;  ///< the whole of it for who cannot see it, one sentence
};

/// For a requirement that is blocked. Safe to show.
CallPath call_path(const RequirementSummary& requirement);

}  // namespace turnpike::report
