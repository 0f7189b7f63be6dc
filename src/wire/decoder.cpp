// The packet decoder: one frame in, one packet out.
#include "turnpike/wire/decoder.h"

#include <algorithm>
#include <array>
#include <memory>

#include "turnpike/base/words.h"
#include "wire/ethernet_header.h"
#include "wire/fragments.h"
#include "wire/plain.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

/// Clears what no header is sure to write. The whole packet takes three times as long, and the rest
/// of it is written by whoever makes it valid.
void begin(Packet& packet, base::Timestamp time, std::uint64_t number) noexcept {
    packet.time = time;
    packet.number = number;
    packet.transport = TransportKind::none;
    packet.tunnel_id = 0;
    packet.vlan_id = 0;
    packet.source_link_address = 0;
    packet.to_group = false;
    packet.tunnel_depth = 0;
    packet.reassembled = false;
}

constexpr std::array layers{
    base::Word{Layer::link, "link"},
    base::Word{Layer::ethernet, "ethernet"},
    base::Word{Layer::vlan, "vlan"},
    base::Word{Layer::llc, "llc"},
    base::Word{Layer::pbb, "pbb"},
    base::Word{Layer::wifi, "802.11"},
    base::Word{Layer::frame_relay, "frame relay"},
    base::Word{Layer::mpls, "mpls"},
    base::Word{Layer::ppp, "ppp"},
    base::Word{Layer::pppoe, "pppoe"},
    base::Word{Layer::ipv4, "ipv4"},
    base::Word{Layer::ipv6, "ipv6"},
    base::Word{Layer::fragments, "ip fragments"},
    base::Word{Layer::ah, "ah"},
    base::Word{Layer::tcp, "tcp"},
    base::Word{Layer::udp, "udp"},
    base::Word{Layer::icmp, "icmp"},
    base::Word{Layer::icmpv6, "icmpv6"},
    base::Word{Layer::gre, "gre"},
    base::Word{Layer::erspan, "erspan"},
    base::Word{Layer::vxlan, "vxlan"},
    base::Word{Layer::geneve, "geneve"},
    base::Word{Layer::gtp, "gtp"},
    base::Word{Layer::teredo, "teredo"},
    base::Word{Layer::l2tp, "l2tp"},
    base::Word{Layer::tzsp, "tzsp"},
    base::Word{Layer::capwap, "capwap"},
    base::Word{Layer::nsh, "nsh"},
};
static_assert(base::in_order(layers) && layers.size() == layer_count);

}  // namespace

PacketDecoder::PacketDecoder(DecoderLimits limits)
    : limits_(limits), fragments_(std::make_unique<FragmentTable>(limits)) {}
PacketDecoder::~PacketDecoder() = default;
PacketDecoder::PacketDecoder(PacketDecoder&&) noexcept = default;
PacketDecoder& PacketDecoder::operator=(PacketDecoder&&) noexcept = default;

Decoded PacketDecoder::decode(std::uint32_t link_type, base::Bytes frame, std::uint32_t wire_length,
                              base::Timestamp time, std::uint64_t number, Packet& out) noexcept {
    begin(out, time, number);
    const auto captured = static_cast<std::uint32_t>(frame.size());
    const Region whole{frame, std::max(wire_length, captured)};
    if (link_type == link_type_ethernet && limits_.depth > 0 && decode_plain(out, whole)) {
        return complete(out.transport == TransportKind::tcp ? Layer::tcp : Layer::udp);
    }
    return walk({frame, whole.length(), link_type, out.tap, number, time}, false, out);
}

// Not inlined: ordinary packets would pay for the room on the stack that this takes.
[[gnu::noinline]] Decoded PacketDecoder::walk(const WholeFrame& frame, bool takes_first,
                                              Packet& out) noexcept {
    Walk walk{.packet = out,
              .frame = frame,
              .fragments = *fragments_,
              .hidden_problems = hidden_problems_,
              .depth_left = limits_.depth,
              .takes_first = takes_first};
    return decode_link(walk, frame.link_type, {frame.octets, frame.wire_length});
}

std::optional<base::Timestamp> PacketDecoder::incomplete_due() const noexcept {
    return fragments_->alone_due();
}

bool PacketDecoder::take_incomplete(base::Timestamp now, Packet& out) noexcept {
    while (const auto frame = fragments_->take_alone(now)) {
        begin(out, frame->time, frame->number);
        out.tap = frame->tap;
        if (walk(*frame, true, out).whole()) {
            out.reassembled = true;  // its octets are the decoder's own
            return true;
        }
    }
    return false;
}

std::vector<DecodeProblem> PacketDecoder::hidden_problems() const {
    std::vector<DecodeProblem> found;
    for (std::size_t layer = 0; layer < layer_count; ++layer) {
        for (std::size_t error = 0; error < base::parse_error_count; ++error) {
            if (hidden_problems_[layer][error] != 0) {
                found.push_back({.layer = static_cast<Layer>(layer),
                                 .error = static_cast<base::ParseError>(error),
                                 .count = hidden_problems_[layer][error]});
            }
        }
    }
    return found;
}

FragmentCounts PacketDecoder::fragment_counts() const noexcept {
    return fragments_->counts();
}

std::string_view to_string(Layer layer) noexcept {
    const auto word = base::word_of(layers, layer);
    return word.empty() ? "unknown" : word;
}

}  // namespace turnpike::wire
