// One and the same packet in every wrapping that a mirror port may deliver: all of them must yield
// the packet, whole and in part.
#include <algorithm>
#include <string>

#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

struct Wrapping {
    std::string name;
    Octets frame;
    std::uint16_t vlan = 0;
    std::uint8_t tunnels = 0;
    std::uint32_t tunnel_id = 0;
    std::uint32_t link_type = linktype_ethernet;
};

Octets llc_snap(std::uint32_t oui, std::uint16_t type, const Octets& payload) {
    return join({
        {0xaa, 0xaa, 0x03},  // SNAP, unnumbered
        {static_cast<std::uint8_t>(oui >> 16U)},
        be16(oui & 0xffffU),  // organization
        be16(type),
        payload,
    });
}
Octets with_length(const Octets& payload) {
    return join({addresses(), be16(payload.size()), payload});
}
Octets outer_udp(std::uint16_t port, const Octets& payload) {
    return ethernet(0x0800, ipv4(17, udp(40000, port, payload),
                                 {.source = {10, 0, 0, 1}, .destination = {10, 0, 0, 2}}));
}
Octets outer_ip(std::uint8_t protocol, const Octets& payload) {
    return ethernet(
        0x0800, ipv4(protocol, payload, {.source = {10, 0, 0, 1}, .destination = {10, 0, 0, 2}}));
}
Octets gre(std::uint16_t flags, std::uint16_t type, const Octets& fields, const Octets& payload) {
    return outer_ip(47, join({be16(flags), be16(type), fields, payload}));
}
Octets ppp(const Octets& payload) {
    return join({{0x00, 0x21}, payload});
}
Octets label(std::uint32_t value, bool bottom) {
    return be32((value << 12U) | (bottom ? 0x100U : 0U) | 64U);
}
/// A data frame from an access point to the distribution system (IEEE 802.11 9.3.2).
Octets wifi(std::uint8_t control, std::uint8_t flags, const Octets& extra, const Octets& payload) {
    return join({{control, flags}, be16(0), zeros(18), be16(0x10), extra, payload});
}
Octets snap_call() {
    return llc_snap(0, 0x0800, call());
}

std::vector<Wrapping> tags() {
    return {
        {"ethernet", call_frame()},
        {"ethernet padding", join({call_frame(), zeros(11)})},
        {"vlan", ethernet(0x8100, join({be16(0xe00a), be16(0x0800), call()})), 10},
        {"service and customer vlan",
         ethernet(0x88a8, join({be16(5), be16(0x8100), be16(10), be16(0x0800), call()})), 10},
        {"old service vlan",
         ethernet(0x9100, join({be16(5), be16(0x8100), be16(11), be16(0x0800), call()})), 11},
        {"port extender tag",
         ethernet(0x893f, join({be16(0x1000), be16(1), be16(0), be16(0x0800), call()}))},
        {"vn-tag", ethernet(0x8926, join({be32(0x80010002), be16(0x0800), call()}))},
        {"cisco metadata", ethernet(0x8909, join({be16(0x0101), be32(7), be16(0x0800), call()}))},
        {"backbone bridge", ethernet(0x88e7, join({be32(0x00000123), call_frame()}))},
        {"fabricpath", ethernet(0x8903, join({be16(0x4020), call_frame()}))},
        {"trill", ethernet(0x22f3, join({be16(0x0040), be32(0), be32(0x12345678), call_frame()}))},
        {"llc snap", with_length(snap_call())},
        {"llc snap, 802.1H", with_length(llc_snap(0x0000f8, 0x0800, call()))},
        {"llc snap, bridged", with_length(llc_snap(0x0080c2, 0x0007, call_frame()))},
        {"llc ip", with_length(join({{0x06, 0x06, 0x03}, call()}))},
        {"service chain",
         ethernet(0x894f, join({be16(0x0fc2), {0x02, 0x01}, be32(0x000001ff), call()}))},
    };
}

