// What was seen, without policy: the contract between inspection (which writes it) and attribution,
// verdict and store (which read it). Nothing here knows a vendor, a rule or a verdict.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/lazy.h"
#include "turnpike/base/short_text.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/media_seconds.h"
#include "turnpike/facts/rows.h"

namespace turnpike::facts {

/// A packet that matters: its number in the observation (1 ...) and its time. Number 0: no such
/// packet.
struct PacketMark {
    std::uint64_t number = 0;
    base::Timestamp time;
    /// True if there is such a packet.
    explicit operator bool() const noexcept { return number != 0; }
};

/// What carries a flow.
enum class Transport : std::uint8_t {
    tcp,  ///< RFC 9293
    udp,  ///< RFC 768
};
/// "tcp", "udp": the word of the columns `transport`.
std::string_view to_string(Transport transport) noexcept;

/// One of the two ends of a flow: 0 or 1, by the order of their addresses and ports (which order
/// does not matter; flow::FlowKey has it). Unlike a direction it stays what it is when the client
/// proves to be the other end.
using Side = std::uint8_t;
/// The end at the far side of this one.
constexpr Side other(Side side) noexcept {
    return side == 0 ? Side{1} : Side{0};
}

/// From the client's point of view: `out` leaves the client.
enum class Direction : std::uint8_t {
    out,  ///< the client sent it
    in,   ///< the server sent it
};
/// "out", "in": the word of the columns `direction`.
std::string_view to_string(Direction direction) noexcept;

/// The application protocol of a flow, the most telling one that was seen on it (a TURN flow that
/// carries DTLS and RTP is `turn`; STUN, DTLS and RTP on one 5-tuple without a relay is `rtp` once
/// media was seen, else `dtls`, else `stun`).
enum class Protocol : std::uint8_t {
    unknown,    ///< none of these was recognised
    dns,        ///< in clear, over UDP or TCP
    tls,        ///< over TCP, whatever runs inside
    http,       ///< HTTP/1 or HTTP/2 in clear
    quic,       ///< every version that can be recognised
    stun,       ///< without a relay (RFC 8489)
    turn,       ///< with a relay (RFC 8656)
    dtls,       ///< RFC 6347, RFC 9147
    rtp,        ///< RTP or SRTP (RFC 3550, RFC 3711)
    rtcp,       ///< RTCP alone
    socks,      ///< SOCKS 4 or 5 (RFC 1928)
    dot,        ///< DNS over TLS (RFC 7858)
    doq,        ///< DNS over QUIC (RFC 9250)
    zoom,       ///< Zoom's own wrapping of RTP
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
/// The enumerator's name: the word of the column `protocol`.
std::string_view to_string(Protocol protocol) noexcept;

/// Where the name of a server was seen.
enum class NameSource : std::uint8_t {
    none,         ///< nowhere
    sni,          ///< in a ClientHello over TCP or DTLS (RFC 6066 3)
    quic_sni,     ///< in a ClientHello over QUIC
    http_host,    ///< in the Host field of a request
    connect,      ///< in the target of a CONNECT or of SOCKS
    dns,          ///< in the answer that the client got for the server's address
    certificate,  ///< in the certificate that the server sent
};
/// The enumerator's name; "" for none.
std::string_view to_string(NameSource source) noexcept;

/// Two packets so far apart are two attempts; closer ones may be one burst.
inline constexpr base::Duration persistence = std::chrono::milliseconds{1500};

/// One end of a flow: where it is, and counters and landmarks of what it sent. Copies (mirror
/// duplicates) are not counted.
struct FlowEnd {
    base::Endpoint endpoint;
    std::uint32_t unreplied = 0;          ///< packets since the last one of the other end
    std::uint64_t link_address : 48 = 0;  ///< MAC address its packets came from; 0 unknown
    std::uint8_t hop_limit = 0;           ///< of the first packet that is no reset; 0 without one
    bool persisted = false;  ///< a packet came `persistence` or more after the first one
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< IP length
    std::uint64_t payload_packets = 0;
    PacketMark first;
    PacketMark last;

