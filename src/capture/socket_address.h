// Addresses as the system's calls have them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "turnpike/base/ip_address.h"

namespace turnpike::capture {

/// Address and port; IPv4 mapped into IPv6 becomes IPv4; no address for other families.
inline base::Endpoint address_of(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return {.address = base::IpAddress::v4(ntohl(v4.sin_addr.s_addr)),
                .port = ntohs(v4.sin_port)};
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        const base::Bytes octets(v6.sin6_addr.s6_addr);
        const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        return {.address = base::IpAddress::from_octets(mapped ? octets.last(4) : octets),
                .port = ntohs(v6.sin6_port)};
    }
    return {};
}

}  // namespace turnpike::capture
