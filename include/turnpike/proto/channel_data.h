// TURN ChannelData messages: RFC 8656 12.4; and Microsoft's multiplexed TURN sessions, which share
// their shape with a channel number of 0xff10 and a session id of eight octets in front of the
// payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// Whether messages are padded to four octets on this carrier (RFC 8656 12.5).
enum class ChannelPadding : std::uint8_t {
    optional_on_udp,  ///< a datagram may have it
    required_on_tcp,  ///< every message has it
};

/// One ChannelData message (RFC 8656 12.4).
struct ChannelData {
    std::uint16_t channel = 0;  ///< 0x4000 to 0x4fff (RFC 8656 12); 0x5000 to 0x7fff was RFC 5766
    base::Bytes payload;        ///< the datagram to or from the peer; view into the input
    std::size_t consumed = 0;   ///< header, payload and padding
};

/// Decodes the message at the front of `bytes`. Errors: not_this (no channel number), truncated
/// (payload or TCP padding not complete yet).
base::Result<ChannelData> decode_channel_data(base::Bytes bytes, ChannelPadding padding) noexcept;

/// For one UDP datagram: `yes` if the length fits to the last octet (padding of up to three zero
/// octets aside) and the payload is not empty, with a channel of RFC 8656; `maybe` in the wider
/// range of RFC 5766 or with an empty payload.
Likelihood probe_channel_data(base::Bytes datagram) noexcept;

/// A message of a multiplexed TURN session (Microsoft).
struct MultiplexedTurn {
    std::uint64_t session = 0;
    base::Bytes payload;
    std::size_t consumed = 0;  ///< octets of the whole message
};
/// Errors: not_this, truncated, bad_length.
base::Result<MultiplexedTurn> decode_multiplexed_turn(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
