// pcapng files: interfaces, sections, counters, and blocks that cannot be.
#include "capture/pcapng.h"

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
using testing::KeptFrame;
using testing::Octets;
using testing::OctetVector;
using testing::PcapngFile;
using testing::read_octets;
using ::testing::SizeIs;

constexpr std::uint64_t epoch_us = 1'700'000'000'000'000;
constexpr std::int64_t epoch_ns = 1'700'000'000'000'000'000;

base::Timestamp instant(std::int64_t nanoseconds) {
    return base::from_nanoseconds(nanoseconds);
}

TEST(Pcapng, ReadsAFileOctetByOctet) {
    const OctetVector file{
        0x0a, 0x0d, 0x0d, 0x0a,                          // section header block
        0x00, 0x00, 0x00, 0x1c,                          // length 28
        0x1a, 0x2b, 0x3c, 0x4d,                          // byte order: big-endian
        0x00, 0x01, 0x00, 0x00,                          // version 1.0
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // section length unknown
        0x00, 0x00, 0x00, 0x1c,                          // length again
        0x00, 0x00, 0x00, 0x01,                          // interface description block
        0x00, 0x00, 0x00, 0x20,                          // length 32
        0x00, 0x71, 0x00, 0x00,                          // link type Linux cooked, reserved
        0x00, 0x00, 0x00, 0x60,                          // snap length 96
        0x00, 0x09, 0x00, 0x01, 0x09, 0x00, 0x00, 0x00,  // if_tsresol: 10^-9
        0x00, 0x00, 0x00, 0x00,                          // end of options
        0x00, 0x00, 0x00, 0x20,                          // length again
        0x00, 0x00, 0x00, 0x06,                          // enhanced packet block
        0x00, 0x00, 0x00, 0x28,                          // length 40
        0x00, 0x00, 0x00, 0x00,                          // interface 0
        0x17, 0x97, 0x97, 0x9c,                          // time, upper half
        0x00, 0x28, 0x00, 0x01,                          // time, lower half
        0x00, 0x00, 0x00, 0x05,                          // captured 5
        0x00, 0x00, 0x05, 0xea,                          // original 1514
        0x01, 0x02, 0x03, 0x04, 0x05, 0x00, 0x00, 0x00,  // the frame, padded
        0x00, 0x00, 0x00, 0x28,                          // length again
    };
    const auto reading = read_octets(file);
    EXPECT_THAT(reading.frames,
                ElementsAre(KeptFrame{0x1797979C00280001, 1, 113, 1514, {1, 2, 3, 4, 5}}));
    EXPECT_THAT(reading.cut_offs, IsEmpty());
}

class PcapngByteOrders : public ::testing::TestWithParam<ByteOrder> {};
INSTANTIATE_TEST_SUITE_P(Both, PcapngByteOrders,
                         ::testing::Values(ByteOrder::big, ByteOrder::little));

