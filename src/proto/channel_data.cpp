// TURN ChannelData: RFC 8656 12.4 and 12.5; Microsoft's multiplexed TURN sessions.
#include "turnpike/proto/channel_data.h"

#include <algorithm>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

constexpr std::uint16_t first_channel = 0x4000;
constexpr std::uint16_t last_channel = 0x4fff;      // RFC 8656 12
constexpr std::uint16_t last_old_channel = 0x7fff;  // RFC 5766 11
constexpr std::uint16_t multiplexed_channel = 0xff10;
constexpr std::size_t session_size = 8;

std::size_t padding_of(std::size_t length) noexcept {
    return (4 - length % 4) % 4;
}

bool is_channel(std::uint16_t number) noexcept {
    return number >= first_channel && number <= last_old_channel;
}

}  // namespace

Result<ChannelData> decode_channel_data(Bytes bytes, ChannelPadding padding) noexcept {
    Cursor cursor(bytes);
    ChannelData message;
    message.channel = cursor.u16();
    if (cursor.ok() && !is_channel(message.channel)) {
        return std::unexpected(ParseError::not_this);
    }
    const std::uint16_t length = cursor.u16();
    message.payload = cursor.take(length);
    if (padding == ChannelPadding::required_on_tcp) {
        cursor.skip(padding_of(length));
    } else {
        cursor.skip(std::min(padding_of(length), cursor.remaining()));
    }
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    message.consumed = cursor.position();
    return message;
}

Likelihood probe_channel_data(Bytes datagram) noexcept {
    const auto message = decode_channel_data(datagram, ChannelPadding::optional_on_udp);
    if (!message || message->consumed != datagram.size()) {
        return Likelihood::no;
    }
    const Bytes after_payload = datagram.subspan(4 + message->payload.size());
    if (std::ranges::any_of(after_payload, [](std::uint8_t octet) { return octet != 0; })) {
        return Likelihood::no;
    }
    const bool usual = message->channel <= last_channel && !message->payload.empty();
    return usual ? Likelihood::yes : Likelihood::maybe;
}

Result<MultiplexedTurn> decode_multiplexed_turn(Bytes bytes) noexcept {
    Cursor cursor(bytes);
    if (cursor.u16() != multiplexed_channel && cursor.ok()) {
        return std::unexpected(ParseError::not_this);
    }
    const std::uint16_t length = cursor.u16();
    // The length counts the session id.
    if (cursor.ok() && length < session_size) {
        return std::unexpected(ParseError::bad_length);
    }
    MultiplexedTurn message;
    message.session = cursor.u64();
    message.payload = cursor.take(length - session_size);
    if (!cursor.ok()) {
        return std::unexpected(ParseError::truncated);
    }
    message.consumed = cursor.position();
    return message;
}

}  // namespace turnpike::proto