    /// The address of its endpoint.
    [[nodiscard]] const base::IpAddress& address() const noexcept { return endpoint.address; }
    /// The port of its endpoint, host order.
    [[nodiscard]] std::uint16_t port() const noexcept { return endpoint.port; }
};

/// Marks in the packets of a connection that something on the path injected a reset. (Hop counts
/// tell as well, but only beside those of other flows.)
enum class ResetMark : std::uint8_t {
    ip_id = 1U << 0U,          ///< IPv4 identification out of line with the server's own
    tcp_timestamp = 1U << 1U,  ///< timestamp option missing or out of line where it was negotiated
    data_after = 1U << 2U,     ///< server data arrived after the reset
    both_ends = 1U << 3U,      ///< resets to both ends within a millisecond
};

/// The first reset that one end of a connection sent.
struct TcpReset {
    PacketMark at;
    PacketMark payload_after;     ///< first payload of that end behind it
    std::uint32_t sequence = 0;   ///< the lowest number of that end's resets
    std::uint32_t after = 0;      ///< where the payload of `payload_after` begins
    std::uint8_t hop_limit = 0;   ///< as it arrived
    std::uint8_t marks = 0;       ///< ResetMark bits
    bool before_syn_ack = false;  ///< it answers a SYN
    bool overtook = false;  ///< captured ahead of payload that precedes it (base::out_of_order)
    bool answers_unseen = false;  ///< it acknowledges payload that was not captured before it
    bool outlived = false;        ///< the other end acknowledged the payload of `payload_after`
    bool after_unseen = false;  ///< the numbers of all its end's resets lie behind octets not seen
};

/// What one end of a TCP connection sent, and what became of it (RFC 9293). "Payload" is new data,
/// not retransmitted.
struct TcpEnd {
    PacketMark payload;        ///< first payload
    PacketMark payload_again;  ///< last retransmission of that first payload
    PacketMark fin;
    base::Lazy<TcpReset> rst;
    std::uint64_t unseen = 0;                 ///< octets the other end acknowledged, never seen
    std::uint16_t largest_segment_acked = 0;  ///< payload octets
    std::uint16_t smallest_segment_lost = 0;  ///< of those resent and never acknowledged; 0 none
    // Together in four octets.
    std::uint32_t payload_sends : 28 = 0;  ///< how often the first payload segment was sent
    bool payload_acked : 1 = false;     ///< the other end acknowledged (part of) the first payload
    bool acks_move : 1 = false;         ///< its acknowledgement number advanced
    bool fin_acks_all : 1 = false;      ///< `fin` acknowledges all that the other end had sent
    bool fin_after_unseen : 1 = false;  ///< the number of `fin` lies behind octets never seen
};

/// The TCP story of a flow (RFC 9293). Whoever sends a SYN is the client for good, so that what is
/// said of the handshake need not be kept by end.
struct TcpFacts {
    std::array<TcpEnd, 2> ends;  ///< by Side
    PacketMark syn;              ///< first SYN of the client
    PacketMark last_syn;
    PacketMark syn_ack;
    PacketMark established;  ///< the client's first packet after the SYN-ACK that acknowledges it
    std::uint32_t syns = 0;  ///< SYNs sent, copies aside
    bool midstream = false;  ///< the first packet seen was no SYN (or SYN-ACK)

