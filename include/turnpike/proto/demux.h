// Which of the protocols that share a call's 5-tuple a datagram is: RFC 7983 7 and RFC 9443 2.
#pragma once

#include <cstdint>

#include "turnpike/base/bytes.h"

namespace turnpike::proto {

/// What the first octets of a datagram say.
enum class DatagramKind : std::uint8_t {
    empty,             ///< no octets at all
    stun,              ///< first octet 0 to 3
    zrtp,              ///< 16 to 19
    dtls,              ///< 20 to 63
    turn_channel,      ///< 64 to 79
    quic,              ///< 80 to 127 and 192 to 255
    rtp,               ///< 128 to 191
    rtcp,              ///< 128 to 191, second octet 192 to 223 (RFC 5761 4)
    multiplexed_turn,  ///< 0xff10 (Microsoft), which RFC 9443 would call QUIC
    unknown,           ///< none of these ranges
};

/// Classifies by the first two octets alone; whether the octets are well formed is for the decoder.
constexpr DatagramKind classify_datagram(base::Bytes datagram) noexcept {
    if (datagram.empty()) {
        return DatagramKind::empty;
    }
    const std::uint8_t first = datagram[0];
    const std::uint8_t second = datagram.size() > 1 ? datagram[1] : std::uint8_t{0};
    if (first <= 3) {
        return DatagramKind::stun;
    }
    if (first >= 16 && first <= 19) {
        return DatagramKind::zrtp;
    }
    if (first >= 20 && first <= 63) {
        return DatagramKind::dtls;
    }
    if (first >= 64 && first <= 79) {
        return DatagramKind::turn_channel;
    }
    if (first >= 128 && first <= 191) {
        return second >= 192 && second <= 223 ? DatagramKind::rtcp : DatagramKind::rtp;
    }
    if (first == 0xff && second == 0x10) {
        return DatagramKind::multiplexed_turn;
    }
    if (first >= 80) {
        return DatagramKind::quic;
    }
    return DatagramKind::unknown;
}

}  // namespace turnpike::proto
