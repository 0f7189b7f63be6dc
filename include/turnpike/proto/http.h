// Heads of HTTP/1.x requests and responses (RFC 9112), as far as they tell who is meant; the
// CONNECT method (RFC 9110 9.3.6), the upgrade to WebSocket (RFC 6455 4), and the HTTP/2 preface
// (RFC 9113 3.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"

namespace turnpike::proto {

/// A host and port as in a target or Host field (RFC 3986 3.2).
struct HttpAuthority {
    std::string_view host;   ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;  ///< 0 if there is none
};
/// "host", "host:port", "[2001:db8::1]:port"; user information is left out. Errors: bad_value.
base::Result<HttpAuthority> decode_http_authority(std::string_view text) noexcept;

/// The head of a request. Views point into the octets decoded.
struct HttpRequest {
    std::string_view method;
    std::string_view target;
    HttpAuthority authority;   ///< of the target (CONNECT, absolute form), else of Host
    std::string_view host;     ///< the Host field as sent, without white space around it
    std::string_view upgrade;  ///< the Upgrade field
    std::uint8_t minor_version = 1;
    std::uint64_t content_length = 0;  ///< octets of the body that it announces
    bool has_host = false;
    bool connect = false;
    bool websocket = false;  ///< Upgrade names websocket
    bool chunked = false;
    bool complete = true;  ///< false: the empty line at the end is not there yet
    std::size_t size = 0;  ///< octets of the head, the empty line included
};
/// Decodes the head at the front of a stream. While it is incomplete the error is `truncated`: come
/// back with more. not_this if it can be no HTTP/1.x request; bad_value, limit (64 KiB) if it began
/// like one.
base::Result<HttpRequest> decode_http_request(base::Bytes bytes) noexcept;
/// For a head that the capture cut: all fields whose lines are whole. truncated only if not even
/// the request line is; of CONNECT its method is enough, and where it leads is empty then.
base::Result<HttpRequest> decode_http_request_prefix(base::Bytes bytes) noexcept;

/// The head of a response.
struct HttpResponse {
    std::uint16_t status = 0;
    std::string_view reason;
    std::string_view location;
    std::string_view upgrade;
    std::string_view server;
    std::string_view via;
    bool proxy_field = false;  ///< a field whose name begins with "Proxy-" is there
    std::uint8_t minor_version = 1;
    bool websocket = false;
    bool complete = true;
    std::size_t size = 0;  ///< octets of the head, the empty line included

    /// 1xx other than 101: the final response is still to come (RFC 9110 15.2).
    [[nodiscard]] constexpr bool interim() const noexcept {
        return status >= 100 && status < 200 && status != 101;
    }
};
/// Decodes the head at the front of a stream. Errors as of decode_http_request.
base::Result<HttpResponse> decode_http_response(base::Bytes bytes) noexcept;
/// For a head that the capture cut: all fields whose lines are whole, and a Location whose
/// authority is. Errors as of decode_http_request_prefix: truncated only if not even the status
/// line is whole.
base::Result<HttpResponse> decode_http_response_prefix(base::Bytes bytes) noexcept;

/// `yes`: a known method, and the request line ends in "HTTP/1.x" or is not whole yet; or "HTTP/1."
/// of a response. `maybe`: the beginning of one of these, or a whole request line with a method
/// that is not known.
Likelihood probe_http_request(base::Bytes bytes) noexcept;
/// The same for an answer: `yes` for "HTTP/1.", `maybe` for the beginning of that.
Likelihood probe_http_response(base::Bytes bytes) noexcept;
/// The connection preface of HTTP/2 with prior knowledge (RFC 9113 3.4).
Likelihood probe_http2(base::Bytes bytes) noexcept;

}  // namespace turnpike::proto
