// Recognition of protocols that are only named. The reference stands at each of them.
#include "turnpike/proto/other.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "turnpike/base/cursor.h"
#include "turnpike/proto/dns.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::Cursor;

bool begins_with(Bytes payload, std::string_view text) noexcept {
    return base::as_text(payload).starts_with(text);
}

bool contains_in_first_line(Bytes payload, std::string_view text) noexcept {
    const auto all = base::as_text(payload);
    return all.substr(0, all.find('\n')).find(text) != std::string_view::npos;
}

// RFC 3261 7.1 and 7.2: a request line ends in the version, a status line begins with it.
bool is_sip(Bytes payload) noexcept {
    if (is_sip_response(payload)) {
        return true;
    }
    constexpr std::array<std::string_view, 14> methods{
        "INVITE ",    "ACK ",    "BYE ",     "CANCEL ", "OPTIONS ", "REGISTER ", "PRACK ",
        "SUBSCRIBE ", "NOTIFY ", "PUBLISH ", "INFO ",   "REFER ",   "MESSAGE ",  "UPDATE "};
    return std::ranges::any_of(methods,
                               [&](auto method) { return begins_with(payload, method); }) &&
           contains_in_first_line(payload, " SIP/2.0");
}

// RFC 4253 4.2
bool is_ssh(Bytes payload) noexcept {
    return begins_with(payload, "SSH-2.0-") || begins_with(payload, "SSH-1.");
}

bool is_greeting(Bytes payload) noexcept {
    return begins_with(payload, "220 ") || begins_with(payload, "220-");
}

// RFC 5321 4.2: the greeting, or the client's first command where the server's was not seen.
bool is_smtp(Bytes payload, PortPair ports) noexcept {
    const bool port = ports.has(25) || ports.has(587) || ports.has(465);
    return begins_with(payload, "EHLO ") || begins_with(payload, "HELO ") ||
           (is_greeting(payload) && (port || contains_in_first_line(payload, "SMTP")));
}

// RFC 959 5.4
bool is_ftp(Bytes payload, PortPair ports) noexcept {
    return is_greeting(payload) && (ports.has(21) || contains_in_first_line(payload, "FTP"));
}

// RFC 5905 7.3: 48 octets, version 1 to 4, a mode that is not reserved.
bool is_ntp(Bytes payload, PortPair ports) noexcept {
    constexpr std::size_t smallest_control = 12;  // mode 6, RFC 9327 2
    if (!ports.has(123) || payload.size() < smallest_control) {
        return false;
    }
    const unsigned version = (payload[0] >> 3U) & 0x07U;
    const unsigned mode = payload[0] & 0x07U;
    return version >= 1 && version <= 4 && mode != 0 && (payload.size() >= 48 || mode >= 6);
}

// RFC 2131 2 and 3: BOOTP operation, the cookie of its options.
bool is_dhcp(Bytes payload, PortPair ports) noexcept {
    constexpr std::size_t options_offset = 236;
    constexpr std::uint32_t options_cookie = 0x63825363;
    if (!(ports.has(67) || ports.has(68)) || payload.size() < options_offset + 4) {
        return false;
    }
    return (payload[0] == 1 || payload[0] == 2) &&
           Cursor(payload.subspan(options_offset)).u32() == options_cookie;
}

// RFC 8415 8: message types 1 to 13, and 21 octets at least would hold a client identifier.
bool is_dhcp_v6(Bytes payload, PortPair ports) noexcept {
    return ports.has(546) && ports.has(547) && payload.size() >= 4 && payload[0] >= 1 &&
           payload[0] <= 36;
}

// UPnP Device Architecture 2.0, 1.1: HTTP over UDP.
bool is_ssdp(Bytes payload, PortPair ports) noexcept {
    return begins_with(payload, "M-SEARCH * HTTP/1.1") ||
           begins_with(payload, "NOTIFY * HTTP/1.1") ||
           (ports.has(1900) && begins_with(payload, "HTTP/1.1 200"));
}

// RFC 1002 4.2 (names) and 4.4 (datagrams, types 0x10 to 0x16).
bool is_netbios(Bytes payload, PortPair ports) noexcept {
    if (ports.has(137)) {
        return probe_dns(payload) != Likelihood::no;
    }
    return ports.has(138) && payload.size() >= 10 && payload[0] >= 0x10 && payload[0] <= 0x16;
}

// RFC 1157 4, RFC 3412 6: a BER sequence that begins with an INTEGER version of 0, 1 or 3.
bool is_snmp(Bytes payload, PortPair ports) noexcept {
    if (!(ports.has(161) || ports.has(162))) {
        return false;
    }
    Cursor cursor(payload);
    if (cursor.u8() != 0x30) {
        return false;
    }
    const std::uint8_t length = cursor.u8();
    if ((length & 0x80U) != 0) {
        cursor.skip(length & 0x7fU);
    }
    const bool is_integer = cursor.u8() == 0x02 && cursor.u8() == 1;
    const std::uint8_t version = cursor.u8();
    return cursor.ok() && is_integer && (version <= 1 || version == 3);
}

// WireGuard white paper 5.4: type, three zero octets, fixed sizes but for data.
bool is_wireguard(Bytes payload) noexcept {
    if (payload.size() < 32 || payload[1] != 0 || payload[2] != 0 || payload[3] != 0) {
        return false;
    }
    switch (payload[0]) {
        case 1:
            return payload.size() == 148;
        case 2:
            return payload.size() == 92;
        case 3:
            return payload.size() == 64;
        case 4: {
            // Data is padded to 16; counters begin at zero, so the upper half is zero.
            const bool small_counter = Cursor(payload.subspan(12)).u32() == 0;
            return payload.size() % 16 == 0 && small_counter;
        }
        default:
            return false;
    }
}

