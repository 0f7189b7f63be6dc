// Datagrams with the local address that each was sent to: the answer must come from there, too.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"

namespace turnpike::respond {

struct Received {
    base::Bytes payload;  ///< into the buffer
    base::Endpoint source;
    base::IpAddress target;  ///< the local address
    sockaddr_storage peer{};
    socklen_t peer_octets = 0;
    std::array<std::uint8_t, 64> local{};  ///< the control message that names `target`
    std::size_t local_octets = 0;
};

using Buffer = std::array<std::uint8_t, 4096>;

/// The next datagram that waits; nothing if none does.
std::optional<Received> receive(int socket, Buffer& buffer);
/// Sends to where it came from, from where it was sent to. False if the kernel refused.
bool reply(int socket, const Received& to, base::Bytes payload);

}  // namespace turnpike::respond
