// Parses `--metrics`: a loopback endpoint or the path of a Unix socket.
#include <fmt/core.h>

#include "monitor/endpoint_text.h"
#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/metrics_server.h"

namespace turnpike::monitor {
namespace {

[[noreturn]] void refuse_metrics(std::string_view text, std::string_view why) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--metrics {}: {}; use 127.0.0.1:9464, [::1]:9464 or unix:/path",
                                  base::from_network(text), why));
}

}  // namespace

MetricsAddress MetricsAddress::parse(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:";
    if (text.starts_with(unix_prefix)) {
        const auto path = text.substr(unix_prefix.size());
        if (path.empty() || path.contains('\0')) {
            refuse_metrics(text, "the path is missing");
        }
        return {{}, std::string(path)};
    }
    const auto endpoint = parse_endpoint(text);
    if (!endpoint) {
        refuse_metrics(text, endpoint.error());
    }
    if (!endpoint->address.is_loopback()) {
        refuse_metrics(text,
                       "others could reach this address, metrics are served on loopback only");
    }
    return {*endpoint, {}};
}

}  // namespace turnpike::monitor
