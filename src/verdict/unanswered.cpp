// Recognises by port and address what nobody has to answer.
#include "verdict/unanswered.h"

#include <algorithm>
#include <array>

namespace turnpike::verdict {
namespace {

/// UDP ports (IANA) of services that are told things, or asked by everybody at once.
constexpr std::array<std::uint16_t, 18> announcing_ports{
    67,    68,                // DHCP, RFC 2131
    137,   138,               // NetBIOS names and datagrams, RFC 1002
    162,                      // SNMP traps, RFC 3417
    514,                      // syslog, RFC 5426
    546,   547,               // DHCPv6, RFC 8415
    1900,                     // SSDP, UPnP Device Architecture
    2055,  4739, 9995, 9996,  // flow export: NetFlow (RFC 3954), IPFIX (RFC 7011)
    5353,                     // mDNS, RFC 6762
    5355,                     // LLMNR, RFC 4795
    6343,                     // sFlow
    8125,                     // statsd
    25826,                    // collectd
};

/// Broadcast into a network whose mask is not known: the last bits are ones, and the frame went to
/// a group, or it is a private network of the usual size.
bool is_directed_broadcast(const facts::Flow& flow) noexcept {
    const auto& address = flow.server().address();
    if (!address.is_v4()) {
        return false;
    }
    constexpr std::uint8_t smallest_host_part = 0x03;
    const std::uint8_t last = address.octets()[3];
    return (flow.to_group && (last & smallest_host_part) == smallest_host_part) ||
           (address.is_private() && last == 0xff);
}

/// Checks, handshakes and media go to one peer and want its answer, on whatever port it has.
bool asks_one(const facts::Flow& flow) noexcept {
    return flow.client_of(*flow.stun).requests > 0 || flow.rare->dtls->client_hello ||
           flow.client_of(*flow.media).rtp_packets > 0;
}

}  // namespace

bool expects_no_answer(const facts::Flow& flow) noexcept {
    if (flow.transport != facts::Transport::udp) {
        return false;
    }
    const auto& server = flow.server().endpoint;
    if (server.address.is_multicast() || server.address.is_broadcast()) {
        return true;
    }
    if (asks_one(flow)) {
        return false;
    }
    return is_directed_broadcast(flow) ||
           std::ranges::find(announcing_ports, server.port) != announcing_ports.end();
}

}  // namespace turnpike::verdict
