// Writes and attaches the filters of listeners, of raw sockets and of the agreed port.
#include "respond/socket_filters.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "turnpike/proof/message.h"

namespace turnpike::respond {
namespace {

using Program = std::vector<sock_filter>;

constexpr std::uint32_t everything = 0xffff'ffff;
constexpr std::uint32_t network_header = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t v4_source = 12;            // RFC 791
constexpr std::uint32_t v6_source = 8;             // RFC 8200
constexpr std::uint32_t tcp_destination_port = 2;  // RFC 9293
constexpr std::uint32_t tcp_flags = 13;
constexpr std::uint32_t syn_and_ack = 0x12;
constexpr std::uint32_t syn = 0x02;
constexpr std::uint32_t udp_header = 8;

sock_filter statement(unsigned code, std::uint32_t value) {
    return {static_cast<std::uint16_t>(code), 0, 0, value};
}

/// Skips so many instructions if the accumulator differs from `value`.
sock_filter unless_equal(std::uint32_t value, unsigned skip) {
    return {BPF_JMP | BPF_JEQ | BPF_K, 0, static_cast<std::uint8_t>(skip), value};
}

bool attach(int socket, Program& program) noexcept {
    const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
    return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &loaded, sizeof loaded) == 0;
}

std::uint32_t word_of(base::Bytes octets) {
    return std::uint32_t{octets[0]} << 24U | std::uint32_t{octets[1]} << 16U |
           std::uint32_t{octets[2]} << 8U | octets[3];
}

}  // namespace

bool admit_only(int listener, bool v6, std::span<const base::IpAddress> addresses) noexcept {
    Program program;
    for (const auto& address : addresses) {
        if (address.is_v6() != v6) {
            continue;
        }
        const auto octets = address.octets();
        const auto words = static_cast<unsigned>(octets.size() / 4);
        for (unsigned i = 0; i < words; ++i) {
            program.push_back(statement(BPF_LD | BPF_W | BPF_ABS,
                                        network_header + (v6 ? v6_source : v4_source) + 4 * i));
            const unsigned rest = 2 * (words - i - 1) + 1;  // of this address, and its return
            program.push_back(unless_equal(word_of(octets.subspan(std::size_t{4} * i, 4)), rest));
        }
        program.push_back(statement(BPF_RET | BPF_K, everything));
    }
    program.push_back(statement(BPF_RET | BPF_K, 0));
    return attach(listener, program);
}

void watch_syns(int raw, bool v6, std::span<const std::uint16_t> ports) noexcept {
    // A raw IPv4 socket delivers the IP header, a raw IPv6 socket does not.
    Program program;
    program.push_back(v6 ? statement(BPF_LDX | BPF_IMM, 0)
                         : statement(BPF_LDX | BPF_B | BPF_MSH, 0));
    program.push_back(statement(BPF_LD | BPF_B | BPF_IND, tcp_flags));
    program.push_back(statement(BPF_ALU | BPF_AND | BPF_K, syn_and_ack));
    program.push_back(unless_equal(syn, 2));
    program.push_back(statement(BPF_LD | BPF_H | BPF_IND, tcp_destination_port));
    program.push_back(statement(BPF_JMP | BPF_JA, 1));
    program.push_back(statement(BPF_RET | BPF_K, 0));
    for (const auto port : ports) {
        program.push_back(unless_equal(port, 1));
        program.push_back(statement(BPF_RET | BPF_K, everything));
    }
    program.push_back(statement(BPF_RET | BPF_K, 0));
    attach(raw, program);
}

void only_messages(int socket) noexcept {
    constexpr std::uint32_t magic = 0x5450'4b31;  // "TPK1"
    Program program{
        statement(BPF_LD | BPF_W | BPF_LEN, 0),
        unless_equal(udp_header + proof::message_octets, 3),
        statement(BPF_LD | BPF_W | BPF_ABS, udp_header),
        unless_equal(magic, 1),
        statement(BPF_RET | BPF_K, everything),
        statement(BPF_RET | BPF_K, 0),
    };
    attach(socket, program);
}

}  // namespace turnpike::respond
