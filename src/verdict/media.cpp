// Decides whether a flow carried media: by the protocols seen, or by enough packets both ways.
#include "verdict/media.h"

#include <algorithm>
#include <array>

namespace turnpike::verdict {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t least_packets = 50;
constexpr std::uint64_t least_bytes = 20'000;
constexpr base::Duration least_duration = 5s;

bool is_much(const facts::DirectionFacts& direction) noexcept {
    return direction.packets >= least_packets && direction.bytes >= least_bytes &&
           direction.last.time - direction.first.time >= least_duration;
}

}  // namespace

bool shows_media(const facts::Flow& flow) noexcept {
    const auto& media = *flow.media;
    const auto any = [](const auto& counts) { return counts[0] + counts[1] > 0; };
    const bool relayed = flow.stun->channel_data_out + flow.stun->channel_data_in > 0;
    return any(media.rtp_packets) || any(media.rtcp_packets) || any(media.dtls_data) || relayed ||
           (is_much(flow.out) && is_much(flow.in));
}

bool expects_media(const catalog::Rule& rule) noexcept {
    using enum catalog::Expectation;
    constexpr std::array of_media{stun, turn, turns, dtls, rtp, ice, rtmp, rtmps, vendor};
    return std::ranges::any_of(rule.expects, [&](catalog::Expectation expected) {
        return std::ranges::find(of_media, expected) != of_media.end();
    });
}

}  // namespace turnpike::verdict
