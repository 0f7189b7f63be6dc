// pcap files in every variant, cut anywhere, and with lengths that cannot be.
#include "capture/pcap.h"

#include <array>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/octets.h"
#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using testing::content;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::OctetVector;
using testing::PcapFile;
using testing::read_octets;
using ::testing::SizeIs;

TEST(Pcap, ReadsAFileOctetByOctet) {
    const OctetVector file{
        0xd4, 0xc3, 0xb2, 0xa1,  // magic, little-endian, microseconds
        0x02, 0x00, 0x04, 0x00,  // version 2.4
        0x00, 0x00, 0x00, 0x00,  // reserved (once the time zone)
        0x00, 0x00, 0x00, 0x00,  // reserved (once the accuracy)
        0x00, 0x00, 0x04, 0x00,  // snap length 262144
        0x01, 0x00, 0x00, 0x00,  // link type Ethernet
        0x15, 0xcd, 0x5b, 0x07,  // 123456789 s
        0x40, 0xe2, 0x01, 0x00,  // 123456 us
        0x04, 0x00, 0x00, 0x00,  // captured 4
        0x3c, 0x00, 0x00, 0x00,  // original 60
        0xde, 0xad, 0xbe, 0xef,  // the frame
    };
    const auto reading = read_octets(file);
    EXPECT_THAT(reading.frames, ElementsAre(testing::KeptFrame{.time = 123'456'789'123'456'000,
                                                               .number = 1,
                                                               .link_type = 1,
                                                               .wire_length = 60,
                                                               .bytes = {0xde, 0xad, 0xbe, 0xef}}));
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    EXPECT_THAT(reading.losses, IsEmpty());
    EXPECT_FALSE(reading.drops.known);
}

struct Variant {
    const char* name;
    PcapFile::Kind kind;
    std::int64_t nanoseconds_per_unit;
};

class PcapVariants : public ::testing::TestWithParam<Variant> {};

TEST_P(PcapVariants, GivesTimeLengthsAndOctets) {
    PcapFile file(GetParam().kind);
    file.record(1'700'000'000, 999'999, content(60, 1));
    file.record(1'700'000'001, 0, content(54, 2), 1514);
    file.record(4'294'967'295, 1, content(0), 0);
    const auto reading = read_octets(file.done());

    const std::uint32_t link_type = GetParam().kind.link_type;
    const std::int64_t unit = GetParam().nanoseconds_per_unit;
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    EXPECT_EQ(read_octets(file.done(), 1).frames, reading.frames);
    EXPECT_THAT(
        reading.frames,
        ElementsAre(
            testing::KeptFrame{1'700'000'000'000'000'000 + 999'999 * unit, 1, link_type, 60,
                               content(60, 1)},
            testing::KeptFrame{1'700'000'001'000'000'000, 2, link_type, 1514, content(54, 2)},
            testing::KeptFrame{4'294'967'295'000'000'000 + unit, 3, link_type, 0, {}}));
}

constexpr auto big = ByteOrder::big;
constexpr auto little = ByteOrder::little;
constexpr std::uint32_t micro = 0xA1B2C3D4;
constexpr std::uint32_t nano = 0xA1B23C4D;
constexpr std::uint32_t kuznetzov = 0xA1B2CD34;

INSTANTIATE_TEST_SUITE_P(
    All, PcapVariants,
    ::testing::Values(Variant{"MicrosecondsLittle", {little, micro, 4, 1, 16}, 1000},
                      Variant{"MicrosecondsBig", {big, micro, 4, 101, 16}, 1000},
                      Variant{"NanosecondsLittle", {little, nano, 4, 113, 16}, 1},
                      Variant{"NanosecondsBig", {big, nano, 4, 276, 16}, 1},
                      Variant{"KuznetzovLittle", {little, kuznetzov, 4, 1, 24}, 1000},
                      Variant{"KuznetzovBig", {big, kuznetzov, 4, 1, 24}, 1000},
                      Variant{"Ss990915", {little, kuznetzov, 4, 1, 28}, 1000},
                      Variant{"Ss990417", {little, micro, 4, 1, 24}, 1000},
                      Variant{"Ss990417Big", {big, micro, 4, 1, 24}, 1000},
                      Variant{"Nokia", {big, micro, 4, 1, 20}, 1000},
                      Variant{"Version22", {big, micro, 2, 1, 16}, 1000},
                      Variant{"Version23", {big, micro, 3, 1, 16}, 1000}),
    [](const auto& variant) { return variant.param.name; });

TEST(Pcap, PutsLengthsOfVersion23RightWhereTheyAreSwapped) {
    testing::Octets record(ByteOrder::little);
    record.u32(1).u32(0).u32(100).u32(4).bytes(content(4));  // original before captured
    OctetVector file = PcapFile({.minor = 3}).done();
    file.insert(file.end(), record.done().begin(), record.done().end());
    const auto reading = read_octets(file);
    ASSERT_THAT(reading.frames, SizeIs(1));
    EXPECT_EQ(reading.frames[0].wire_length, 100U);
    EXPECT_EQ(reading.frames[0].bytes, content(4));
}

TEST(Pcap, NeverSaysThatFewerOctetsWereOnTheWireThanWereCaptured) {
    const auto reading = read_octets(PcapFile().record(1, 0, content(60), 12).done());
    ASSERT_THAT(reading.frames, SizeIs(1));
    EXPECT_EQ(reading.frames[0].wire_length, 60U);
}

TEST(Pcap, IgnoresTheFrameCheckSequenceBitsOfTheLinkType) {
    const auto reading =
        read_octets(PcapFile({.link_type = 0x24000001}).record(1, 0, content(64)).done());
    ASSERT_THAT(reading.frames, SizeIs(1));
    EXPECT_EQ(reading.frames[0].link_type, 1U);
}

TEST(Pcap, AFileWithoutRecordsIsWhole) {
    const auto reading = read_octets(PcapFile().done());
    EXPECT_THAT(reading.frames, IsEmpty());
    EXPECT_THAT(reading.cut_offs, IsEmpty());
}

TEST(Pcap, EveryPrefixEndsCleanly) {
    PcapFile file;
    file.record(1, 0, content(20)).record(2, 0, content(7)).record(3, 0, content(33));
    const OctetVector whole = file.done();
    // Where records end.
    const std::array<std::size_t, 4> ends{24, 24 + 36, 24 + 36 + 23, 24 + 36 + 23 + 49};
    ASSERT_EQ(whole.size(), ends.back());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const OctetVector prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        if (size < ends.front()) {
            const auto [message, status] = error_of([&] { read_octets(prefix); });
            EXPECT_EQ(status, 65) << size;
            EXPECT_THAT(message, HasSubstr("FILE: not a capture file (")) << size;
            continue;
        }
        for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{5}}) {
            const auto reading = read_octets(prefix, piece);
            const auto complete = static_cast<std::size_t>(
                std::ranges::count_if(ends, [&](std::size_t end) { return end <= size; }) - 1);
            EXPECT_THAT(reading.frames, SizeIs(complete)) << size;
            if (std::ranges::count(ends, size) != 0) {
                EXPECT_THAT(reading.cut_offs, IsEmpty()) << size;
            } else {
                EXPECT_THAT(reading.cut_offs,
                            ElementsAre(fmt::format(
                                "FILE: packet {} is cut off at octet {}; read up to there",
                                complete + 1, size)));
            }
        }
    }
}