std::vector<Wrapping> links() {
    return {
        {"null, little-endian", join({le32(2), call()}), 0, 0, 0, 0},
        {"null, big-endian", join({be32(2), call()}), 0, 0, 0, 0},
        {"null with an EtherType", join({be32(0x0f000800), call()}), 0, 0, 0, 0},
        {"loop", join({be32(2), call()}), 0, 0, 0, 108},
        {"token ring", join({{0x10, 0x40}, addresses(), snap_call()}), 0, 0, 0, 6},
        {"slip", join({zeros(16), call()}), 0, 0, 0, 8},
        {"ppp", ppp(call()), 0, 0, 0, 9},
        {"ppp, compressed protocol", join({{0x21}, call()}), 0, 0, 0, 9},
        {"ppp in hdlc", join({{0xff, 0x03}, ppp(call())}), 0, 0, 0, 50},
        {"ppp with direction", join({{0x01, 0xff, 0x03}, ppp(call())}), 0, 0, 0, 204},
        {"fddi", join({{0x57}, addresses(), snap_call()}), 0, 0, 0, 10},
        {"raw", call(), 0, 0, 0, 101},
        {"raw of BSD", call(), 0, 0, 0, 12},
        {"raw of OpenBSD", call(), 0, 0, 0, 14},
        {"ipv4", call(), 0, 0, 0, 228},
        {"pppoe link", join({{0x11, 0x00}, be16(1), be16(call().size() + 2), ppp(call())}), 0, 0, 0,
         51},
        {"atm", snap_call(), 0, 0, 0, 100},
        {"cisco hdlc", join({{0x0f, 0x00}, be16(0x0800), call()}), 0, 0, 0, 104},
        {"frame relay", join({be16(0x1841), {0x03, 0xcc}, call()}), 0, 0, 0, 107},
        {"frame relay, cisco", join({be16(0x1841), be16(0x0800), call()}), 0, 0, 0, 107},
        {"frame relay, snap",
         join({be16(0x1841), {0x03, 0x00, 0x80, 0, 0, 0}, be16(0x0800), call()}), 0, 0, 0, 107},
        {"frame relay, ppp", join({be16(0x1841), {0x03, 0xcf}, ppp(call())}), 0, 0, 0, 107},
        {"ppp with mpls", join({be16(0x0281), label(16, true), call()}), 0, 0, 0, 9},
        {"cooked", join({be16(4), be16(1), be16(6), zeros(8), be16(0x0800), call()}), 0, 0, 0, 113},
        {"cooked with a tag",
         join({be16(4), be16(1), be16(6), zeros(8), be16(0x8100), be16(9), be16(0x0800), call()}),
         9, 0, 0, 113},
        {"cooked llc", join({be16(4), be16(1), be16(6), zeros(8), be16(4), snap_call()}), 0, 0, 0,
         113},
        {"cooked gre",
         join({be16(4), be16(778), be16(0), zeros(8), be16(0x0800), be16(0), be16(0x0800), call()}),
         0, 1, 0, 113},
        {"cooked 2", join({be16(0x0800), be16(0), be32(3), be16(1), {4, 6}, zeros(8), call()}), 0,
         0, 0, 276},
        {"802.11", wifi(0x08, 0x01, {}, snap_call()), 0, 0, 0, 105},
        {"802.11 with quality of service", wifi(0x88, 0x02, be16(0), snap_call()), 0, 0, 0, 105},
        {"802.11 between access points", wifi(0x08, 0x03, zeros(6), snap_call()), 0, 0, 0, 105},
        {"802.11 aggregate",
         wifi(0x88, 0x02, le16(0x80),
              join({addresses(), be16(snap_call().size()), snap_call(), zeros(5)})),
         0, 0, 0, 105},
        {"radiotap", join({{0, 0}, le16(12), le32(0), zeros(4), wifi(0x08, 0x01, {}, snap_call())}),
         0, 0, 0, 127},
        {"prism", join({le32(0x44), le32(144), zeros(136), wifi(0x08, 0x01, {}, snap_call())}), 0,
         0, 0, 119},
        {"avs", join({be32(0x80211001), be32(64), zeros(56), wifi(0x08, 0x01, {}, snap_call())}), 0,
         0, 0, 163},
        {"per-packet information",
         join({{0, 0}, le16(8), le32(105), wifi(0x08, 0x01, {}, snap_call())}), 0, 0, 0, 192},
        {"packet filter", join({{61, 2}, zeros(62), call()}), 0, 0, 0, 117},
        {"encapsulation interface", join({le32(2), zeros(8), call()}), 0, 0, 0, 109},
        {"firewire", join({zeros(16), be16(0x0800), call()}), 0, 0, 0, 138},
        {"mpls link", join({label(16, true), call()}), 0, 0, 0, 219},
        {"ipnet", join({{1, 2}, zeros(22), call()}), 0, 0, 0, 226},
        {"netfilter log",
         join({{2, 0},
               be16(0),
               le16(8),
               le16(10),
               zeros(4),
               le16(7),
               le16(11),
               zeros(4),
               le16(call().size() + 4),
               le16(9),
               call()}),
         0, 0, 0, 239},
        {"netanalyzer", join({zeros(4), call_frame()}), 0, 0, 0, 240},
        {"pktap", join({le32(12), le32(1), le32(1), call_frame()}), 0, 0, 0, 258},
        {"mpacket", join({zeros(8), call_frame()}), 0, 0, 0, 274},
    };
}