    /// Octets of both ends that were acknowledged and never seen.
    [[nodiscard]] std::uint64_t unseen() const noexcept { return ends[0].unseen + ends[1].unseen; }
};

/// One ClientHello (RFC 8446 4.1.2), of TLS, QUIC or DTLS.
struct TlsHello {
    /// What carries the hello.
    enum class Carrier : std::uint8_t {
        tcp,   ///< TLS over TCP
        quic,  ///< QUIC (RFC 9001 4)
        dtls,  ///< DTLS (RFC 6347, RFC 9147)
    };
    std::uint64_t id = 0;    ///< 1 ... among its kind, in order of appearance
    std::uint32_t flow = 0;  ///< index into Observation::flows
    Carrier carrier = Carrier::tcp;
    bool ech = false;  ///< encrypted_client_hello present, as a decoy or real: sni may be the outer
                       ///< name
    std::uint16_t version =
        0;             ///< highest offered (supported_versions), wire value, without GREASE
    PacketMark at;     ///< the packet that completed it
    std::string sni;   ///< lower case is not applied; empty if there is none
    std::string alpn;  ///< the protocols offered (RFC 7301), joined by `,`
    base::ShortText<36> ja4;
};

/// The first fatal alert that one end sent.
struct TlsAlert {
    PacketMark at;
    std::uint8_t code = 0;       ///< description (RFC 8446 6)
    std::uint8_t hop_limit = 0;  ///< as it arrived
    bool first_record = false;   ///< nothing preceded it
};

/// The certificate of a server; readable only before TLS 1.3.
struct TlsCertificate {
    PacketMark at;
    std::vector<std::string> names;  ///< subjectAltName DNS names (or IP text), else common name
    std::string issuer;              ///< common name or organisation
};

/// What the TLS (or DTLS) handshake in clear showed besides the ClientHello.
struct TlsFacts {
    PacketMark client_hello;
    PacketMark server_record;  ///< first record of the server
    PacketMark server_hello;
    PacketMark
        plain_answer;  ///< the server's first octets after the ClientHello, if they are no TLS
    base::Lazy<TlsAlert> server_alert;
    base::Lazy<TlsAlert> client_alert;
    base::Lazy<TlsCertificate> certificate;
    PacketMark second_flight;  ///< first packet of the client that can only follow an answer (a
                               ///< DTLS cookie, key exchange or encrypted record)
    bool ech = false;
};

/// The same of DTLS, whose hello may go unanswered on a path that answers otherwise.
struct DtlsFacts : TlsFacts {
    PacketMark last_hello;
    std::uint32_t hellos = 0;  ///< how often it was sent, with a cookie or without
    Side client = 0;           ///< the end that sends them
};

/// The first HTTP/1.x request and answer on a flow, and its CONNECT story if it goes to a proxy.
struct HttpFacts {
    PacketMark request;
    std::string method;
    std::string host;  ///< Host header or authority of the target
    PacketMark response;
    std::uint16_t status = 0;  ///< of the first final response
    std::string location;      ///< of a redirect
};

/// An explicit proxy on a flow: HTTP CONNECT (RFC 9110 9.3.6) or SOCKS5 (RFC 1928).
struct ProxyFacts {
    PacketMark request;  ///< last CONNECT (a 407 challenge may precede it)
    std::string target_host;
    std::uint16_t target_port = 0;
    PacketMark response;  ///< answer to the last CONNECT
    std::uint16_t status =
        0;  ///< HTTP status of the last answer; SOCKS: 200 for success, else 500+reply
    bool names_itself =
        false;                 ///< the answer carries Via or a Proxy- header (RFC 9110 7.6.3, 11.7)
    bool established = false;  ///< some CONNECT was answered 2xx
    PacketMark client_payload;  ///< first payload inside the tunnel
    PacketMark server_payload;
};

/// How a STUN transaction ended (RFC 8489 6).
enum class StunOutcome : std::uint8_t {
    success,     ///< a success response came back
    error,       ///< an error response came back
    timeout,     ///< nothing came back
    indication,  ///< none was wanted
};
/// The enumerator's name: the word of the column `outcome` of STUN transactions.
std::string_view to_string(StunOutcome outcome) noexcept;

/// One STUN or TURN transaction, or a run of indications of one method in one direction.
struct StunTransaction {
    std::uint64_t id = 0;  ///< 1 ... among its kind, in order of appearance
    std::uint32_t flow = 0;
    Side side = 0;  ///< that sent the request
    PacketMark request;
    PacketMark last_request;
    PacketMark response;
    std::uint16_t method = 0;  ///< IANA STUN methods registry
    StunOutcome outcome = StunOutcome::timeout;
    std::uint16_t error_code = 0;  ///< RFC 8489 14.8; 0 without
    std::string error_reason;
    std::uint32_t sends = 1;                   ///< the first one included
    std::optional<base::Duration> round_trip;  ///< from the last send to the response
    std::string realm;
    std::string software;
    std::string username;  ///< of the request: "remote-ufrag:local-ufrag" for ICE
    base::Endpoint mapped;
    base::Endpoint relayed;
    std::vector<base::Endpoint> peers;
    bool ice = false;  ///< carries PRIORITY, ICE-CONTROLLING, ICE-CONTROLLED or USE-CANDIDATE (RFC
                       ///< 8445 16.1)
    bool relayed_inside = false;  ///< seen inside ChannelData or a Send/Data indication