TEST_P(PcapngByteOrders, InterfacesDifferInLinkTypeResolutionAndOffset) {
    PcapngFile file(GetParam());
    file.interface(1);
    file.interface(101, 0, file.short_option(9, 9));
    file.interface(113, 0, file.short_option(9, 0x80 | 10));
    auto options = file.short_option(9, 3);
    const auto offset = file.option(14, 1'600'000'000);
    options.insert(options.end(), offset.begin(), offset.end());
    file.interface(276, 0, options);
    file.enhanced(0, epoch_us, content(61, 1));
    file.enhanced(1, static_cast<std::uint64_t>(epoch_ns) + 7, content(62, 2), 99);
    file.enhanced(2, 1536, content(63, 3));
    file.enhanced(3, 1, content(64, 4));
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    EXPECT_THAT(reading.frames,
                ElementsAre(KeptFrame{epoch_ns, 1, 1, 61, content(61, 1)},
                            KeptFrame{epoch_ns + 7, 2, 101, 99, content(62, 2)},
                            KeptFrame{1'500'000'000, 3, 113, 63, content(63, 3)},
                            KeptFrame{1'600'000'000'001'000'000, 4, 276, 64, content(64, 4)}));
}

TEST_P(PcapngByteOrders, SectionsHaveTheirOwnByteOrderAndInterfaces) {
    PcapngFile file(GetParam());
    file.interface(1).enhanced(0, epoch_us, content(10, 1));
    file.section(GetParam() == ByteOrder::big ? ByteOrder::little : ByteOrder::big);
    file.interface(101).enhanced(0, epoch_us + 1, content(11, 2));
    file.section(GetParam());
    file.interface(113).enhanced(0, epoch_us + 2, content(12, 3));
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.cut_offs, IsEmpty());
    EXPECT_THAT(reading.frames,
                ElementsAre(KeptFrame{epoch_ns, 1, 1, 10, content(10, 1)},
                            KeptFrame{epoch_ns + 1000, 2, 101, 11, content(11, 2)},
                            KeptFrame{epoch_ns + 2000, 3, 113, 12, content(12, 3)}));
}

// Packets without options, which nearly all are, are read by a shorter way.
TEST_P(PcapngByteOrders, APacketIsTheSameWithOptionsAndWithout) {
    for (std::size_t size = 0; size < 10; ++size) {
        PcapngFile file(GetParam());
        file.interface(1).interface(101, 0, file.short_option(9, 9));
        const std::uint64_t time = epoch_us * 1000 + 1;
        file.enhanced(1, time, content(size), 99);
        file.enhanced(1, time, content(size), 99, file.option(2, 7));
        const auto reading = read_octets(file.done());
        EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{epoch_ns + 1, 1, 101, 99, content(size)},
                                                KeptFrame{epoch_ns + 1, 2, 101, 99, content(size)}))
            << size;
    }
}

TEST_P(PcapngByteOrders, ReadsObsoletePackets) {
    PcapngFile file(GetParam());
    file.interface(1).interface(101);
    file.obsolete(1, 0xFFFF, epoch_us, content(9, 1));
    file.obsolete(0, 3, epoch_us + 5, content(4, 2));
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{epoch_ns, 1, 101, 9, content(9, 1)},
                                            KeptFrame{epoch_ns + 5000, 2, 1, 4, content(4, 2)}));
    EXPECT_EQ(reading.drops, (Drops{.known = true, .unplaced = 3}));
    EXPECT_THAT(reading.losses,
                ElementsAre(Loss{instant(epoch_ns + 5000), instant(epoch_ns + 5000), 3}));
}

TEST(Pcapng, SimplePacketsTakeTheTimeOfTheOneBefore) {
    PcapngFile file;
    file.interface(1, 8).simple(content(5, 1), 5);
    file.enhanced(0, epoch_us, content(6, 2));
    file.simple(content(8, 3), 1514);
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{0, 1, 1, 5, content(5, 1)},
                                            KeptFrame{epoch_ns, 2, 1, 6, content(6, 2)},
                                            KeptFrame{epoch_ns, 3, 1, 1514, content(8, 3)}));
}

TEST(Pcapng, SkipsWhatHoldsNoFrames) {
    PcapngFile file;
    file.interface(1);
    file.block(4, Octets().u16(1).u16(7).bytes(content(7)).pad().u32(0));  // name resolution
    file.block(10, Octets().u32(0x544c534b).u32(3).text("abc").pad());     // decryption secrets
    file.block(0x00000BAD, Octets().u32(32473).bytes(content(40)));        // custom, copyable
    file.block(0x40000BAD, Octets().u32(32473).bytes(content(400'000)));   // custom, larger than
    file.enhanced(0, epoch_us, content(6));                                // the buffer
    file.block(0x80000001, Octets());                                      // somebody's own
    for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{4096}}) {
        const auto reading = read_octets(file.done(), piece);
        EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{epoch_ns, 1, 1, 6, content(6)}));
        EXPECT_THAT(reading.cut_offs, IsEmpty());
    }
}