std::vector<Wrapping> labels_and_sessions() {
    return {
        {"mpls", ethernet(0x8847, join({label(16, true), call()}))},
        {"mpls stack",
         ethernet(0x8847, join({label(16, false), label(17, false), label(0, true), call()}))},
        {"mpls pseudo-wire", ethernet(0x8847, join({label(16, true), call_frame()}))},
        {"mpls pseudo-wire with control word",
         ethernet(0x8847, join({label(16, true), be32(0x00000007), call_frame()}))},
        // A station address whose first four bits look like IPv6.
        {"mpls pseudo-wire that looks like ipv6",
         ethernet(0x8847, join({label(16, true),
                                {0x60, 0x01, 0x02, 0x03, 0x44, 0x55},
                                zeros(6),
                                be16(0x0800),
                                call()}))},
        {"pppoe",
         ethernet(0x8864, join({{0x11, 0x00}, be16(0x22), be16(call().size() + 2), ppp(call())}))},
        {"pppoe in a vlan",
         ethernet(0x8100, join({be16(7),
                                be16(0x8864),
                                {0x11, 0x00},
                                be16(1),
                                be16(call().size() + 2),
                                ppp(call()),
                                zeros(3)})),
         7},
    };
}

std::vector<Wrapping> ip_tunnels() {
    return {
        {"ip in ip", outer_ip(4, call()), 0, 1},
        {"ip in ipv6", ethernet(0x86dd, ipv6(4, call())), 0, 1},
        {"ip in ipv6 in ip", outer_ip(41, ipv6(4, call())), 0, 2},
        {"authentication header in ipv4",
         outer_ip(51, join({{4, 4}, be16(0), be32(0x100), be32(1), zeros(12), call()})), 0, 1},
        {"mpls in ip", outer_ip(137, join({label(16, true), call()})), 0, 1},
        {"ethernet in ip", outer_ip(97, join({be16(0x3000), call_frame()})), 0, 1},
        {"ethernet in ipv6", ethernet(0x86dd, ipv6(143, call_frame())), 0, 1},
        {"gre", gre(0, 0x0800, {}, call()), 0, 1},
        {"gre with checksum, key and sequence",
         gre(0xb000, 0x0800, join({be32(0), be32(99), be32(1)}), call()), 0, 1, 99},
        {"gre with a source route",
         gre(0x4000, 0x0800, join({be32(0), be16(0x0800), {0, 4}, zeros(4), be32(0)}), call()), 0,
         1},
        {"gre with ethernet", gre(0, 0x6558, {}, call_frame()), 0, 1},
        {"nvgre", gre(0x2000, 0x6558, be32(0x00123401), call_frame()), 0, 1, 0x1234},
        {"gre with mpls", gre(0, 0x8847, label(16, true), call()), 0, 1},
        {"pptp",
         gre(0x3081, 0x880b, join({be16(call().size() + 4), be16(77), be32(5), be32(4)}),
             join({{0xff, 0x03}, ppp(call())})),
         0, 1, 77},
        {"wccp", gre(0, 0x883e, {}, call()), 0, 1},
        {"wccp with a redirect header", gre(0, 0x883e, be32(0x01000000), call()), 0, 1},
        {"wireless controller", gre(0, 0x8240, {}, wifi(0x08, 0x02, {}, snap_call())), 0, 1},
        {"erspan i", gre(0, 0x88be, {}, call_frame()), 0, 1},
        {"erspan ii", gre(0x1000, 0x88be, join({be32(1), be32(0x1001002a), be32(0)}), call_frame()),
         1, 1, 0x2a},
        {"erspan iii",
         gre(0x1000, 0x22eb, join({be32(1), be32(0x2001002b), be32(0), be32(0)}), call_frame()), 1,
         1, 0x2b},
        {"erspan iii with subheader",
         gre(0x1000, 0x22eb, join({be32(1), be32(0x2001002b), be32(0), be32(1), zeros(8)}),
             call_frame()),
         1, 1, 0x2b},
        {"erspan iii with a bare packet",
         gre(0x1000, 0x22eb, join({be32(1), be32(0x2001002b), be32(0), be32(0x00000800)}), call()),
         1, 1, 0x2b},
    };
}

