// A frame decoded from link layer to transport: the innermost IP packet that a mirror port
// delivered.
#pragma once

#include <array>
#include <cstdint>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"

namespace turnpike::wire {

/// TCP flags as on the wire (RFC 9293 3.1).
namespace tcp_flag {
/// The sender has no more to say.
inline constexpr std::uint8_t fin = 0x01;
/// Opens a connection.
inline constexpr std::uint8_t syn = 0x02;
/// Ends it at once, or refuses it.
inline constexpr std::uint8_t rst = 0x04;
/// To be handed to the application now.
inline constexpr std::uint8_t psh = 0x08;
/// The acknowledgement number counts.
inline constexpr std::uint8_t ack = 0x10;
}  // namespace tcp_flag

/// IP protocol numbers (IANA) that turnpike looks into.
namespace ip_protocol {
/// RFC 792.
inline constexpr std::uint8_t icmp = 1;
/// RFC 9293.
inline constexpr std::uint8_t tcp = 6;
/// RFC 768.
inline constexpr std::uint8_t udp = 17;
/// RFC 4443.
inline constexpr std::uint8_t icmpv6 = 58;
}  // namespace ip_protocol

/// The TCP header (RFC 9293 3.1) and the two options that verdicts need.
struct TcpHeader {
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;  ///< next octet that the sender expects, if ACK is set
    std::uint8_t flags = 0;             ///< tcp_flag bits
    std::uint16_t window = 0;           ///< as sent, before scaling (RFC 7323 2)
    std::uint16_t checksum = 0;
    bool has_timestamp = false;         ///< RFC 7323 3.2
    std::uint32_t timestamp_value = 0;  ///< TSval, in ticks of the sender's own
    std::uint32_t sack_begin = 0;       ///< first block of RFC 2018 3: the octets that arrived last
    std::uint32_t sack_end = 0;  ///< behind them; the same as `sack_begin` without the option

    /// One of the flags in `flag` (tcp_flag) is set.
    [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

/// The packet that an ICMP error quotes: enough of it to find its flow (RFC 792, RFC 4443 3).
struct QuotedPacket {
    base::Endpoint source;  ///< of the quoted packet, so usually the sender of the flow's packet
    base::Endpoint destination;
    std::uint8_t protocol = 0;  ///< IP protocol; ports are zero unless TCP or UDP
    /// True if a packet is quoted.
    explicit operator bool() const noexcept { return static_cast<bool>(source.address); }
};

/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) message.
struct IcmpHeader {
    std::uint8_t version = 4;  ///< 4 or 6
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t mtu = 0;  ///< of "fragmentation needed" / "packet too big", else 0
    QuotedPacket quoted;    ///< only of error messages
};

/// What transport follows the IP header.
enum class TransportKind : std::uint8_t {
    none,  ///< none that is decoded
    tcp,   ///< RFC 9293
    udp,   ///< RFC 768
    icmp,  ///< of IPv4 (RFC 792) or IPv6 (RFC 4443)
};

/// A decoded packet. What one transport alone has (tcp, udp_checksum, icmp) holds anything where
/// the packet has another transport. Views point into the frame (or into the reassembly buffer of
/// the decoder) and are valid until the decoder's next call. Everything is in host byte order.
struct Packet {
    base::Timestamp time;
    std::uint64_t number = 0;  ///< the frame's number
    base::IpAddress source;
    base::IpAddress destination;
    std::uint8_t protocol = 0;   ///< of the innermost IP header, after extension headers
    std::uint8_t hop_limit = 0;  ///< IPv4 TTL or IPv6 hop limit
    std::uint16_t ip_id = 0;     ///< IPv4 identification; 0 for IPv6
    std::uint32_t ip_length =
        0;  ///< length of the whole innermost IP packet, from its header, in octets
    TransportKind transport = TransportKind::none;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    TcpHeader tcp;                   ///< valid if transport == tcp
    std::uint16_t udp_checksum = 0;  ///< valid if transport == udp
    base::Bytes payload;             ///< transport payload as captured (without link padding)
    std::uint32_t payload_length =
        0;           ///< transport payload on the wire; more than payload.size() if cut
    base::Bytes ip;  ///< the innermost IP packet as captured, from its header on; of
                     ///< a reassembled one its last fragment
    std::uint32_t tunnel_id = 0;  ///< innermost VNI, GRE key, GTP TEID ...; 0 without
    std::uint16_t vlan_id = 0;    ///< innermost 802.1Q VLAN; 0 without
    std::uint64_t source_link_address =
        0;  ///< MAC address that the innermost Ethernet frame came from (48 bits); 0 without
    bool to_group = false;  ///< the innermost Ethernet frame went to a group address (IEEE 802 8.2)
    std::uint32_t tap = 0;  ///< which file or interface saw the frame; set by who reads frames
    std::uint8_t tunnel_depth = 0;  ///< how many tunnel headers were removed
    /// From IP fragments; number is that of the last one, or of the first one where that came
    /// alone (PacketDecoder::take_incomplete).
    bool reassembled = false;
    IcmpHeader icmp;  ///< valid if transport == icmp; last, for it is rarely read

    /// The snap length cut this packet's payload.
    [[nodiscard]] bool cut() const noexcept { return payload.size() < payload_length; }
    /// Where it comes from; port 0 unless TCP or UDP.
    [[nodiscard]] base::Endpoint source_endpoint() const noexcept { return {source, source_port}; }
    /// Where it goes to; port 0 unless TCP or UDP.
    [[nodiscard]] base::Endpoint destination_endpoint() const noexcept {
        return {destination, destination_port};
    }
};

}  // namespace turnpike::wire
