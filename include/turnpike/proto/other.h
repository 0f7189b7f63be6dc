// Cheap recognition of protocols that turnpike only names: what else runs on a mirror port, so that
// it is not mistaken for a call.
#pragma once

#include <cstdint>

#include "turnpike/base/bytes.h"

namespace turnpike::proto {

/// A protocol that is named and not read.
enum class OtherProtocol : std::uint8_t {
    none,       ///< none of these
    ssh,        ///< RFC 4253
    smtp,       ///< RFC 5321
    ftp,        ///< RFC 959
    sip,        ///< RFC 3261
    ntp,        ///< RFC 5905
    dhcp,       ///< RFC 2131, RFC 8415
    mdns,       ///< RFC 6762
    llmnr,      ///< RFC 4795
    ssdp,       ///< UPnP device architecture
    netbios,    ///< RFC 1002
    snmp,       ///< RFC 3416
    mqtt,       ///< OASIS MQTT 3.1 and 5
    rdp,        ///< [MS-RDPBCGR]
    smb,        ///< [MS-SMB2]
    wireguard,  ///< the WireGuard white paper
    openvpn,    ///< OpenVPN's wire protocol
};

/// The ports of the two ends (host order); protocols without a magic number need one of them to be
/// the registered one.
struct PortPair {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
    /// One of the two is this port.
    [[nodiscard]] constexpr bool has(std::uint16_t port) const noexcept {
        return source == port || destination == port;
    }
};

/// Recognizes the payload of a UDP datagram. STUN, DTLS, QUIC, RTP and DNS are not its business:
/// ask their own probes first where the two could be confused (NTP, DHCP, SNMP, NetBIOS, mDNS and
/// LLMNR are recognized only on their registered ports).
OtherProtocol probe_other_datagram(base::Bytes payload, PortPair ports) noexcept;

/// A status line of SIP (RFC 3261 7.2): it answers, so its sender is no client.
bool is_sip_response(base::Bytes payload) noexcept;

/// Recognizes the first payload of one side of a TCP connection.
OtherProtocol probe_other_stream(base::Bytes payload, PortPair ports) noexcept;

}  // namespace turnpike::proto