    /// The packet that it is known by: the request, or a response without one.
    [[nodiscard]] const PacketMark& start() const noexcept { return request ? request : response; }
};
/// "binding", "allocate", ... or "0x0ab" (lower case, as in the views).
std::string stun_method_name(std::uint16_t method);

/// One RTP synchronisation source of one end (RFC 3550).
struct RtpStream {
    std::uint64_t id = 0;  ///< 1 ... among its kind, in order of appearance
    std::uint32_t flow = 0;
    std::uint32_t ssrc = 0;
    Side side = 0;                  ///< that sends it
    std::uint8_t payload_type = 0;  ///< the most recent one that carried media
    std::uint64_t packets = 0;
    std::int64_t lost = 0;            ///< expected - received, RFC 3550 A.3
    std::optional<double> jitter_ms;  ///< RFC 3550 A.8; nothing where the clock is unknown
    PacketMark first;
    PacketMark last;
    MediaSeconds seconds;
};

/// What a UDP flow has once an end sent a second datagram.
struct UdpFacts {
    std::array<PacketMark, 2> second;  ///< by Side; none: that end sent one or nothing
};

/// Media (RTP, RTCP, DTLS, vendor datagrams) that one end of a flow sent.
struct MediaEnd {
    std::uint64_t rtp_packets = 0;
    PacketMark rtp_first;
    PacketMark rtp_last;
    std::uint64_t rtcp_packets = 0;
    std::uint64_t dtls_data = 0;  ///< datagrams of DTLS application data
};

/// Media of a flow, plain or through a relay.
struct MediaFacts {
    std::array<MediaEnd, 2> ends;  ///< by Side
    bool through_relay = false;    ///< inside ChannelData or Send/Data indications
};

/// What one end of a flow said in STUN and TURN.
struct StunEnd {
    std::uint32_t requests = 0;         ///< distinct transactions that it opened
    std::uint32_t request_packets = 0;  ///< packets those took, repeats included
    std::uint32_t responses = 0;        ///< transactions that it answered, errors included
    std::uint16_t last_error = 0;       ///< last error code that it gave, 401 and 438 aside
    bool with_nonce = false;  ///< a request carried a NONCE, which only a server gives (RFC 8489
                              ///< 9.2), and `midway` is false
    bool midway = false;      ///< its first request goes on with an allocation made before
    /// Its first repeat: a transaction sent again, or a second one of the same method, while the
    /// other end had answered nothing.
    PacketMark repeated;
    PacketMark first_response;       ///< first answer that it gave
    std::uint64_t channel_data = 0;  ///< ChannelData messages, Send and Data indications
    /// Those of them whose content is neither STUN nor DTLS (RFC 7983 7): media, or nobody knows.
    std::uint64_t relayed_data = 0;
    std::string ufrag;  ///< its ICE fragment, seen in USERNAME (RFC 8445 7.2.2)
};

/// STUN and TURN on a flow in summary; the transactions themselves are in Observation::stun.
struct StunFacts {
    std::array<StunEnd, 2> ends;  ///< by Side
    PacketMark first_request;     ///< of either end
    PacketMark last_request;
    bool ice = false;
    bool turn = false;  ///< a TURN method or ChannelData was seen
};

/// What one end of a flow sent in QUIC.
struct QuicEnd {
    PacketMark first;  ///< first datagram of QUIC
    PacketMark first_initial;
    PacketMark second_initial;
    PacketMark last_initial;
    PacketMark second_flight;      ///< first Handshake or 1-RTT packet, which follow an answer
    PacketMark close;              ///< CONNECTION_CLOSE in an Initial
    std::uint64_t close_code = 0;  ///< error code of `close` (RFC 9000 20)
    std::uint32_t initials = 0;    ///< how many datagrams with Initials
    bool persisted = false;        ///< an Initial came `persistence` or more after the first one
};

/// QUIC on a flow (RFC 9000, RFC 9369 and drafts).
struct QuicFacts {
    std::array<QuicEnd, 2> ends;  ///< by Side
    std::uint32_t version = 0;
};

/// An ICMP error about a flow.
struct IcmpError {
    std::uint64_t id = 0;  ///< 1 ... among its kind, in order of appearance
    std::uint32_t flow = 0;
    PacketMark at;
    base::IpAddress source;  ///< the device that says so
    std::uint8_t icmp_version = 4;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t mtu = 0;       ///< octets that would have fit; 0 without
    std::uint8_t hop_limit = 0;  ///< of the packet that carries the error
};

/// What few flows have: kept together, so that the others carry one pointer for all of it.
struct RareFacts {
    base::Lazy<HttpFacts> http;
    base::Lazy<ProxyFacts> proxy;
    base::Lazy<DtlsFacts> dtls;
    base::Lazy<QuicFacts> quic;
    std::vector<std::uint32_t> icmp;          ///< indexes into Observation::icmp
    std::vector<std::uint32_t> transactions;  ///< indexes into Observation::stun
    std::vector<std::uint32_t> streams;       ///< indexes into Observation::rtp
};

/// Everything seen of one bidirectional 5-tuple. What only one end did is kept by end, so that no
/// fact changes when the client proves to be the other end: `client_side` alone does.
struct Flow {
    std::array<FlowEnd, 2> ends;  ///< by Side
    std::uint64_t id = 0;         ///< 1 ... in order of first packet
    std::uint32_t tap = 0;  ///< which recording saw its first packet (CaptureQuality::recordings)
    Side client_side = 0;   ///< the end that opened it, corrected by the payload
    Transport transport = Transport::tcp;
    Protocol protocol = Protocol::unknown;
    bool to_group = false;                ///< its first packet went to a group address of the link
    base::Lazy<std::string> server_name;  ///< named by the flow itself; empty if it names none
    NameSource server_name_source = NameSource::none;
    bool encrypted_dns = false;  ///< DNS over TLS (RFC 7858) or QUIC (RFC 9250): it hides names
    bool cut_before_decision = false;  ///< the cut hid what a verdict would rest on
    /// Its first datagram, to port 443, has a short QUIC header, which only follows a long one (RFC
    /// 9000 17.2, 17.3).
    bool short_header_first = false;
    std::uint32_t copies = 0;  ///< packets set aside as mirror copies
    base::Lazy<TcpFacts> tcp;
    base::Lazy<UdpFacts> udp;
    base::Lazy<TlsFacts> tls;
    base::Lazy<StunFacts> stun;
    base::Lazy<MediaFacts> media;
    base::Lazy<RareFacts> rare;

