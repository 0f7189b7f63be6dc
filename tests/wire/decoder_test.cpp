// The decoder as a whole: kinds of frames, link types, counters, and that it allocates nothing.
#include <cstdlib>
#include <new>
#include <set>

#include "wire/frames.h"

namespace {
std::size_t allocations = 0;
}

// Counts what the test program allocates.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

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

TEST(Decoder, AnEmptyFrameIsMalformedForEveryLinkType) {
    for (std::uint32_t link_type = 0; link_type < 300; ++link_type) {
        const FrameKind kind = decode({}, link_type).decoded.kind;
        EXPECT_EQ(kind,
                  known_link_type(link_type) ? FrameKind::malformed : FrameKind::unknown_link_type)
            << link_type;
    }
}

TEST(Decoder, UnknownLinkTypesHaveNames) {
    EXPECT_FALSE(known_link_type(147));
    EXPECT_EQ(link_type_name(147), "USER0");
    EXPECT_EQ(decode(call(), 147).decoded.kind, FrameKind::unknown_link_type);
    EXPECT_TRUE(known_link_type(1));
    EXPECT_EQ(link_type_name(1), "ETHERNET");
    EXPECT_EQ(link_type_name(113), "LINUX_SLL");
    EXPECT_EQ(link_type_name(127), "IEEE802_11_RADIOTAP");
    EXPECT_EQ(link_type_name(101), "RAW");
    EXPECT_FALSE(known_link_type(0xffffffff));
    EXPECT_EQ(link_type_name(9999), "");
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

TEST(Decoder, CountsProblemsByLayerAndReason) {
    PacketDecoder decoder;
    Packet packet;
    const Octets frame = call_frame();
    const auto feed = [&](std::size_t kept, std::uint32_t wire_length) {
        decoder.decode(linktype_ethernet, base::Bytes(frame).first(kept), wire_length, {}, 1,
                       packet);
    };
    feed(10, 100);
    feed(20, 100);
    feed(20, 100);
    feed(20, 20);
    const auto problems = decoder.problems();
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0].layer, Layer::ethernet);
    EXPECT_EQ(problems[0].error, base::ParseError::truncated);
    EXPECT_EQ(problems[0].count, 1U);
    EXPECT_EQ(problems[1].layer, Layer::ipv4);
    EXPECT_EQ(problems[1].error, base::ParseError::truncated);
    EXPECT_EQ(problems[1].count, 2U);
    EXPECT_EQ(problems[2].error, base::ParseError::bad_length);
}

TEST(Decoder, DepthIsBounded) {
    Octets tagged = join({be16(0x0800), call()});
    for (int i = 0; i < 20; ++i) {
        tagged = join({be16(0x8100), be16(1), tagged});
    }
    expect_malformed(decode(join({addresses(), tagged})), Layer::vlan, base::ParseError::limit);
}

/// Everything is passed through once to warm up; then nothing may be allocated any more.
TEST(Decoder, AllocatesNothingAfterWarmUp) {
    const Octets datagram = udp(client_port, server_port, zeros(1000));
    const auto piece = [&datagram](std::size_t begin, std::size_t end) {
        return ethernet(0x0800, ipv4(17,
                                     {datagram.begin() + static_cast<std::ptrdiff_t>(begin),
                                      datagram.begin() + static_cast<std::ptrdiff_t>(end)},
                                     {.fragmentation = static_cast<std::uint16_t>(
                                          (end == 1008 ? 0U : 0x2000U) | begin / 8)}));
    };
    const std::vector<Octets> frames{
        call_frame(),
        ethernet(0x8100, join({be16(7), be16(0x0800), call()})),
        ethernet(0x0800, ipv4(17, udp(1, 4789, join({be32(0x08000000), be32(1), call_frame()})))),
        piece(0, 504),
        piece(504, 1008),
        ethernet(0x0806, zeros(28)),
        zeros(5)};
    PacketDecoder decoder;
    Packet packet;
    std::uint64_t number = 0;
    const auto pass = [&] {
        for (const Octets& frame : frames) {
            decoder.decode(linktype_ethernet, frame, 0, {}, ++number, packet);
        }
    };
    pass();
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) {
        pass();
    }
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(decoder.fragment_counts().reassembled, 1001U);
}

}  // namespace
}  // namespace turnpike::wire::test
