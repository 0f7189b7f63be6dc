// What reads the streams of a TCP connection once their protocol is known: one class for each
// protocol, with no more than its own state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "inspect/context.h"
#include "turnpike/base/bytes.h"
#include "turnpike/proto/stun.h"

namespace turnpike::inspect {

/// What a reader made of the octets that it was shown.
struct Progress {
    enum class Next : std::uint8_t {
        more,      ///< it may go on with what is left, if anything is
        wait,      ///< until more octets arrive; what was not consumed is shown again with them
        turn,      ///< the same, and what the other end sent before may be read now
        finish,    ///< nothing more of this connection needs to be read
        protocol,  ///< another protocol begins with the next octet
        tunnel,    ///< the same inside a proxy's tunnel, whichever end sends next
    };
    std::size_t consumed = 0;  ///< octets, from the front
    Next next = Next::wait;
};

/// Where readers put whole messages that datagrams carry as well.
class MessageSink {
  public:
    virtual ~MessageSink() = default;
    /// False if it is no DNS message.
    virtual bool dns_message(const PayloadContext& payload, base::Bytes message) = 0;
    virtual void stun_message(const PayloadContext& payload, const proto::StunMessage& message) = 0;
    /// What a ChannelData message carries.
    virtual void channel_data(const PayloadContext& payload, base::Bytes octets) = 0;
    /// A datagram out of a stream with frames, where it can only be a call's (RFC 4571).
    virtual void framed_datagram(const PayloadContext& payload, base::Bytes octets) = 0;
};

class StreamReader {
  public:
    virtual ~StreamReader() = default;
    /// Reads what one end has sent: `octets` follow those consumed before, but for what is missing
    /// in between where there is a gap. Never called without octets. `payload` says which end that
    /// is, and names the packet that brought the last of them.
    virtual Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) = 0;
    /// What follows of this end will not be seen: makes the most of what there is.
    virtual void break_off(const PayloadContext& /*payload*/) {}
    /// Nothing that this end sends is of interest any more.
    [[nodiscard]] virtual bool is_done_with(Side /*side*/) const noexcept { return false; }
};

}  // namespace turnpike::inspect