    /// The end that did not open it.
    [[nodiscard]] Side server_side() const noexcept { return other(client_side); }
    /// What the client sent, and where it is.
    [[nodiscard]] const FlowEnd& client() const noexcept { return ends[client_side]; }
    /// What the server sent, and where it is.
    [[nodiscard]] const FlowEnd& server() const noexcept { return ends[server_side()]; }
    /// The same to write to.
    [[nodiscard]] FlowEnd& client() noexcept { return ends[client_side]; }
    /// The same to write to.
    [[nodiscard]] FlowEnd& server() noexcept { return ends[server_side()]; }
    /// The client's part of facts that are kept by end: `flow.client_of(*flow.tcp).rst`. It lives
    /// as long as they do.
    template <typename Facts>
    [[nodiscard]] auto& client_of(Facts& facts) const noexcept {
        return facts.ends[client_side];
    }
    /// The server's part of them.
    template <typename Facts>
    [[nodiscard]] auto& server_of(Facts& facts) const noexcept {
        return facts.ends[server_side()];
    }
    /// Which way packets of this end go.
    [[nodiscard]] Direction direction_of(Side side) const noexcept {
        return side == client_side ? Direction::out : Direction::in;
    }

    /// The time of the first packet of either end; 1970 without a packet.
    [[nodiscard]] base::Timestamp first_seen() const noexcept {
        const PacketMark& a = ends[0].first;
        const PacketMark& b = ends[1].first;
        if (!a || !b) {
            return a ? a.time : b.time;
        }
        return std::min(a.time, b.time);
    }
    /// The time of the last packet of either end; 1970 without a packet.
    [[nodiscard]] base::Timestamp last_seen() const noexcept {
        return std::max(ends[0].last.time, ends[1].last.time);
    }
};

/// A record of a DNS answer section. Text is made of it when a row is stored (dns_record.h).
struct DnsAnswer {
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;         ///< seconds
    base::IpAddress address;       ///< of A and AAAA, and each hint of an SVCB or HTTPS record
    std::uint32_t data_begin = 0;  ///< its part of DnsQuery::data
    std::uint32_t data_size = 0;   ///< octets

