// Receives mirrored frames on a UDP socket, several with one system call.
#include "capture/live_listener.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>

#include <fmt/core.h>

#include "capture/mirror_listener.h"
#include "capture/socket_address.h"
#include "capture/udp_header.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/error.h"
#include "turnpike/base/time.h"

namespace turnpike::capture {
namespace {

using base::Error;
using base::ExitStatus;

constexpr std::size_t messages_at_once = 64;
constexpr std::size_t longest_datagram = 65'535;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&storage);  // as the socket interface wants it
    }
};

/// Where to bind to. No address: all of them, by an IPv6 socket that takes IPv4 as well.
SocketAddress to_bind(const base::IpAddress& address, std::uint16_t port) noexcept {
    SocketAddress made;
    if (address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&v4.sin_addr, address.octets().data(), sizeof v4.sin_addr);
        std::memcpy(&made.storage, &v4, sizeof v4);
        made.size = sizeof v4;
        return made;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (address) {
        std::memcpy(&v6.sin6_addr, address.octets().data(), sizeof v6.sin6_addr);
    }
    std::memcpy(&made.storage, &v6, sizeof v6);
    made.size = sizeof v6;
    return made;
}

template <typename Value>
bool set_option(int socket, int level, int option, const Value& value) noexcept {
    return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

[[noreturn]] void refuse_listener(const std::string& name, int error) {
    if (error == EACCES || error == EPERM) {
        throw Error(
            ExitStatus::no_permission,
            fmt::format("{}: no permission to listen on this port; use one above 1023", name));
    }
    if (error == EADDRINUSE) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: something listens on this port already, another program or a "
                                "VXLAN or GENEVE interface of this machine ('ss -lun' shows it)",
                                name));
    }
    if (error == EADDRNOTAVAIL) {
        throw Error(
            ExitStatus::cannot_open,
            fmt::format("{}: no interface of this machine has this address; leave it out to "
                        "listen on all ('ip address' shows them)",
                        name));
    }
    throw Error(ExitStatus::cannot_open, fmt::format("{}: {}", name, std::strerror(error)));
}

/// What the kernel tells beside a datagram.
struct Beside {
    base::Timestamp time;
    base::IpAddress local;  ///< none if it does not tell
};

template <typename Value>
Value value_of(const cmsghdr& control) noexcept {
    Value value{};
    std::memcpy(&value, CMSG_DATA(&control), sizeof value);
    return value;
}

Beside read_beside(msghdr& message) {
    Beside beside{.time = base::now(), .local = {}};
    for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
         control = CMSG_NXTHDR(&message, control)) {
        if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
            const auto time = value_of<timespec>(*control);
            beside.time = base::Timestamp(std::chrono::seconds(time.tv_sec) +
                                          std::chrono::nanoseconds(time.tv_nsec));
        } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            const auto info = value_of<in_pktinfo>(*control);
            beside.local = base::IpAddress::v4(ntohl(info.ipi_addr.s_addr));
        } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            address.sin6_addr = value_of<in6_pktinfo>(*control).ipi6_addr;
            beside.local = address_of(reinterpret_cast<const sockaddr&>(address)).address;
        }
    }
    return beside;
}

}  // namespace

/// Where the kernel puts datagrams, several with one call.
struct LiveListener::Mailbox {
    struct Slot {
        std::array<std::uint8_t, longest_datagram> octets;
        alignas(cmsghdr) std::array<std::uint8_t, 256> control;
        sockaddr_storage peer;
    };
    std::array<Slot, messages_at_once> slots;
    std::array<iovec, messages_at_once> pieces;
    std::array<mmsghdr, messages_at_once> messages;

    /// The kernel changes the lengths with every call.
    void open() noexcept {
        for (std::size_t i = 0; i < messages_at_once; ++i) {
            pieces[i] = {.iov_base = slots[i].octets.data(), .iov_len = longest_datagram};
            messages[i] = {};
            msghdr& header = messages[i].msg_hdr;
            header.msg_name = &slots[i].peer;
            header.msg_namelen = sizeof slots[i].peer;
            header.msg_iov = &pieces[i];
            header.msg_iovlen = 1;
            header.msg_control = slots[i].control.data();
            header.msg_controllen = slots[i].control.size();
        }
    }
};

LiveListener::LiveListener(const MirrorListener& wanted, std::size_t buffer_octets,
                           std::uint32_t snap_length)
    : name_(to_string(wanted)),
      tunnel_port_(registered_port(wanted.kind)),
      senders_(wanted.senders),
      networks_(wanted.networks),
      snap_length_(snap_length),
      mailbox_(std::make_unique_for_overwrite<Mailbox>()) {
    bind(wanted);
    prepare(buffer_octets);
}

LiveListener::~LiveListener() {
    ::close(socket_);
}

