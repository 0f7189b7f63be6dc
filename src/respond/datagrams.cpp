// Receives datagrams with the address they were sent to, and answers from there.
#include "respond/datagrams.h"

#include <cstring>

#include "respond/socket_address.h"

namespace turnpike::respond {
namespace {

// The same control message that came in serves to send, with the interface left to the routes.
void keep_local(const msghdr& message, Received& received) {
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            received.target = base::IpAddress::v4(ntohl(info.ipi_addr.s_addr));
            info.ipi_ifindex = 0;
            info.ipi_spec_dst = info.ipi_addr;
            std::memcpy(CMSG_DATA(header), &info, sizeof info);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            received.target = base::IpAddress::from_octets(base::Bytes(info.ipi6_addr.s6_addr, 16));
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) {
                info.ipi6_ifindex = 0;
            }
            std::memcpy(CMSG_DATA(header), &info, sizeof info);
        } else {
            continue;
        }
        const auto octets = CMSG_ALIGN(header->cmsg_len);
        if (octets <= received.local.size()) {
            std::memcpy(received.local.data(), header, octets);
            received.local_octets = octets;
        }
        return;
    }
}

}  // namespace

std::optional<Received> receive(int socket, Buffer& buffer) {
    Received received;
    alignas(cmsghdr) std::array<std::uint8_t, 128> control{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &received.peer;
    message.msg_namelen = sizeof received.peer;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto count = ::recvmsg(socket, &message, MSG_DONTWAIT);
    if (count < 0) {
        return std::nullopt;
    }
    received.payload = base::Bytes(buffer).first(static_cast<std::size_t>(count));
    received.peer_octets = message.msg_namelen;
    received.source = endpoint_of(received.peer);
    keep_local(message, received);
    return received;
}

bool reply(int socket, const Received& to, base::Bytes payload) {
    alignas(cmsghdr) auto local = to.local;
    auto peer = to.peer;
    iovec part{const_cast<std::uint8_t*>(payload.data()), payload.size()};
    msghdr message{};
    message.msg_name = &peer;
    message.msg_namelen = to.peer_octets;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (to.local_octets > 0) {
        message.msg_control = local.data();
        message.msg_controllen = to.local_octets;
    }
    return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(payload.size());
}

}  // namespace turnpike::respond
