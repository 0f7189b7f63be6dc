// Resolves the hosts that a probe's command line names, and reads credentials from files.
#include "app/probe_hosts.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>

#include "turnpike/base/base64.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

struct HostAndPort {
    std::string host;
    std::uint16_t port = 0;
};

HostAndPort split(const std::string& text, std::uint16_t default_port, const char* option) {
    const auto wrong = [&]() -> Error {
        return {ExitStatus::usage, fmt::format("{} {}: give HOST, HOST:PORT or [ADDRESS]:PORT",
                                               option, base::escape(text))};
    };
    HostAndPort found{text, default_port};
    std::string port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string::npos) {
            throw wrong();
        }
        found.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else if (std::ranges::count(text, ':') == 1) {
        found.host = text.substr(0, text.find(':'));
        port = text.substr(text.find(':'));
    }
    if (!port.empty()) {
        const auto* const begin = port.data() + 1;
        const auto [end, error] = std::from_chars(begin, port.data() + port.size(), found.port);
        if (port[0] != ':' || error != std::errc{} || end != port.data() + port.size()) {
            throw wrong();
        }
    }
    if (found.host.empty() || found.port == 0) {
        throw wrong();
    }
    return found;
}

base::IpAddress address_of(const addrinfo& entry) {
    if (entry.ai_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, entry.ai_addr, sizeof v4);
        return base::IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, entry.ai_addr, sizeof v6);
    return base::IpAddress::from_octets(base::Bytes(v6.sin6_addr.s6_addr, 16));
}

}  // namespace

std::vector<base::Endpoint> find_host(const std::string& text, std::uint16_t default_port,
                                      const char* option) {
    const auto wanted = split(text, default_port, option);
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(wanted.host.c_str(), nullptr, &hints, &found);
    if (error != 0) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{} {}: {}; give its address instead of the name, or check the "
                                "resolver",
                                option, base::escape(wanted.host), ::gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    std::vector<base::Endpoint> endpoints;
    for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
        const auto address = address_of(*entry);
        const auto same_family = [&address](const base::Endpoint& endpoint) {
            return endpoint.address.version() == address.version();
        };
        if (std::ranges::none_of(endpoints, same_family)) {
            endpoints.push_back({address, wanted.port});
        }
    }
    return endpoints;
}

probe::TurnUser find_user(const std::filesystem::path& credentials) {
    std::ifstream file(credentials);
    if (!file) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: {}; give a file with one line user:password",
                                credentials.string(), std::strerror(errno)));
    }
    std::string login;
    const auto end = std::getline(file, login) ? login.find(':') : std::string::npos;
    if (end == std::string::npos) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: one line user:password is wanted", credentials.string()));
    }
    return {login.substr(0, end), login.substr(end + 1)};
}

namespace {

constexpr std::uint16_t usual_proxy_port = 8080;

/// HOST or HOST:PORT of what a proxy variable may hold.
std::string place_of_proxy(const std::string& text) {
    auto place = text;
    if (place.starts_with("http://")) {
        place.erase(0, std::strlen("http://"));
    }
    while (place.ends_with('/')) {
        place.pop_back();
    }
    if (place.find('@') != std::string::npos || place.find("//") != std::string::npos) {
        throw Error(ExitStatus::usage,
                    "--proxy: give HOST:PORT of an HTTP proxy, and a login as a file with "
                    "--proxy-credentials");
    }
    return place;
}

}  // namespace

void check_host(const std::string& text, const char* option) {
    split(text, 1, option);
}

void check_proxy(const std::string& text) {
    split(place_of_proxy(text), usual_proxy_port, "--proxy");
}

probe::Proxy find_proxy(const std::string& text, const std::filesystem::path& credentials) {
    probe::Proxy proxy;
    proxy.at = find_host(place_of_proxy(text), usual_proxy_port, "--proxy").front();
    if (!credentials.empty()) {
        const auto user = find_user(credentials);
        proxy.authorization =
            "Basic " + base::base64(base::as_bytes(user.username + ":" + user.password));
    }
    return proxy;
}

}  // namespace turnpike::app