void LiveListener::bind(const MirrorListener& wanted) {
    base::IpAddress address = base::IpAddress::parse(wanted.address).value_or(base::IpAddress());
    constexpr int kind = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    socket_ = ::socket(address.is_v4() ? AF_INET : AF_INET6, kind, 0);
    if (socket_ < 0 && errno == EAFNOSUPPORT && !address) {  // a system without IPv6
        address = base::IpAddress::v4(INADDR_ANY);
        socket_ = ::socket(AF_INET, kind, 0);
    }
    if (socket_ < 0) {
        refuse_listener(name_, errno);
    }
    if (!address.is_v4()) {
        set_option(socket_, IPPROTO_IPV6, IPV6_V6ONLY, address ? 1 : 0);
    }
    const SocketAddress target = to_bind(address, wanted.port);
    SocketAddress bound{.storage = {}, .size = sizeof(sockaddr_storage)};
    if (::bind(socket_, target.get(), target.size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
        const int error = errno;
        ::close(socket_);
        refuse_listener(name_, error);
    }
    local_ = address_of(*bound.get());
}

void LiveListener::prepare(std::size_t buffer_octets) const {
    const int octets = static_cast<int>(std::min<std::size_t>(buffer_octets, INT_MAX / 2));
    if (!set_option(socket_, SOL_SOCKET, SO_RCVBUFFORCE, octets)) {
        set_option(socket_, SOL_SOCKET, SO_RCVBUF, octets);
    }
    set_option(socket_, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    // Each fails on a socket of the other family.
    set_option(socket_, IPPROTO_IP, IP_PKTINFO, 1);
    set_option(socket_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

void LiveListener::read(LiveSegment& segment, std::size_t most) {
    std::size_t left = most;
    bool more = true;
    while (more && left > 0) {
        const std::size_t asked = std::min(left, messages_at_once);
        mailbox_->open();
        const int count = ::recvmmsg(socket_, mailbox_->messages.data(),
                                     static_cast<unsigned>(asked), MSG_DONTWAIT, nullptr);
        const std::size_t received = count > 0 ? static_cast<std::size_t>(count) : 0;
        for (std::size_t i = 0; i < received; ++i) {
            deliver(segment, i);
        }
        left -= received;
        more = received == asked;
    }
}

// RFC 7348 5 and RFC 8926 3.4: the identifier's place is the same in both headers.
bool LiveListener::takes(const base::IpAddress& sender, base::Bytes payload) const noexcept {
    if (!senders_.empty() && std::ranges::none_of(senders_, [&](const base::Prefix& network) {
            return network.contains(sender);
        })) {
        return false;
    }
    base::Cursor cursor{payload};
    cursor.skip(4);
    const std::uint32_t network = cursor.u24();
    return networks_.empty() ||
           (cursor.ok() && std::ranges::find(networks_, network) != networks_.end());
}

std::vector<std::string> LiveListener::take_notices() {
    if (refused_ == 0 || refusal_told_) {
        return {};
    }
    refusal_told_ = true;
    return {
        fmt::format("{}: datagrams of senders or networks that --listen does not name are left "
                    "out",
                    name_)};
}

void LiveListener::deliver(LiveSegment& segment, std::size_t index) {
    mmsghdr& message = mailbox_->messages[index];
    const Beside beside = read_beside(message.msg_hdr);
    const base::Endpoint peer =
        address_of(reinterpret_cast<const sockaddr&>(mailbox_->slots[index].peer));
    const auto payload = base::Bytes(mailbox_->slots[index].octets).first(message.msg_len);
    if (!takes(peer.address, payload)) {
        ++refused_;
        return;
    }
    const UdpHeader header(
        peer, {.address = beside.local ? beside.local : local_.address, .port = tunnel_port_},
        payload.size());
    const std::size_t whole = header.bytes().size() + payload.size();
    const std::size_t kept =
        std::max(header.bytes().size(), std::min<std::size_t>(whole, snap_length_));
    const auto room = segment.add({.time = beside.time,
                                   .number = 0,
                                   .link_type = 101,  // LINKTYPE_RAW
                                   .wire_length = static_cast<std::uint32_t>(whole),
                                   .bytes = {}},
                                  kept);
    std::ranges::copy(header.bytes(), room.begin());
    std::ranges::copy(payload.first(kept - header.bytes().size()),
                      room.subspan(header.bytes().size()).begin());
}

/// An error of the socket (an ICMP message, say) is fetched, so that it is not reported for ever.
void LiveListener::check() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
}

LostFrames LiveListener::lost() {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    if (::getsockopt(socket_, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0) {
        dropped_.see(memory[SK_MEMINFO_DROPS]);
    }
    return last_lost();
}

}  // namespace turnpike::capture
