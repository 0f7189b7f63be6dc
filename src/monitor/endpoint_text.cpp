// Parses "host:port" and the authority of a request.
#include "monitor/endpoint_text.h"

#include <charconv>
#include <optional>

namespace turnpike::monitor {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return port;
}

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

std::expected<base::Endpoint, std::string_view> parse_endpoint(std::string_view text) noexcept {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::unexpected("the port is missing");
    }
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) {
        return std::unexpected("this is no port");
    }
    const auto address = parse_host(text.substr(0, colon));
    if (!address) {
        return std::unexpected("this is no IP address");
    }
    return base::Endpoint{*address, *port};
}

std::string_view host_of(std::string_view authority) noexcept {
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
    }
    return authority.substr(0, authority.find(':'));
}

}  // namespace turnpike::monitor