TEST(Pcapng, ABlockWhoseLengthLeavesOutThePaddingIsRead) {
    OctetVector file = PcapngFile().interface(1).enhanced(0, epoch_us, content(5)).done();
    // The enhanced packet block is the last: 40 octets, of which 3 are padding.
    file[file.size() - 40 + 4] = 37;
    file[file.size() - 4] = 37;
    const auto reading = read_octets(file);
    EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{epoch_ns, 1, 1, 5, content(5)}));
    EXPECT_THAT(reading.cut_offs, IsEmpty());
}

TEST(Pcapng, DropCountsOfPacketsHaveAPlace) {
    PcapngFile file;
    file.interface(1).interface(1);
    file.enhanced(0, epoch_us, content(6));
    file.enhanced(1, epoch_us + 1, content(6), file.option(4, 2));   // nothing before it
    file.enhanced(0, epoch_us + 9, content(6), file.option(4, 40));  // since the first
    file.enhanced(0, epoch_us + 10, content(6), file.option(4, 0));
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.frames, SizeIs(4));
    EXPECT_EQ(reading.drops, (Drops{.known = true, .unplaced = 42}));
    EXPECT_THAT(reading.losses,
                ElementsAre(Loss{instant(epoch_ns + 1000), instant(epoch_ns + 1000), 2},
                            Loss{instant(epoch_ns), instant(epoch_ns + 9000), 40}));
}

