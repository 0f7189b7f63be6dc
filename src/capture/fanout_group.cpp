// Joins packet sockets into one fanout group of the kernel, which deals frames by our program.
#include "capture/fanout_group.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/core.h>

#include "capture/fanout_program.h"
#include "turnpike/base/error.h"

namespace turnpike::capture {
namespace {

constexpr std::uint32_t group_kind = PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_DEFRAG;

[[noreturn]] void refuse_fanout(const std::string& interface) {
    throw base::Error(base::ExitStatus::cannot_open,
                      fmt::format("{}: frames cannot be dealt to several workers: {}; run with "
                                  "--workers 1",
                                  interface, std::strerror(errno)));
}

void join(const std::string& interface, int socket, std::uint32_t kind, std::uint32_t id) {
    const std::uint32_t group = id | kind << 16U;
    if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &group, sizeof group) != 0) {
        refuse_fanout(interface);
    }
}

std::uint32_t group_id(const std::string& interface, int socket) {
    std::uint32_t group = 0;
    socklen_t size = sizeof group;
    if (::getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &group, &size) != 0) {
        refuse_fanout(interface);
    }
    return group & 0xffffU;
}

void deal_by_program(const std::string& interface, int socket) {
    auto code = fanout_program(static_cast<std::uint32_t>(SKF_NET_OFF), {});
    const sock_fprog program{.len = static_cast<unsigned short>(code.size()),
                             .filter = code.data()};
    if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof program) != 0) {
        refuse_fanout(interface);
    }
}

}  // namespace

void share_frames(const std::string& interface, std::span<const int> sockets) {
    // The kernel finds a number that no other program uses.
    join(interface, sockets.front(), group_kind | PACKET_FANOUT_FLAG_UNIQUEID, 0);
    const std::uint32_t id = group_id(interface, sockets.front());
    deal_by_program(interface, sockets.front());
    for (const int socket : sockets.subspan(1)) {
        join(interface, socket, group_kind, id);
    }
}

}  // namespace turnpike::capture