    /// A CNAME record.
    [[nodiscard]] bool is_alias() const noexcept {
        constexpr std::uint16_t cname = 5;  // RFC 1035 3.2.2
        return type == cname;
    }
    /// An address that stood in the SVCB or HTTPS record before it, and is no record by itself.
    [[nodiscard]] bool is_hint() const noexcept {
        constexpr std::uint16_t svcb = 64;  // RFC 9460 14.1
        constexpr std::uint16_t https = 65;
        return address && (type == svcb || type == https);
    }
};

/// One DNS query and what came of it. Repeated sends of a query are one.
struct DnsQuery {
    std::uint64_t id = 0;  ///< 1 ... among its kind, in order of appearance
    std::uint32_t flow = 0;
    std::uint32_t tap = 0;  ///< which recording saw it (CaptureQuality::recordings)
    PacketMark query;       ///< number 0 if only the response was seen
    PacketMark last_send;
    PacketMark response;
    std::uint32_t sends = 1;  ///< the first one included
    std::uint16_t type = 0;
    std::optional<std::uint16_t> rcode;           ///< nothing: unanswered
    std::optional<std::uint16_t> extended_error;  ///< RFC 8914 INFO-CODE
    std::uint16_t zone_size = 0;                  ///< octets of `zone`
    base::Endpoint resolver;
    base::IpAddress client;
    Transport transport = Transport::udp;
    bool answers_cut = false;  ///< the snap length cut records that the answer counts
    bool zone_cut = false;     ///< it cut an authority section, and no zone was read before
    std::string name;          ///< as asked, lower case, without the final dot; odd octets as \DDD
    std::vector<DnsAnswer> answers;
    std::string data;  ///< of all answers together: one text costs less than one for each

