// Length-prefixed datagrams in a stream: RFC 1035 4.2.2, RFC 4571 2.
#include "turnpike/proto/stream_framing.h"

#include "turnpike/base/cursor.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/rtcp.h"
#include "turnpike/proto/rtp.h"
#include "turnpike/proto/stun.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;

base::Result<FramedMessage> next_framed_message(Bytes stream) noexcept {
    Cursor cursor(stream);
    FramedMessage framed;
    framed.message = cursor.take_u16_prefixed();
    framed.consumed = cursor.position();
    if (!cursor.ok()) {
        return std::unexpected(base::ParseError::truncated);
    }
    return framed;
}

namespace {

// A DTLS record header: version 254.255 or 254.253 (RFC 9147 4.1, RFC 6347 4.1) and a length that
// fits.
bool is_dtls_record(Bytes message) noexcept {
    Cursor cursor(message);
    cursor.skip(1);
    const std::uint16_t version = cursor.u16();
    cursor.skip(8);  // epoch and sequence number
    const std::uint16_t length = cursor.u16();
    return cursor.ok() && (version == 0xfeff || version == 0xfefd) && length <= cursor.remaining();
}

}  // namespace

Likelihood probe_rfc4571(Bytes stream) noexcept {
    const auto framed = next_framed_message(stream);
    if (!framed) {
        return Likelihood::no;
    }
    const Bytes message = framed->message;
    switch (classify_datagram(message)) {
        case DatagramKind::stun: {
            const auto stun = decode_stun(message);
            const bool exact = stun && !stun->classic && stun->consumed() == message.size();
            return exact ? Likelihood::yes : Likelihood::no;
        }
        case DatagramKind::dtls:
            return is_dtls_record(message) ? Likelihood::yes : Likelihood::no;
        case DatagramKind::rtp:
            return probe_rtp(message);
        case DatagramKind::rtcp:
            return probe_rtcp(message) == Likelihood::no ? Likelihood::no : Likelihood::maybe;
        case DatagramKind::empty:
        case DatagramKind::zrtp:
        case DatagramKind::turn_channel:
        case DatagramKind::quic:
        case DatagramKind::multiplexed_turn:
        case DatagramKind::unknown:
            break;
    }
    return Likelihood::no;
}

}  // namespace turnpike::proto
