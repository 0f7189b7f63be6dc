// Flows that failed and flows that worked, to be compared with each other.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "turnpike/base/time.h"
#include "verdict/flow_match.h"

namespace turnpike::verdict {

/// Attempts must be this near in time to speak of the same state of the network.
inline constexpr base::Duration control_distance = std::chrono::seconds{60};

/// Indexes of flows of one observation, in order.
struct Attempts {
    std::vector<std::uint32_t> failed;  ///< to be explained by those that worked
    std::vector<std::uint32_t> worked;

    /// They say what can be shared at all: most of the others share nothing with any of them.
    [[nodiscard]] const std::vector<std::uint32_t>& fewer() const noexcept {
        return failed.size() < worked.size() ? failed : worked;
    }
};

/// Gathers what may be shared: `comparison.know(index)` hears of the fewer, then
/// `comparison.want(index)` says of each failed flow whether it may share something with one that
/// worked, and `comparison.add(index)` hears of those that worked if any may;
/// `comparison.prepare()` ends it. The failed flows that may.
template <typename Comparison>
[[nodiscard]] std::vector<std::uint32_t> gather(const Attempts& attempts, Comparison& comparison) {
    std::ranges::for_each(attempts.fewer(), [&](std::uint32_t i) { comparison.know(i); });
    std::vector<std::uint32_t> in_question;
    std::ranges::copy_if(attempts.failed, std::back_inserter(in_question),
                         [&](std::uint32_t i) { return comparison.want(i); });
    if (!in_question.empty()) {
        std::ranges::for_each(attempts.worked, [&](std::uint32_t i) { comparison.add(i); });
        comparison.prepare();
    }
    return in_question;
}

/// A connection that nobody has used: it shows that TCP gets through, and nothing of what follows.
[[nodiscard]] inline bool is_only_opened(const facts::Flow& flow) noexcept {
    return flow.transport == facts::Transport::tcp && !flow.tcp->ends[0].payload &&
           !flow.tcp->ends[1].payload;
}

/// What TLS asked for is not in the capture: DNS tells a name of the address, not the one asked
/// for.
[[nodiscard]] inline bool is_named_by_its_address(const facts::Flow& flow) noexcept {
    return flow.protocol == facts::Protocol::tls && !flow.tls->client_hello;
}

/// The connection was opened and failed then: another one that was only opened got no further.
[[nodiscard]] inline bool failed_behind_handshake(const facts::Flow& flow) noexcept {
    return flow.transport == facts::Transport::tcp && flow.tcp->established &&
           flow.client_of(*flow.tcp).payload;
}

/// Until when a flow that worked is known to have worked: the last packet of its server. A reset is
/// none, for anybody may have sent it; what the client sent before stands for the server's then.
[[nodiscard]] inline base::Timestamp worked_until(const facts::Flow& flow) noexcept {
    const auto& server = flow.server();
    if (server.packets == 0) {
        return flow.last_seen();
    }
    const bool reset = flow.transport == facts::Transport::tcp &&
                       flow.server_of(*flow.tcp).rst->at.number == server.last.number;
    return reset && flow.client().packets > 0 ? std::min(server.last.time, flow.client().last.time)
                                              : server.last.time;
}

/// A flow of this match, of another owner than `not_of`, that went on near in time.
[[nodiscard]] inline std::optional<std::uint32_t> find_near(
    const FlowIndex& index, const FlowMatch& match, const facts::Flow& flow,
    std::optional<FlowIndex::Owner> not_of = {}) {
    return index.find(match, flow.first_seen() - control_distance,
                      flow.last_seen() + control_distance, not_of);
}

}  // namespace turnpike::verdict