    /// The packet that it is known by: the question, or an answer without one.
    [[nodiscard]] const PacketMark& start() const noexcept { return query ? query : response; }
    /// The zone that answers for the name: the owner of the SOA in the authority section (RFC 2308
    /// 2.1) where that is the name or stands above it, else empty. A part of `name`.
    [[nodiscard]] std::string_view zone() const noexcept {
        return std::string_view(name).substr(name.size() - zone_size);
    }
    /// What `zone` gives from now on. `owner` is written as `name` is.
    void set_zone(std::string_view owner) noexcept {
        const std::string_view own = name;
        const bool is_its = own == owner || (own.ends_with(owner) && !owner.empty() &&
                                             own[own.size() - owner.size() - 1] == '.');
        zone_size = is_its ? static_cast<std::uint16_t>(owner.size()) : std::uint16_t{0};
    }
    /// Of CNAME the name it leads to, in lower case; of other types without an address the octets,
    /// names without compression. The view lives until an answer is added.
    [[nodiscard]] std::string_view data_of(const DnsAnswer& answer) const noexcept {
        return std::string_view(data).substr(answer.data_begin, answer.data_size);
    }
    /// Whether the name asked for, or an alias that it leads to, is one of those.
    template <typename Those>
    [[nodiscard]] bool any_name(Those are) const {
        return are(std::string_view(name)) ||
               std::ranges::any_of(answers, [&](const DnsAnswer& answer) {
                   return answer.is_alias() && are(data_of(answer));
               });
    }
    /// Appends a record without an address. `its_data`: as `data_of` will give it back; copied.
    /// Views that `data_of` gave before are not valid any more.
    void add_answer(std::uint16_t of_type, std::uint32_t ttl, std::string_view its_data) {
        answers.push_back({of_type,
                           ttl,
                           {},
                           static_cast<std::uint32_t>(data.size()),
                           static_cast<std::uint32_t>(its_data.size())});
        data += its_data;
    }
    /// Appends a record that is an address, or a hint of the record before it.
    void add_answer(std::uint16_t of_type, std::uint32_t ttl, const base::IpAddress& address) {
        answers.push_back({of_type, ttl, address});
    }
};
/// "A", "AAAA", "HTTPS", ... or "TYPE1234" (RFC 3597 5).
std::string dns_type_name(std::uint16_t type);
/// "NOERROR", "NXDOMAIN", ... or "RCODE12".
std::string dns_rcode_name(std::uint16_t rcode);

/// Malformed, truncated and unknown messages by protocol and reason.
struct DecodeCount {
    std::string protocol;
    std::string reason;
    std::uint64_t count = 0;
};

/// A stretch of time.
struct Stretch {
    base::Timestamp from;
    base::Timestamp to;
};

/// A capture file or interface and when it demonstrably went on: stretches from packet to packet,
/// none of which is longer than `silence`.
struct Recording {
    /// A stretch ends where nothing came for so long: a packet 3 s to 60 s after another one shows
    /// that waiting was recorded (docs/verdicts.md, "Recorded time").
    static constexpr base::Duration silence = std::chrono::seconds{57};
    std::uint32_t tap = 0;
    std::uint32_t link_type = 0;  ///< LINKTYPE_ of its first frame
    std::vector<Stretch> stretches;
    /// Taps whose flows went on here: this recording and those saw the same hosts.
    std::vector<std::uint32_t> same_flows_as;
};

/// How far the capture can be trusted.
struct CaptureQuality {
    std::uint64_t packets = 0;         ///< frames read
    std::uint64_t bytes = 0;           ///< octets on the wire
    std::uint64_t dropped = 0;         ///< kernel, interface or pcapng drop counts
    std::uint64_t malformed = 0;       ///< frames that could not be decoded to their end
    std::uint64_t duplicates = 0;      ///< mirror copies set aside
    std::uint64_t cut = 0;             ///< frames that the snap length cut
    std::uint64_t backward_steps = 0;  ///< clock went back by more than a millisecond
    std::uint64_t ip_packets = 0;
    std::uint64_t non_ip = 0;
    std::uint64_t fragments = 0;
    std::uint64_t unseen_octets = 0;  ///< TCP octets that were acknowledged but never seen here
    bool copying = false;             ///< the capture as a whole shows mirror copies
    bool cut_off = false;             ///< a file ended in the middle of a record
    PacketMark first;
    PacketMark last;
    std::vector<DecodeCount> problems;
    std::vector<Stretch> losses;        ///< when packets were lost, as far as the capture says
    std::vector<Recording> recordings;  ///< by tap
};

/// All facts of one observation.
struct Observation {
    Rows<Flow> flows;
    Rows<DnsQuery> dns;
    Rows<TlsHello> hellos;
    Rows<StunTransaction> stun;
    Rows<RtpStream> rtp;
    Rows<IcmpError> icmp;
    CaptureQuality quality;
};

}  // namespace turnpike::facts
