// Between the kernel's socket addresses and ours.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "turnpike/base/ip_address.h"

namespace turnpike::respond {

inline base::Endpoint endpoint_of(const sockaddr_storage& address) {
    base::Endpoint endpoint;
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        endpoint.address = base::IpAddress::v4(ntohl(v4.sin_addr.s_addr));
        endpoint.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        endpoint.address = base::IpAddress::from_octets(base::Bytes(v6.sin6_addr.s6_addr, 16));
        endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
}

}  // namespace turnpike::respond