// OpenVPN's wire format: opcode in the upper five bits, key id in the lower three; resets (opcodes
// 7 and 8) carry a session id that is not zero. An established session looks like noise.
bool is_openvpn_reset(Bytes packet) noexcept {
    constexpr std::size_t smallest_reset = 14;
    if (packet.size() < smallest_reset || (packet[0] & 0x07U) != 0) {
        return false;
    }
    const unsigned opcode = packet[0] >> 3U;
    return (opcode == 7 || opcode == 8 || opcode == 10) && Cursor(packet.subspan(1)).u64() != 0;
}

bool is_openvpn_stream(Bytes payload, PortPair ports) noexcept {
    Cursor cursor(payload);
    const std::uint16_t length = cursor.u16();
    return ports.has(1194) && cursor.ok() && length <= cursor.remaining() &&
           is_openvpn_reset(cursor.rest());
}

// MQTT 5.0 3.1.2.1: CONNECT with the protocol name.
bool is_mqtt(Bytes payload) noexcept {
    constexpr std::uint8_t connect = 0x10;
    Cursor cursor(payload);
    if (cursor.u8() != connect) {
        return false;
    }
    for (unsigned i = 0; i < 4 && (cursor.u8() & 0x80U) != 0; ++i) {
        // Remaining Length is one to four octets (MQTT 5.0 1.5.5).
    }
    const auto name = base::as_text(cursor.take_u16_prefixed());
    return name == "MQTT" || name == "MQIsdp";
}

// RFC 1006 6 (TPKT) and X.224 13.3: a Connection Request or Confirm as [MS-RDPBCGR] 2.2.1.1 sends.
bool is_rdp(Bytes payload, PortPair ports) noexcept {
    Cursor cursor(payload);
    const bool tpkt = cursor.u8() == 3 && cursor.u8() == 0;
    const std::uint16_t length = cursor.u16();
    const std::uint8_t indicator = cursor.u8();
    const std::uint8_t code = cursor.u8();
    if (!cursor.ok() || !tpkt || length != payload.size() || indicator + 5U != length) {
        return false;
    }
    constexpr std::uint8_t connection_request = 0xe0;
    constexpr std::uint8_t connection_confirm = 0xd0;
    const bool connects = code == connection_request || code == connection_confirm;
    return connects && (ports.has(3389) ||
                        base::as_text(payload).find("Cookie: mstshash=") != std::string_view::npos);
}

// [MS-SMB2] 2.1: four octets of length, then 0xff 'SMB' or 0xfe 'SMB'.
bool is_smb(Bytes payload) noexcept {
    return payload.size() >= 8 && payload[0] == 0 && (payload[4] == 0xff || payload[4] == 0xfe) &&
           begins_with(payload.subspan(5), "SMB");
}

// RFC 1002 4.3.1: session service packets, the request (0x81) and its answers.
bool is_netbios_session(Bytes payload, PortPair ports) noexcept {
    return ports.has(139) && payload.size() >= 4 && payload[0] >= 0x81 && payload[0] <= 0x85;
}

}  // namespace

bool is_sip_response(Bytes payload) noexcept {
    return begins_with(payload, "SIP/2.0 ");
}

OtherProtocol probe_other_datagram(Bytes payload, PortPair ports) noexcept {
    if (is_ssdp(payload, ports)) {
        return OtherProtocol::ssdp;
    }
    if (is_sip(payload)) {
        return OtherProtocol::sip;
    }
    // RFC 6762 11 and RFC 4795 2.5
    if (ports.has(5353) && probe_dns(payload) != Likelihood::no) {
        return OtherProtocol::mdns;
    }
    if (ports.has(5355) && probe_dns(payload) != Likelihood::no) {
        return OtherProtocol::llmnr;
    }
    if (is_ntp(payload, ports)) {
        return OtherProtocol::ntp;
    }
    if (is_dhcp(payload, ports) || is_dhcp_v6(payload, ports)) {
        return OtherProtocol::dhcp;
    }
    if (is_netbios(payload, ports)) {
        return OtherProtocol::netbios;
    }
    if (is_snmp(payload, ports)) {
        return OtherProtocol::snmp;
    }
    if (is_wireguard(payload)) {
        return OtherProtocol::wireguard;
    }
    return ports.has(1194) && is_openvpn_reset(payload) ? OtherProtocol::openvpn
                                                        : OtherProtocol::none;
}

OtherProtocol probe_other_stream(Bytes payload, PortPair ports) noexcept {
    if (is_ssh(payload)) {
        return OtherProtocol::ssh;
    }
    if (is_sip(payload)) {
        return OtherProtocol::sip;
    }
    if (is_ftp(payload, ports)) {
        return OtherProtocol::ftp;
    }
    if (is_smtp(payload, ports)) {
        return OtherProtocol::smtp;
    }
    if (is_smb(payload)) {
        return OtherProtocol::smb;
    }
    if (is_netbios_session(payload, ports)) {
        return OtherProtocol::netbios;
    }
    if (is_mqtt(payload)) {
        return OtherProtocol::mqtt;
    }
    if (is_rdp(payload, ports)) {
        return OtherProtocol::rdp;
    }
    return is_openvpn_stream(payload, ports) ? OtherProtocol::openvpn : OtherProtocol::none;
}

}  // namespace turnpike::proto