TEST(Pcap, StopsAtALengthThatCannotBe) {
    OctetVector file = PcapFile().record(1, 0, content(20)).record(2, 0, content(20)).done();
    file[24 + 36 + 8 + 2] = 0x05;  // captured length of the second record: 20 + 5 * 65536
    const auto reading = read_octets(file);
    EXPECT_THAT(reading.frames, SizeIs(1));
    EXPECT_THAT(reading.cut_offs,
                ElementsAre("FILE: damaged after packet 1 at octet 60: a captured length of 327700 "
                            "octets; read up to there"));
}

TEST(Pcap, ALengthOffByOneEitherWayIsNoticedLater) {
    const OctetVector whole = PcapFile().record(1, 0, content(20)).record(2, 0, content(20)).done();
    for (const int change : {-1, 1}) {
        OctetVector file = whole;
        file[24 + 8] = static_cast<std::uint8_t>(20 + change);
        const auto reading = read_octets(file);
        EXPECT_THAT(reading.frames, SizeIs(1)) << change;
        EXPECT_THAT(reading.cut_offs, SizeIs(1)) << change;
    }
}

TEST(Pcap, TakesTheLongestRecordAndNoLonger) {
    const OctetVector longest = content(262'144);
    const auto reading = read_octets(PcapFile().record(1, 0, longest).record(2, 0, {}).done());
    ASSERT_THAT(reading.frames, SizeIs(2));
    EXPECT_EQ(reading.frames[0].bytes, longest);
    const auto longer = read_octets(PcapFile().record(1, 0, content(262'145)).done());
    EXPECT_THAT(longer.frames, IsEmpty());
    EXPECT_THAT(longer.cut_offs, SizeIs(1));
}

TEST(Pcap, ReadsRecordsLargerThanItsBufferWhereTheyExist) {
    const OctetVector large = content(3'000'000);
    const auto reading = read_octets(
        PcapFile({.link_type = 220}).record(1, 0, large).record(2, 0, content(9)).done());
    ASSERT_THAT(reading.frames, SizeIs(2));
    EXPECT_EQ(reading.frames[0].bytes, large);
    EXPECT_EQ(reading.frames[1].bytes, content(9));
}

TEST(Pcap, ManyRecordsCrossTheBufferAnywhere) {
    PcapFile file;
    std::vector<std::size_t> sizes;
    for (std::uint32_t i = 0; i < 3000; ++i) {
        sizes.push_back((i * 7919U) % 1515);
        file.record(i, i, content(sizes.back(), static_cast<std::uint8_t>(i)));
    }
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1000}}) {
        const auto reading = read_octets(file.done(), piece);
        ASSERT_THAT(reading.frames, SizeIs(sizes.size()));
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            ASSERT_EQ(reading.frames[i].number, i + 1);
            ASSERT_EQ(reading.frames[i].bytes, content(sizes[i], static_cast<std::uint8_t>(i)));
        }
    }
}

TEST(Pcap, RefusesUnknownVersions) {
    OctetVector file = PcapFile().done();
    file[4] = 3;
    const auto [message, status] = error_of([&] { read_octets(file); });
    EXPECT_EQ(message, "FILE: not a capture file (pcap of the unknown version 3.4)");
    EXPECT_EQ(status, 65);
}

TEST(Pcap, KeepsUnknownLinkTypes) {
    const auto reading =
        read_octets(PcapFile({.link_type = 54321}).record(1, 0, content(5)).done());
    ASSERT_THAT(reading.frames, SizeIs(1));
    EXPECT_EQ(reading.frames[0].link_type, 54321U);
}

}  // namespace
}  // namespace turnpike::capture
