// Link types as files write them, and the longest record of each.
#include "capture/link_type.h"

#include <gtest/gtest.h>

#include "turnpike/capture/link_type.h"

namespace turnpike::capture {
namespace {

TEST(LinkType, KeepsRegisteredValues) {
    for (const std::uint32_t value : {0U, 1U, 9U, 101U, 105U, 113U, 127U, 228U, 229U, 239U, 276U}) {
        EXPECT_EQ(link_type_from_file(value), value);
    }
}

TEST(LinkType, TurnsValuesOfSystemsIntoRegisteredOnes) {
    EXPECT_EQ(link_type_from_file(12), 101U);  // raw IP on Linux, FreeBSD, macOS
    EXPECT_EQ(link_type_from_file(14), 101U);  // raw IP on OpenBSD
    EXPECT_EQ(link_type_from_file(11), 100U);
    EXPECT_EQ(link_type_from_file(15), 102U);
    EXPECT_EQ(link_type_from_file(16), 103U);
}

TEST(LinkType, IgnoresTheLengthOfTheFrameCheckSequence) {
    EXPECT_EQ(link_type_from_file(0x24000001), 1U);    // known: 2 * 16 bits
    EXPECT_EQ(link_type_from_file(0xF4000071), 113U);  // known: 15 * 16 bits
}

TEST(LinkType, KeepsReservedBitsSoThatTheyShow) {
    EXPECT_EQ(link_type_from_file(0x00010001), 0x00010001U);
}

TEST(LinkType, AllowsLongRecordsOnlyWhereTheyExist) {
    EXPECT_EQ(longest_record(1), 262'144U);
    EXPECT_EQ(longest_record(65'535), 262'144U);
    EXPECT_EQ(longest_record(220), 134'217'728U);
}

TEST(LinkType, HasTheNameThatLibpcapGivesIt) {
    EXPECT_EQ(link_type_name(1), "EN10MB");
    EXPECT_EQ(link_type_name(101), "RAW");
    EXPECT_EQ(link_type_name(113), "LINUX_SLL");
    EXPECT_EQ(link_type_name(147), "USER0");
    EXPECT_EQ(link_type_name(162), "USER15");
    EXPECT_EQ(link_type_name(195), "IEEE802_15_4");
    EXPECT_EQ(link_type_name(9999), "");
    EXPECT_EQ(link_type_name(0xFFFFFFFF), "");
}

}  // namespace
}  // namespace turnpike::capture
