// The offset and the drift between two clocks, from packets that both captures have.
#include "compare/clock.h"

#include <gtest/gtest.h>

namespace turnpike::compare {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const auto start = base::from_nanoseconds(1'700'000'000'000'000'000);

/// A packet each way every 100 ms; the quickest take 0.3 ms, others up to 40 ms more.
std::vector<Pair> traffic(base::Duration offset, double drift, int count) {
    std::vector<Pair> pairs;
    for (int i = 0; i < count; ++i) {
        const auto sent = milliseconds{100} * i;
        const auto queue = milliseconds{i % 7 == 0 ? 0 : i % 41};
        const auto delay = microseconds{300} + queue;
        const auto outer = [&](base::Duration elapsed) {
            return start + elapsed + offset +
                   base::Duration{
                       static_cast<std::int64_t>(drift * static_cast<double>(elapsed.count()))};
        };
        pairs.push_back({start + sent, outer(sent + delay), true});
        pairs.push_back({start + sent + delay, outer(sent), false});
    }
    return pairs;
}

double in_milliseconds(base::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

TEST(Clock, WithoutPairsKnowsNothing) {
    EXPECT_FALSE(estimate_clock({}));
}

TEST(Clock, FindsTheOffsetBetweenTheQuickestPacketsEachWay) {
    for (const auto offset : {seconds{30}, seconds{-30}, seconds{0}}) {
        const auto clock = estimate_clock(traffic(offset, 0, 200));
        ASSERT_TRUE(clock);
        EXPECT_NEAR(in_milliseconds(clock->offset), in_milliseconds(offset), 0.01);
        EXPECT_NEAR(in_milliseconds(clock->uncertainty), 0.3, 0.05);
        EXPECT_EQ(clock->drift, 0);
        EXPECT_EQ(clock->inside(start + offset + seconds{7}), start + seconds{7});
    }
}

TEST(Clock, FindsADriftOfMinutes) {
    const auto clock = estimate_clock(traffic(seconds{-3}, 40e-6, 6'000));
    ASSERT_TRUE(clock);
    EXPECT_NEAR(clock->drift * 1e6, 40, 2);
    EXPECT_NEAR(in_milliseconds(clock->offset), -3'000, 1);
}

TEST(Clock, MistakenPairsChangeNothing) {
    auto pairs = traffic(seconds{12}, 0, 200);
    const auto right = pairs.size();
    pairs.push_back({start + seconds{1}, start + seconds{90}, true});
    pairs.push_back({start + seconds{2}, start - seconds{90}, false});
    const auto clock = estimate_clock(pairs);
    ASSERT_TRUE(clock);
    EXPECT_NEAR(in_milliseconds(clock->offset), 12'000, 0.01);
    EXPECT_EQ(clock->pairs, right);
}

TEST(Clock, OneDirectionAloneBoundsTheOffsetOnOneSide) {
    auto pairs = traffic(seconds{1}, 0, 50);
    std::erase_if(pairs, [](const Pair& pair) { return !pair.outward; });
    const auto clock = estimate_clock(pairs);
    ASSERT_TRUE(clock);
    EXPECT_NEAR(in_milliseconds(clock->offset), 1'000, 1);
    EXPECT_GT(clock->uncertainty, seconds{1});  // says so
}

}  // namespace
}  // namespace turnpike::compare
