// Decides whether a flow carried media: by the protocols seen, or by enough packets both ways.
#include "verdict/media.h"

#include <algorithm>
#include <array>

#include "turnpike/facts/volume.h"

namespace turnpike::verdict {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration least_duration = 5s;  // of what counts as media by its volume

bool any_media(const facts::MediaEnd& sent) noexcept {
    return sent.rtp_packets + sent.rtcp_packets + sent.dtls_data > 0;
}

/// Data came back through the relay: what a client sends into it may lead nowhere, and checks and
/// handshakes are no media.
bool relays(const facts::Flow& flow) noexcept {
    return flow.server_of(*flow.stun).relayed_data > 0;
}

}  // namespace

bool shows_media(const facts::Flow& flow) noexcept {
    return std::ranges::any_of(flow.media->ends, any_media) || relays(flow) ||
           facts::carries_much(flow);
}

bool had_no_time_for_media(const facts::Flow& flow, base::Timestamp end) noexcept {
    const auto closed = [](const facts::TcpEnd& sent) { return sent.fin || sent.rst->at; };
    return end - flow.first_seen() < least_duration && !shows_media(flow) &&
           std::ranges::none_of(flow.tcp->ends, closed);
}

bool expects_media(const catalog::Rule& rule) noexcept {
    using enum catalog::Expectation;
    constexpr std::array of_media{stun, turn, turns, dtls, rtp, ice, rtmp, rtmps, vendor};
    return std::ranges::any_of(rule.expects, [&](catalog::Expectation expected) {
        return std::ranges::find(of_media, expected) != of_media.end();
    });
}

}  // namespace turnpike::verdict
