// Times in units of ten and of two, with offsets, at the ends of what 64 bits hold.
#include "capture/time_resolution.h"

#include <limits>

#include <gtest/gtest.h>

namespace turnpike::capture {
namespace {

std::int64_t nanoseconds(TimeResolution resolution, std::uint64_t units) {
    return resolution.to_time(units).time_since_epoch().count();
}

TEST(TimeResolution, IsMicrosecondsByDefault) {
    EXPECT_EQ(nanoseconds({}, 1'700'000'000'123'456), 1'700'000'000'123'456'000);
}

TEST(TimeResolution, ReadsPowersOfTen) {
    EXPECT_EQ(nanoseconds({0, 0}, 1'700'000'000), 1'700'000'000'000'000'000);
    EXPECT_EQ(nanoseconds({3, 0}, 1'700'000'000'123), 1'700'000'000'123'000'000);
    EXPECT_EQ(nanoseconds({9, 0}, 1'700'000'000'123'456'789), 1'700'000'000'123'456'789);
    EXPECT_EQ(nanoseconds({10, 0}, 12'345'678'909), 1'234'567'890);
    EXPECT_EQ(nanoseconds({12, 0}, 1'999), 1);
    EXPECT_EQ(nanoseconds({28, 0}, 10'000'000'000'000'000'000U), 1);
    EXPECT_EQ(nanoseconds({29, 0}, std::numeric_limits<std::uint64_t>::max()), 0);
    EXPECT_EQ(nanoseconds({127, 0}, std::numeric_limits<std::uint64_t>::max()), 0);
}

TEST(TimeResolution, ReadsPowersOfTwo) {
    EXPECT_EQ(nanoseconds({0x80, 0}, 7), 7'000'000'000);
    EXPECT_EQ(nanoseconds({0x80 | 10, 0}, 1024 + 512), 1'500'000'000);
    EXPECT_EQ(nanoseconds({0x80 | 20, 0}, (5U << 20U) + 1), 5'000'000'953);  // 2^-20 s = 953.67 ns
    EXPECT_EQ(nanoseconds({0x80 | 63, 0}, (1ULL << 63U) | (1ULL << 62U)), 1'500'000'000);
    EXPECT_EQ(nanoseconds({0x80 | 64, 0}, 1ULL << 63U), 500'000'000);
    EXPECT_EQ(nanoseconds({0x80 | 65, 0}, 1ULL << 63U), 250'000'000);
    EXPECT_EQ(nanoseconds({0xFF, 0}, std::numeric_limits<std::uint64_t>::max()), 0);
}

TEST(TimeResolution, AddsTheOffset) {
    EXPECT_EQ(nanoseconds({6, 1'700'000'000}, 5), 1'700'000'000'000'005'000);
    EXPECT_EQ(nanoseconds({6, -10}, 3'000'000), -7'000'000'000);
    EXPECT_EQ(nanoseconds({0x81, 100}, 3), 101'500'000'000);
}

TEST(TimeResolution, SaturatesInsteadOfWrapping) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(nanoseconds({6, 0}, all), most);
    EXPECT_EQ(nanoseconds({0, 0}, all), most);
    EXPECT_EQ(nanoseconds({9, 0}, all), most);
    EXPECT_EQ(nanoseconds({9, most}, 1), most);
    EXPECT_EQ(nanoseconds({9, least}, 0), least);
}

}  // namespace
}  // namespace turnpike::capture
