#include <fmt/core.h>

#include <charconv>

#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"
#include "turnpike/monitor/metrics_server.h"

namespace turnpike::monitor {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--metrics {}: {}; use 127.0.0.1:9464, [::1]:9464 or unix:/path",
                                  base::from_network(text), why));
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return port;
}

// Names are not looked up: this is about the machine itself.
std::optional<base::IpAddress> parse_host(std::string_view host) noexcept {
    if (host.empty() || host == "localhost") {
        return base::IpAddress::parse("127.0.0.1");
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        const auto address = base::IpAddress::parse(host.substr(1, host.size() - 2));
        return address && address->is_v6() ? address : std::nullopt;
    }
    const auto address = base::IpAddress::parse(host);
    return address && address->is_v4() ? address : std::nullopt;
}

}  // namespace

MetricsAddress MetricsAddress::parse(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:";
    if (text.starts_with(unix_prefix)) {
        const auto path = text.substr(unix_prefix.size());
        if (path.empty() || path.contains('\0')) {
            refuse(text, "the path is missing");
        }
        return {{}, std::string(path)};
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        refuse(text, "the port is missing");
    }
    const auto port = parse_port(text.substr(colon + 1));
    const auto address = parse_host(text.substr(0, colon));
    if (!port) {
        refuse(text, "this is no port");
    }
    if (!address) {
        refuse(text, "this is no IP address");
    }
    if (!address->is_loopback()) {
        refuse(text, "others could reach this address, metrics are served on loopback only");
    }
    return {{*address, *port}, {}};
}

}  // namespace turnpike::monitor
