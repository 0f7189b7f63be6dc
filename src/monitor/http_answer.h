// The little of HTTP that a metrics endpoint needs (RFC 9110, 9112).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::monitor {

/// A request may have so many octets, request line and fields together.
inline constexpr std::size_t most_request = 8192;

struct HttpAnswer {
    std::string text;      ///< the whole response
    bool refusal = false;  ///< the request was not understood; there may be more of it to come
};

/// The response to what came so far of a request: nothing while it is not complete. `metrics` is
/// what GET /metrics yields.
std::optional<HttpAnswer> answer(std::string_view request, std::string_view metrics);

}  // namespace turnpike::monitor
