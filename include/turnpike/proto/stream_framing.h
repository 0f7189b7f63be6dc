// Datagrams inside an octet stream: a length of two octets in front of each (DNS over TCP, RFC 1035
// 4.2.2; RTP, RTCP and STUN over TCP, RFC 4571 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// A message between two lengths; a view into the stream.
struct FramedMessage {
    base::Bytes message;       ///< may be empty (RFC 4571 2 allows that as a keep-alive)
    std::size_t consumed = 0;  ///< with the length field
};

/// The message at the front of the stream. The only error is truncated: more octets are needed.
base::Result<FramedMessage> next_framed_message(base::Bytes stream) noexcept;

/// Does a stream begin with a framed STUN, RTP, RTCP or DTLS message? `yes` only for STUN with the
/// cookie or DTLS; `maybe` for RTP and RTCP.
Likelihood probe_rfc4571(base::Bytes stream) noexcept;

}  // namespace turnpike::proto