std::vector<Wrapping> udp_tunnels() {
    const std::size_t length = call().size();
    return {
        {"vxlan", outer_udp(4789, join({be32(0x08000000), be32(42 << 8), call_frame()})), 0, 1, 42},
        {"vxlan with reserved bits",
         outer_udp(4789, join({be32(0x8812abcd), be32((42 << 8) | 0xff), call_frame()})), 0, 1, 42},
        {"vxlan of older linux",
         outer_udp(8472, join({be32(0x08000000), be32(42 << 8), call_frame()})), 0, 1, 42},
        {"vxlan with a tag",
         outer_udp(4789, join({be32(0x08000000), be32(42 << 8),
                               ethernet(0x8100, join({be16(3), be16(0x0800), call()}))})),
         3, 1, 42},
        {"vxlan-gpe", outer_udp(4790, join({be32(0x0c000001), be32(42 << 8), call()})), 0, 1, 42},
        {"vxlan-gpe with ethernet",
         outer_udp(4790, join({be32(0x0c000003), be32(42 << 8), call_frame()})), 0, 1, 42},
        {"vxlan-gpe with a service chain",
         outer_udp(4790, join({be32(0x0c000004),
                               be32(42 << 8),
                               be16(0x0fc2),
                               {0x02, 0x03},
                               be32(0x000001ff),
                               call_frame()})),
         0, 1, 42},
        {"vxlan-gpe with mpls",
         outer_udp(4790, join({be32(0x0c000005), be32(42 << 8), label(16, true), call()})), 0, 1,
         42},
        {"vxlan-gpe with ipv6",
         outer_udp(4790, join({be32(0x0c000002), be32(42 << 8), ipv6(4, call())})), 0, 2, 42},
        {"geneve with a service chain",
         outer_udp(6081, join({be16(0),
                               be16(0x894f),
                               be32(43 << 8),
                               be16(0x0fc2),
                               {0x02, 0x03},
                               be32(0x000001ff),
                               call_frame()})),
         0, 1, 43},
        {"geneve with mpls",
         outer_udp(6081, join({be16(0), be16(0x8847), be32(43 << 8), label(16, true), call()})), 0,
         1, 43},
        {"geneve with ipv6",
         outer_udp(6081, join({be16(0), be16(0x86dd), be32(43 << 8), ipv6(4, call())})), 0, 2, 43},
        {"geneve", outer_udp(6081, join({be16(0), be16(0x6558), be32(43 << 8), call_frame()})), 0,
         1, 43},
        {"geneve with options",
         outer_udp(6081, join({be16(0x0380),
                               be16(0x0800),
                               be32(43 << 8),
                               be16(0x0102),
                               {0x80, 2},
                               zeros(8),
                               call()})),
         0, 1, 43},
        {"gtp", outer_udp(2152, join({{0x30, 0xff}, be16(length), be32(0xabcd), call()})), 0, 1,
         0xabcd},
        {"gtp with sequence number",
         outer_udp(2152, join({{0x32, 0xff}, be16(length + 4), be32(1), be32(0x00050000), call()})),
         0, 1, 1},
        {"gtp with extensions",
         outer_udp(2152, join({{0x34, 0xff},
                               be16(length + 16),
                               be32(1),
                               be32(0x00000085),
                               {1, 0x10, 0x09, 0xc0},
                               {2, 0, 0, 0, 0, 0, 0, 0},
                               call()})),
         0, 1, 1},
        {"teredo", outer_udp(3544, ipv6(4, call())), 0, 2},
        {"teredo with authentication and origin",
         outer_udp(3544, join({{0, 1, 0, 0}, zeros(9), be16(0), zeros(6), ipv6(4, call())})), 0, 2},
        {"l2tp", outer_udp(1701, join({be16(0x0002), be32(0x00070009), ppp(call())})), 0, 1,
         0x00070009},
        {"l2tp with every field",
         outer_udp(1701, join({be16(0x4a02),
                               be16(length + 20),
                               be32(0x00070009),
                               be32(1),
                               be16(2),
                               zeros(2),
                               {0xff, 0x03},
                               ppp(call())})),
         0, 1, 0x00070009},
        {"gre in udp", outer_udp(4754, join({be16(0), be16(0x0800), call()})), 0, 2},
        {"mpls in udp", outer_udp(6635, join({label(16, true), call()})), 0, 1},
        {"lisp", outer_udp(4341, join({be32(0x88000001), be32(0x00000901), call()})), 0, 1, 9},
        {"tzsp",
         outer_udp(37008, join({{1, 0}, be16(1), {0x0a, 1, 0xc8, 0x00, 0x01}, call_frame()})), 0,
         1},
        {"tzsp with 802.11",
         outer_udp(37008, join({{1, 0}, be16(18), {0x01}, wifi(0x08, 0x01, {}, snap_call())})), 0,
         1},
        {"capwap", outer_udp(5247, join({be32(0x00100200), zeros(4), call_frame()})), 0, 1},
        {"capwap with 802.11",
         outer_udp(5247, join({be32(0x00100300), zeros(4), wifi(0x08, 0x01, {}, snap_call())})), 0,
         1},
        {"capwap with 802.11 the other way round",
         outer_udp(5247, join({be32(0x00100300), zeros(4), wifi(0x01, 0x08, {}, snap_call())})), 0,
         1},
        {"vxlan in gre in geneve",
         outer_udp(
             6081,
             join({be16(0), be16(0x6558), be32(1 << 8),
                   gre(0, 0x6558, {},
                       outer_udp(4789, join({be32(0x08000000), be32(44 << 8), call_frame()})))})),
         0, 3, 44},
    };
}

