// SOCKS 5 (RFC 1928), SOCKS 4 and 4a: greeting, request with its target, and replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// RFC 1928 3: the client's offer of authentication methods.
struct SocksGreeting {
    base::Bytes methods;
    std::size_t size = 0;  ///< octets taken
};
/// Errors: not_this (another version), truncated, bad_length (it offers no method).
base::Result<SocksGreeting> decode_socks5_greeting(base::Bytes bytes) noexcept;

/// RFC 1928 3: the server's choice; 0xff is a refusal of all methods.
struct SocksMethodChoice {
    std::uint8_t method = 0;
    std::size_t size = 0;  ///< octets taken
};
/// Errors: not_this (another version), truncated.
base::Result<SocksMethodChoice> decode_socks5_method(base::Bytes bytes) noexcept;

/// A request (RFC 1928 4) or, with `code` as reply, an answer (6). Also SOCKS 4 and 4a.
struct SocksMessage {
    std::uint8_t version = 5;
    std::uint8_t code = 0;  ///< request: 1 CONNECT, 2 BIND, 3 UDP ASSOCIATE; reply: 0 succeeded (4:
                            ///< 90 granted)
    std::string_view host;  ///< a name; empty if the target is an address
    base::Endpoint endpoint;  ///< the address (none with a name) and the port
    std::size_t size = 0;     ///< octets taken

    /// The reply says that the connection stands.
    [[nodiscard]] constexpr bool granted() const noexcept {
        return version == 5 ? code == 0 : code == 90;
    }
};
/// Errors of all four: not_this (another version), bad_value (a code, an address type or a reserved
/// octet that there is not), truncated, limit (a name of more than 255 octets in SOCKS 4).
base::Result<SocksMessage> decode_socks5_request(base::Bytes bytes) noexcept;
/// The server's answer (RFC 1928 6). Errors as above.
base::Result<SocksMessage> decode_socks5_reply(base::Bytes bytes) noexcept;
/// A SOCKS 4 or 4a request. Errors as above.
base::Result<SocksMessage> decode_socks4_request(base::Bytes bytes) noexcept;
/// The server's answer to it. Errors as above.
base::Result<SocksMessage> decode_socks4_reply(base::Bytes bytes) noexcept;

/// User name and password negotiation (RFC 1929 2): how many octets the client's message takes.
/// Errors: not_this (another version of it), truncated.
base::Result<std::size_t> socks5_password_size(base::Bytes bytes) noexcept;

/// The first payload of a client. `maybe` at most for 5 (the greeting is short): the server's
/// answer decides; `yes` for a whole SOCKS 4 request.
Likelihood probe_socks(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