OctetVector statistics(const PcapngFile& file, std::uint64_t by_interface,
                       std::uint64_t by_kernel) {
    OctetVector options = file.option(5, by_interface);
    const OctetVector more = file.option(7, by_kernel);
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

TEST(Pcapng, StatisticsCountFromTheBeginning) {
    PcapngFile file;
    file.interface(1).interface(1);
    file.enhanced(0, epoch_us, content(6));
    OctetVector first = statistics(file, 3, 5);
    const std::uint64_t start = (epoch_us << 32U) | (epoch_us >> 32U);  // its halves: upper first
    const OctetVector begin = file.option(2, start);
    first.insert(first.end(), begin.begin(), begin.end());
    file.statistics(0, epoch_us + 10, first);
    file.statistics(0, epoch_us + 20, statistics(file, 3, 105));
    file.statistics(1, epoch_us + 20, statistics(file, 0, 0));
    const auto reading = read_octets(file.done());
    EXPECT_EQ(reading.drops, (Drops{.known = true, .by_kernel = 105, .by_interface = 3}));
    EXPECT_THAT(reading.losses,
                ElementsAre(Loss{instant(epoch_ns), instant(epoch_ns + 10'000), 8, 1},
                            Loss{instant(epoch_ns + 10'000), instant(epoch_ns + 20'000), 100}));
}

TEST(Pcapng, StatisticsAndDropCountsAreNotAddedUp) {
    PcapngFile file;
    file.interface(1);
    file.enhanced(0, epoch_us, content(6), file.option(4, 10));
    file.statistics(0, epoch_us + 20, statistics(file, 1, 6));
    EXPECT_EQ(read_octets(file.done()).drops,
              (Drops{.known = true, .by_kernel = 6, .by_interface = 1, .unplaced = 3}));
}

TEST(Pcapng, SectionsKeepTheirDropCounts) {
    PcapngFile file;
    file.interface(1).statistics(0, epoch_us, statistics(file, 1, 2));
    file.section(ByteOrder::big);
    file.interface(1).statistics(0, epoch_us, statistics(file, 10, 20));
    EXPECT_EQ(read_octets(file.done()).drops,
              (Drops{.known = true, .by_kernel = 22, .by_interface = 11}));
}

TEST(Pcapng, StatisticsWithoutCountersSayNothing) {
    PcapngFile file;
    file.interface(1).statistics(0, epoch_us, file.option(4, 1000));
    file.statistics(0, epoch_us, file.option(5, 0xFFFFFFFFFFFFFFFF));
    EXPECT_EQ(read_octets(file.done()).drops, Drops{});
}

TEST(Pcapng, HugeCountersDoNotWrap) {
    PcapngFile file;
    file.interface(1).interface(1);
    file.statistics(0, epoch_us, statistics(file, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFE));
    file.statistics(1, epoch_us, statistics(file, 0xFFFFFFFFFFFFFFFE, 5));
    const Drops drops = read_octets(file.done()).drops;
    EXPECT_EQ(drops.by_interface, 0xFFFFFFFFFFFFFFFF);
    EXPECT_EQ(drops.by_kernel, 0xFFFFFFFFFFFFFFFF);
}

// A file of nothing but counters must not fill the memory with losses.
TEST(Pcapng, AnyNumberOfLossesIsABoundedList) {
    PcapngFile file;
    file.interface(1);
    for (std::uint64_t i = 1; i <= 10'000; ++i) {
        file.statistics(0, epoch_us + i, statistics(file, 0, i));
    }
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.losses, SizeIs(::testing::Le(1024)));
    EXPECT_EQ(reading.losses.back().to, instant(epoch_ns + 10'000'000));
    std::uint64_t lost = 0;
    for (const Loss& loss : reading.losses) {
        lost += loss.frames;
    }
    EXPECT_EQ(lost, 10'000U);
}

TEST(Pcapng, EveryPrefixEndsCleanly) {
    PcapngFile file;
    file.interface(1, 0, file.short_option(9, 9));
    std::vector<std::size_t> ends{28, file.done().size()};
    file.enhanced(0, 1, content(6), file.option(4, 1));
    ends.push_back(file.done().size());
    file.block(0xBAD, Octets().u32(32473).bytes(content(8)));
    ends.push_back(file.done().size());
    file.simple(content(9), 9);
    ends.push_back(file.done().size());
    file.statistics(0, 5, statistics(file, 1, 2));
    ends.push_back(file.done().size());
    file.obsolete(0, 1, 9, content(3));
    ends.push_back(file.done().size());
    const OctetVector whole = file.done();

    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const OctetVector prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        if (size < file_header_size) {
            const auto [message, status] = error_of([&] { read_octets(prefix); });
            EXPECT_EQ(status, 65) << size;
            EXPECT_THAT(message, HasSubstr("FILE: not a capture file (")) << size;
            continue;
        }
        for (const std::size_t piece : {SIZE_MAX, std::size_t{1}}) {
            const auto reading = read_octets(prefix, piece);
            const std::size_t frames = static_cast<std::size_t>(size >= ends[2]) +
                                       static_cast<std::size_t>(size >= ends[4]) +
                                       static_cast<std::size_t>(size >= ends[6]);
            EXPECT_THAT(reading.frames, SizeIs(frames)) << size;
            if (std::ranges::count(ends, size) != 0) {
                EXPECT_THAT(reading.cut_offs, IsEmpty()) << size;
            } else {
                ASSERT_THAT(reading.cut_offs, SizeIs(1)) << size;
                EXPECT_THAT(reading.cut_offs[0],
                            HasSubstr(fmt::format("is cut off at octet {};", size)));
            }
        }
    }
}

TEST(Pcapng, SaysWhichPacketIsCutOff) {
    OctetVector file = PcapngFile()
                           .interface(1)
                           .enhanced(0, epoch_us, content(6))
                           .enhanced(0, epoch_us, content(6))
                           .done();
    file.erase(file.end() - 5, file.end());
    EXPECT_THAT(read_octets(file).cut_offs,
                ElementsAre("FILE: packet 2 is cut off at octet 123; read up to there"));
}

/// Reads one good frame and then whatever `file` holds at its end.
void expect_damage(const OctetVector& file, const std::string& why) {
    const auto reading = read_octets(file);
    EXPECT_THAT(reading.frames, SizeIs(1)) << why;
    ASSERT_THAT(reading.cut_offs, SizeIs(1)) << why;
    EXPECT_THAT(reading.cut_offs[0], HasSubstr("FILE: damaged after packet 1 at octet "));
    EXPECT_THAT(reading.cut_offs[0], HasSubstr(why));
    EXPECT_THAT(reading.cut_offs[0], HasSubstr("; read up to there"));
}

PcapngFile one_frame() {
    PcapngFile file;
    file.interface(1).enhanced(0, epoch_us, content(6));
    return file;
}

TEST(Pcapng, StopsAtBlocksThatCannotBe) {
    expect_damage(one_frame().enhanced(7, epoch_us, content(6)).done(),
                  "a packet of interface 7, which was not described");
    expect_damage(one_frame().obsolete(8, 0, epoch_us, content(6)).done(), "of interface 8");
    expect_damage(one_frame().section(ByteOrder::big).simple(content(6), 6).done(),
                  "of interface 0");
    expect_damage(one_frame().section(ByteOrder::big, 2).done(),
                  "pcapng of the unknown version 2.0");
    expect_damage(one_frame().block(1, Octets().u16(1).u16(0)).done(),
                  "an interface description that is too short");
    expect_damage(one_frame().block(3, Octets()).done(), "a simple packet block that is too short");
    expect_damage(one_frame().statistics(3, 0, {}).done(),
                  "statistics of an interface that was not described");
    expect_damage(one_frame().block(5, Octets().u32(0)).done(), "statistics of an interface");
    expect_damage(one_frame().block(6, Octets().u32(0).u32(0).u32(0).u32(9).u32(9).u32(0)).done(),
                  "a captured length of 9 octets in a block that is shorter");
    expect_damage(one_frame().block(2, Octets().u32(0).u32(0).u32(0).u32(9).u32(9).u32(0)).done(),
                  "a captured length of 9 octets in a block that is shorter");
    expect_damage(one_frame().enhanced(0, 0, content(262'145)).done(),
                  "a captured length of 262145 octets");
}

TEST(Pcapng, StopsAtLengthsThatCannotBe) {
    const OctetVector good = one_frame().enhanced(0, epoch_us, content(6)).done();
    const std::size_t last = good.size() - 40;
    const auto with = [&](std::size_t offset, std::uint8_t value) {
        OctetVector file = good;
        file[last + offset] = value;
        return file;
    };
    expect_damage(with(4, 11), "a block of type 0x6 and length 11");
    expect_damage(with(7, 1), "a block of type 0x6 and length 16777256");
    expect_damage(with(36, 44), "a block whose two lengths, 40 and 44, differ");
    expect_damage(with(36, 39), "a block whose two lengths, 40 and 39, differ");
    expect_damage(with(20, 9), "a captured length of 9 octets in a block that is shorter");
    // One octet fewer or more within the padding is no contradiction.
    EXPECT_THAT(read_octets(with(20, 5)).frames, SizeIs(2));
    EXPECT_THAT(read_octets(with(20, 7)).frames, SizeIs(2));
    OctetVector section = one_frame().section(ByteOrder::big).done();
    section[section.size() - 28 + 8] = 0;
    expect_damage(section, "a section header without byte order");
}

TEST(Pcapng, OptionsThatRunOverTheirBlockEndThere) {
    PcapngFile file;
    file.interface(1, 0, Octets().u16(9).u16(400).done());
    file.enhanced(0, epoch_us, content(6), Octets().u16(4).u16(8).u32(1).done());
    const auto reading = read_octets(file.done());
    EXPECT_THAT(reading.frames, ElementsAre(KeptFrame{epoch_ns, 1, 1, 6, content(6)}));
    EXPECT_THAT(reading.cut_offs, IsEmpty());
}

TEST(Pcapng, RefusesAFirstBlockThatCannotBe) {
    const OctetVector good = PcapngFile().interface(1).done();
    const auto refusal = [&](std::size_t offset, std::uint8_t value) {
        OctetVector file = good;
        file[offset] = value;
        return error_of([&] { read_octets(file); });
    };
    EXPECT_EQ(refusal(8, 0).first,
              "FILE: not a capture file (it begins as pcapng but has no byte order)");
    EXPECT_EQ(refusal(12, 2).first, "FILE: not a capture file (pcapng of the unknown version 2.0)");
    EXPECT_EQ(refusal(4, 24).first,
              "FILE: not a capture file (its first block has a length of 24)");
    EXPECT_EQ(refusal(12, 2).second, 65);
}

}  // namespace
}  // namespace turnpike::capture
