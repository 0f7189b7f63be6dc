// The packet decoder: one frame in, one packet out.
#include "turnpike/wire/decoder.h"

#include <algorithm>
#include <memory>

#include "wire/fragments.h"
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

}  // namespace

PacketDecoder::PacketDecoder(DecoderLimits limits)
    : limits_(limits), fragments_(std::make_unique<FragmentTable>(limits)) {}
PacketDecoder::~PacketDecoder() = default;
PacketDecoder::PacketDecoder(PacketDecoder&&) noexcept = default;
PacketDecoder& PacketDecoder::operator=(PacketDecoder&&) noexcept = default;

Decoded PacketDecoder::decode(std::uint32_t link_type, base::Bytes frame, std::uint32_t wire_length,
                              base::Timestamp time, std::uint64_t number, Packet& out) noexcept {
    begin(out, time, number);
    Walk walk{.packet = out,
              .fragments = *fragments_,
              .hidden_problems = hidden_problems_,
              .depth_left = limits_.depth};
    const auto captured = static_cast<std::uint32_t>(frame.size());
    return decode_link(walk, link_type, {frame, std::max(wire_length, captured)});
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
    switch (layer) {
        case Layer::link:
            return "link";
        case Layer::ethernet:
            return "ethernet";
        case Layer::vlan:
            return "vlan";
        case Layer::llc:
            return "llc";
        case Layer::pbb:
            return "pbb";
        case Layer::wifi:
            return "802.11";
        case Layer::frame_relay:
            return "frame relay";
        case Layer::mpls:
            return "mpls";
        case Layer::ppp:
            return "ppp";
        case Layer::pppoe:
            return "pppoe";
        case Layer::ipv4:
            return "ipv4";
        case Layer::ipv6:
            return "ipv6";
        case Layer::fragments:
            return "ip fragments";
        case Layer::ah:
            return "ah";
        case Layer::tcp:
            return "tcp";
        case Layer::udp:
            return "udp";
        case Layer::icmp:
            return "icmp";
        case Layer::icmpv6:
            return "icmpv6";
        case Layer::gre:
            return "gre";
        case Layer::erspan:
            return "erspan";
        case Layer::vxlan:
            return "vxlan";
        case Layer::geneve:
            return "geneve";
        case Layer::gtp:
            return "gtp";
        case Layer::teredo:
            return "teredo";
        case Layer::l2tp:
            return "l2tp";
        case Layer::tzsp:
            return "tzsp";
        case Layer::capwap:
            return "capwap";
        case Layer::nsh:
            return "nsh";
    }
    return "unknown";
}

}  // namespace turnpike::wire
