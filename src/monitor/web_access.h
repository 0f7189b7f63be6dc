// Who may see the live page.
#pragma once

#include <optional>

#include "monitor/http_server.h"
#include "turnpike/monitor/web_server.h"

namespace turnpike::monitor {

/// Why a request is turned away, or, where it brings the token in its address, where to go on with
/// it as a cookie. Nothing: it may see everything.
std::optional<HttpAnswer> turn_away(const HttpRequest& request, const WebOptions& options);

}  // namespace turnpike::monitor
