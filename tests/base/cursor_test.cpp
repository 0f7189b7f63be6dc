// Reading fields in both byte orders, and errors that stick.
#include "turnpike/base/cursor.h"

#include <gtest/gtest.h>

#include <array>

namespace turnpike::base {
namespace {

constexpr std::array<std::uint8_t, 10> bytes{0x01, 0x02, 0x03, 0x04, 0x05,
                                             0x06, 0x07, 0x08, 0x09, 0x0a};

TEST(Cursor, ReadsBigEndianFields) {
    Cursor cursor{bytes};
    EXPECT_EQ(cursor.u8(), 0x01);
    EXPECT_EQ(cursor.u16(), 0x0203);
    EXPECT_EQ(cursor.u24(), 0x040506U);
    EXPECT_EQ(cursor.u32(), 0x0708090aU);
    EXPECT_TRUE(cursor.ok());
    EXPECT_TRUE(cursor.empty());
}

TEST(Cursor, ReadsLittleEndianFields) {
    Cursor cursor{bytes};
    EXPECT_EQ(cursor.u16_le(), 0x0201);
    EXPECT_EQ(cursor.u32_le(), 0x06050403U);
}

TEST(Cursor, AnErrorSticks) {
    Cursor cursor{Bytes{bytes}.first(3)};
    EXPECT_EQ(cursor.u32(), 0U);
    EXPECT_FALSE(cursor.ok());
    EXPECT_EQ(cursor.u8(), 0) << "a failed cursor reads nothing any more";
    EXPECT_EQ(cursor.remaining(), 0U);
}

TEST(Cursor, EveryPrefixOfAFieldFails) {
    for (std::size_t length = 0; length < 8; ++length) {
        Cursor cursor{Bytes{bytes}.first(length)};
        cursor.u64();
        EXPECT_FALSE(cursor.ok()) << length;
    }
}

TEST(Cursor, APrefixedFieldMayNotReachBeyondTheEnd) {
    constexpr std::array<std::uint8_t, 3> good{0x02, 0xaa, 0xbb};
    constexpr std::array<std::uint8_t, 3> bad{0x03, 0xaa, 0xbb};
    Cursor fits{good};
    EXPECT_EQ(fits.take_u8_prefixed().size(), 2U);
    EXPECT_TRUE(fits.ok());
    Cursor overruns{bad};
    EXPECT_TRUE(overruns.take_u8_prefixed().empty());
    EXPECT_FALSE(overruns.ok());
}

TEST(Cursor, PeekingPastTheEndIsNoError) {
    Cursor cursor{Bytes{bytes}.first(1)};
    EXPECT_EQ(cursor.peek(), 0x01);
    EXPECT_EQ(cursor.peek(1), 0);
    EXPECT_TRUE(cursor.ok());
}

}  // namespace
}  // namespace turnpike::base
