// The decoder as a whole: kinds of frames, link types, counters.
#include <set>

#include "wire/frames.h"

namespace turnpike::wire::test {
namespace {

TEST(Decoder, FramesWithoutIpAreNotIp) {
    for (const std::uint16_t type :
         {std::uint16_t{0x0806}, std::uint16_t{0x88cc}, std::uint16_t{0x888e},
          std::uint16_t{0x8863}, std::uint16_t{0x9000}, std::uint16_t{0x4242}}) {
        EXPECT_EQ(decode(ethernet(type, zeros(46))).decoded.kind, FrameKind::not_ip) << type;
    }
    const Octets spanning_tree = ethernet(38, join({{0x42, 0x42, 0x03}, zeros(35)}));
    EXPECT_EQ(decode(spanning_tree).decoded.kind, FrameKind::not_ip);
    const Octets discovery =
        ethernet(40, join({{0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c}, be16(0x2000), zeros(32)}));
    EXPECT_EQ(decode(discovery).decoded.kind, FrameKind::not_ip);
}

TEST(Decoder, EncryptedAndControlFramesOfWirelessNetworksAreNotIp) {
    const auto wifi = [](std::uint8_t control, std::uint8_t flags) {
        return decode(join({{control, flags}, zeros(22), {0xaa, 0xaa, 0x03}, zeros(40)}), 105)
            .decoded.kind;
    };
    EXPECT_EQ(wifi(0x80, 0x00), FrameKind::not_ip);  // beacon
    EXPECT_EQ(wifi(0xd4, 0x00), FrameKind::not_ip);  // acknowledgment
    EXPECT_EQ(wifi(0x48, 0x01), FrameKind::not_ip);  // null
    EXPECT_EQ(wifi(0x08, 0x41), FrameKind::not_ip);  // protected
}

TEST(Decoder, AnEmptyFrameIsNoPacketWhateverTheLinkType) {
    for (std::uint32_t link_type = 0; link_type < 300; ++link_type) {
        const FrameKind kind = decode({}, link_type).decoded.kind;
        EXPECT_TRUE(kind == FrameKind::malformed || kind == FrameKind::unknown_link_type)
            << link_type;
    }
    EXPECT_EQ(decode({}, 1).decoded.kind, FrameKind::malformed);
}

TEST(Decoder, UnknownLinkTypesAreSaidToBe) {
    EXPECT_EQ(decode(call(), 147).decoded.kind, FrameKind::unknown_link_type);
}

TEST(Decoder, NullLinksKnowEveryFamilyOfIpv6) {
    for (const std::uint8_t family : {std::uint8_t{24}, std::uint8_t{28}, std::uint8_t{30},
                                      std::uint8_t{10}, std::uint8_t{23}}) {
        const Octets packet = ipv6(17, udp(client_port, server_port, stun()));
        EXPECT_TRUE(decode(join({le32(family), packet}), 0).decoded);
        EXPECT_TRUE(decode(join({be32(family), packet}), 0).decoded);
    }
    EXPECT_EQ(decode(join({le32(7), call()}), 0).decoded.kind, FrameKind::not_ip);
}

TEST(Decoder, LayersHaveDistinctNames) {
    std::set<std::string_view> names;
    for (std::size_t layer = 0; layer < layer_count; ++layer) {
        names.insert(to_string(static_cast<Layer>(layer)));
    }
    EXPECT_EQ(names.size(), layer_count);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(Decoder, TellsLayerAndReason) {
    PacketDecoder decoder;
    Packet packet;
    const Octets frame = call_frame();
    const auto feed = [&](std::size_t kept, std::uint32_t wire_length) {
        return decoder.decode(linktype_ethernet, base::Bytes(frame).first(kept), wire_length, {}, 1,
                              packet);
    };
    const auto expect = [](const Decoded& decoded, Layer layer, base::ParseError error) {
        EXPECT_EQ(decoded.kind, FrameKind::malformed);
        EXPECT_EQ(decoded.layer, layer);
        EXPECT_EQ(decoded.error, error);
    };
    expect(feed(10, 100), Layer::ethernet, base::ParseError::truncated);
    expect(feed(20, 100), Layer::ipv4, base::ParseError::truncated);
    expect(feed(20, 20), Layer::ipv4, base::ParseError::bad_length);
    EXPECT_TRUE(decoder.hidden_problems().empty());
}

TEST(Decoder, DepthIsBounded) {
    Octets tagged = join({be16(0x0800), call()});
    for (int i = 0; i < 20; ++i) {
        tagged = join({be16(0x8100), be16(1), tagged});
    }
    expect_malformed(decode(join({addresses(), tagged})), Layer::vlan, base::ParseError::limit);
}

}  // namespace
}  // namespace turnpike::wire::test