std::vector<Wrapping> all_wrappings() {
    std::vector<Wrapping> all;
    for (const auto& some : {tags(), links(), labels_and_sessions(), ip_tunnels(), udp_tunnels()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

void PrintTo(const Wrapping& wrapping, std::ostream* out) {
    *out << wrapping.name;
}

class EveryWrapping : public testing::TestWithParam<Wrapping> {};

TEST_P(EveryWrapping, YieldsTheSamePacket) {
    const Wrapping& wrapping = GetParam();
    const Outcome outcome = decode(wrapping.frame, wrapping.link_type);
    expect_call(outcome);
    EXPECT_EQ(outcome.packet.vlan_id, wrapping.vlan);
    EXPECT_EQ(outcome.packet.tunnel_depth, wrapping.tunnels);
    EXPECT_EQ(outcome.packet.tunnel_id, wrapping.tunnel_id);
    EXPECT_THAT(outcome.decoder->hidden_problems(), testing::IsEmpty());
}

/// A snap length may end anywhere: what is left is the packet's beginning, or a frame that was cut.
TEST_P(EveryWrapping, IsCutCleanlyAtEveryOctet) {
    const Wrapping& wrapping = GetParam();
    const auto length = static_cast<std::uint32_t>(wrapping.frame.size());
    const Octets payload = stun();
    for (std::uint32_t kept = 0; kept < length; ++kept) {
        const Outcome outcome =
            decode(base::Bytes(wrapping.frame).first(kept), wrapping.link_type, length);
        const Packet& packet = outcome.packet;
        if (outcome.decoded.kind == FrameKind::packet && packet.source_port == client_port) {
            ASSERT_EQ(packet.payload_length, payload.size()) << kept;
            ASSERT_TRUE(std::ranges::equal(packet.payload,
                                           base::Bytes(payload).first(packet.payload.size())));
        } else if (outcome.decoded.kind == FrameKind::packet) {
            // The header of a tunnel over UDP was cut, so its port alone is left.
            ASSERT_EQ(to_string(packet.source_endpoint()), "10.0.0.1:40000") << kept;
            ASSERT_TRUE(packet.cut()) << kept;
        } else {
            ASSERT_EQ(outcome.decoded.kind, FrameKind::malformed) << kept;
            ASSERT_EQ(outcome.decoded.error, base::ParseError::truncated) << kept;
        }
    }
}

/// The same prefixes as frames that ended there on the wire already: anything but a crash or the
/// whole payload.
TEST_P(EveryWrapping, FailsCleanlyAtEveryPrefix) {
    const Wrapping& wrapping = GetParam();
    for (std::size_t kept = 0; kept + 16 < wrapping.frame.size(); ++kept) {
        const Outcome outcome = decode(base::Bytes(wrapping.frame).first(kept), wrapping.link_type);
        if (outcome.decoded.kind == FrameKind::packet) {
            ASSERT_NE(to_octets(outcome.packet.payload), stun()) << kept;
        }
    }
}

/// Any octet of the headers changed to any extreme value: no crash, no view outside the frame.
TEST_P(EveryWrapping, SurvivesDamageInEveryOctet) {
    const Wrapping& wrapping = GetParam();
    for (std::size_t at = 0; at < wrapping.frame.size(); ++at) {
        for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
            Octets frame = wrapping.frame;
            frame[at] = static_cast<std::uint8_t>(value);
            const Outcome outcome = decode(frame, wrapping.link_type);
            if (outcome.decoded.kind != FrameKind::packet || outcome.packet.payload.empty()) {
                continue;
            }
            const std::uint8_t* const begin = outcome.frame.get();
            ASSERT_GE(outcome.packet.payload.data(), begin);
            ASSERT_LE(outcome.packet.payload.data() + outcome.packet.payload.size(),
                      begin + frame.size());
            ASSERT_LE(outcome.packet.payload.size(), outcome.packet.payload_length);
        }
    }
}

std::string test_name(const testing::TestParamInfo<Wrapping>& info) {
    std::string name = info.param.name;
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Wrapping, EveryWrapping, testing::ValuesIn(all_wrappings()), test_name);

}  // namespace
}  // namespace turnpike::wire::test
