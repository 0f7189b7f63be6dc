// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): the endpoints that a load
// balancer puts in front of a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// The header in front of a stream, of either version.
struct ProxyHeader {
    std::uint8_t version = 1;
    bool local = false;          ///< v2 LOCAL or v1 UNKNOWN: no endpoints of a client
    bool datagram = false;       ///< v2 transport is UDP
    base::Endpoint source;       ///< the original client
    base::Endpoint destination;  ///< the address the client asked for
    base::Bytes tlvs;            ///< v2 only
    std::size_t size = 0;        ///< octets to skip; the stream proper follows
};
/// Errors: not_this, truncated (more is needed), bad_length, bad_value, bad_version.
base::Result<ProxyHeader> decode_proxy_header(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
