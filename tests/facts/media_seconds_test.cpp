// A media stream counted second by second, within bounds.
#include "turnpike/facts/media_seconds.h"

#include <gtest/gtest.h>

namespace turnpike::facts {
namespace {

using namespace std::chrono_literals;

base::Timestamp at(base::Duration time) {
    return base::Timestamp{1'790'000'000s + time};
}

TEST(MediaSeconds, CountsBySecondOfTheClock) {
    MediaSeconds seconds;
    seconds.add(at(900ms), 1, 172, 0, {});
    seconds.add(at(1100ms), 1, 172, 0, 2.5);
    seconds.add(at(1900ms), 2, 344, 3, 3.5);
    EXPECT_EQ(seconds.begin(), at(0s));
    EXPECT_EQ(seconds.width(), 1s);
    ASSERT_EQ(seconds.intervals().size(), 2U);
    EXPECT_EQ(seconds.intervals()[0].packets, 1U);
    EXPECT_FALSE(seconds.intervals()[0].jitter_ms);
    const auto& second = seconds.intervals()[1];
    EXPECT_EQ(second.packets, 3U);
    EXPECT_EQ(second.bytes, 516U);
    EXPECT_EQ(second.lost, 3);
    EXPECT_EQ(second.jitter_ms, 3.5F) << "as the interval ends";
}

TEST(MediaSeconds, LostOnesThatComeLateAreTakenBack) {
    MediaSeconds seconds;
    seconds.add(at(0s), 1, 100, 4, {});
    seconds.add(at(2s), 1, 100, 1, {});
    ASSERT_EQ(seconds.intervals().size(), 3U);
    EXPECT_EQ(seconds.intervals()[0].lost, 4);
    EXPECT_EQ(seconds.intervals()[1].packets, 0U) << "a gap";
    EXPECT_EQ(seconds.intervals()[2].lost, -3);
}

TEST(MediaSeconds, StaysBoundedAndLosesNothing) {
    MediaSeconds seconds;
    for (int second = 0; second < 1001; ++second) {
        seconds.add(at(std::chrono::seconds{second}), 10, 1000, second, 1.0);
    }
    EXPECT_LE(seconds.intervals().size(), MediaSeconds::most_intervals);
    EXPECT_EQ(seconds.width(), 8s);
    std::uint64_t packets = 0;
    std::int64_t lost = 0;
    for (const auto& interval : seconds.intervals()) {
        packets += interval.packets;
        lost += interval.lost;
    }
    EXPECT_EQ(packets, 10010U);
    EXPECT_EQ(lost, 1000);
    EXPECT_EQ(seconds.intervals()[0].packets, 80U);
}

TEST(MediaSeconds, TakesAnyClock) {
    MediaSeconds seconds;
    seconds.add(at(10s), 1, 100, 0, {});
    seconds.add(at(2s), 1, 100, 0, {});  // merged files, a clock that was set back
    EXPECT_EQ(seconds.intervals()[0].packets, 2U);
    seconds.add(base::Timestamp::max(), 1, 100, 0, {});
    EXPECT_LE(seconds.intervals().size(), MediaSeconds::most_intervals);
    seconds.add(base::Timestamp::min(), 1, 100, 0, {});
    EXPECT_EQ(seconds.intervals()[0].packets, 3U);
}

}  // namespace
}  // namespace turnpike::facts
