// Frames to packets: link layer, tags, tunnels, IP with reassembly of fragments, and transport.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/base/time.h"
#include "turnpike/wire/packet.h"

namespace turnpike::wire {

/// LINKTYPE_ETHERNET (www.tcpdump.org/linktypes.html).
inline constexpr std::uint32_t link_type_ethernet = 1;

/// What a header belongs to, for counting problems where they occurred.
enum class Layer : std::uint8_t {
    link,         ///< the outermost header, whatever the link type
    ethernet,     ///< IEEE 802.3
    vlan,         ///< IEEE 802.1Q tags
    llc,          ///< IEEE 802.2
    pbb,          ///< IEEE 802.1ah
    wifi,         ///< IEEE 802.11
    frame_relay,  ///< RFC 2427
    mpls,         ///< RFC 3032
    ppp,          ///< RFC 1661
    pppoe,        ///< RFC 2516
    ipv4,         ///< RFC 791
    ipv6,         ///< RFC 8200
    fragments,    ///< of IPv4 and IPv6
    ah,           ///< RFC 4302
    tcp,          ///< RFC 9293
    udp,          ///< RFC 768
    icmp,         ///< RFC 792
    icmpv6,       ///< RFC 4443
    gre,          ///< RFC 2784
    erspan,       ///< mirrored frames in GRE
    vxlan,        ///< RFC 7348
    geneve,       ///< RFC 8926
    gtp,          ///< 3GPP TS 29.281
    teredo,       ///< RFC 4380
    l2tp,         ///< RFC 2661, RFC 3931
    tzsp,         ///< TaZmen Sniffer Protocol
    capwap,       ///< RFC 5415
    nsh,          ///< RFC 8300
};
/// How many layers there are, for tables by layer.
inline constexpr std::size_t layer_count = 28;

/// The layer as a word for reports, for example "ipv4" or "vxlan".
std::string_view to_string(Layer layer) noexcept;

/// What became of a frame.
enum class FrameKind : std::uint8_t {
    packet,             ///< `out` holds the innermost IP packet
    not_ip,             ///< well formed, but no IP inside (ARP, LLDP, spanning tree ...)
    fragment,           ///< an IP fragment, kept until the others arrive; `out` is not valid
    malformed,          ///< `layer` and `error` say what and why; `out` is not valid
    unknown_link_type,  ///< no decoder for the link type; `out` is not valid
};

/// The result of decoding one frame.
struct Decoded {
    FrameKind kind = FrameKind::malformed;
    Layer layer = Layer::link;  ///< where it ended; of interest if malformed
    base::ParseError error = base::ParseError::truncated;  ///< valid if malformed or damaged
    bool damaged = false;  ///< kind is packet, but its transport header contradicts itself: the
                           ///< addresses and ports stand, the payload is empty

    /// True if there is a packet, damaged or not.
    explicit operator bool() const noexcept { return kind == FrameKind::packet; }
    /// There is a packet whose headers do not contradict themselves.
    [[nodiscard]] bool whole() const noexcept { return kind == FrameKind::packet && !damaged; }
};

/// How often a layer failed for a reason.
struct DecodeProblem {
    Layer layer = Layer::link;
    base::ParseError error = base::ParseError::truncated;
    std::uint64_t count = 0;
};

/// Bounds of what a decoder keeps and follows.
struct DecoderLimits {
    unsigned depth = 16;                       ///< headers that wrap another, per frame
    std::size_t datagrams = 4096;              ///< incomplete datagrams kept
    std::size_t fragment_octets = 16U << 20U;  ///< octets kept for them
    base::Duration fragment_time =
        std::chrono::seconds{60};  ///< RFC 8200 4.5; RFC 1122 3.3.2 asks for 60 to 120 s
    /// How long a first fragment waits until it counts alone. Hosts send fragments back to back.
    base::Duration alone_time = std::chrono::seconds{1};
};

/// Counters of fragment reassembly.
struct FragmentCounts {
    std::uint64_t fragments = 0;    ///< fragments seen
    std::uint64_t reassembled = 0;  ///< datagrams completed
    std::uint64_t timed_out = 0;    ///< datagrams given up because their time was over
    std::uint64_t evicted = 0;      ///< datagrams given up to make room
    std::uint64_t refused = 0;      ///< datagrams given up for overlap (RFC 5722 4) or size
    std::uint64_t waiting = 0;      ///< datagrams of which fragments are missing now
};

class FragmentTable;
struct WholeFrame;

/// Counters by layer and reason.
using ProblemCounts = std::array<std::array<std::uint64_t, base::parse_error_count>, layer_count>;

/// Decodes frames one at a time. Keeps state only for IP fragments; after warm-up it allocates
/// nothing. Not for use by two threads at once.
class PacketDecoder {
  public:
    /// Room for fragments is taken as they come.
    explicit PacketDecoder(DecoderLimits limits = {});
    ~PacketDecoder();
    PacketDecoder(PacketDecoder&&) noexcept;
    PacketDecoder& operator=(PacketDecoder&&) noexcept;
    PacketDecoder(const PacketDecoder&) = delete;
    PacketDecoder& operator=(const PacketDecoder&) = delete;

    /// Decodes one frame as captured. `link_type` is a LINKTYPE_ value; `wire_length` is the
    /// frame's length before the snap length cut it (less than frame.size() is taken as equal).
    /// The packet's views point into `frame`, or into this decoder if `out.reassembled`, and are
    /// valid until the next call.
    Decoded decode(std::uint32_t link_type, base::Bytes frame, std::uint32_t wire_length,
                   base::Timestamp time, std::uint64_t number, Packet& out) noexcept;

    /// The next first fragment of a UDP datagram whose others did not come in time
    /// (DecoderLimits::alone_time), as if the snap length had cut the datagram behind it: a filter
    /// for ports lets no other fragment through. False if there is none. Should the others come
    /// after all, the whole datagram is delivered as well. `out.reassembled` is set: all views of
    /// the packet point into this decoder, and are valid until the next call.
    bool take_incomplete(base::Timestamp now, Packet& out) noexcept;
    /// When it is worth to ask for one, before the next frame is decoded; nothing while no fragment
    /// waits.
    [[nodiscard]] std::optional<base::Timestamp> incomplete_due() const noexcept;

    /// What no frame's result tells: wrappings that turned out damaged inside UDP datagrams, which
    /// were delivered themselves. Every layer and reason that occurred, in the order of the
    /// enumerations.
    [[nodiscard]] std::vector<DecodeProblem> hidden_problems() const;
    /// Sums since the start; `waiting` is as of now.
    [[nodiscard]] FragmentCounts fragment_counts() const noexcept;

  private:
    Decoded walk(const WholeFrame& frame, bool takes_first, Packet& out) noexcept;

    DecoderLimits limits_;
    std::unique_ptr<FragmentTable> fragments_;
    ProblemCounts hidden_problems_{};
};

}  // namespace turnpike::wire
