// What frames tell before anybody looks into them.
#include "turnpike/inspect/frame_log.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace turnpike::inspect::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::Timestamp start = base::from_nanoseconds(1'700'000'000'000'000'000);

/// A log, the quality it writes, and the number of the last frame.
struct Frames {
    facts::CaptureQuality quality;
    FrameLog log{quality};
    std::uint64_t number = 0;

    void at(base::Duration since_start, std::uint32_t tap = 0, std::uint32_t captured = 100) {
        log.add(FrameRun(
            {start + since_start, ++number, captured, 100, {.number = tap, .link_type = 1}}));
    }
};

TEST(FrameLog, CountsFramesTheirOctetsAndThoseThatWereCut) {
    Frames frames;
    frames.at(seconds{0});
    frames.at(seconds{1}, 0, 60);
    EXPECT_EQ(frames.quality.packets, 2U);
    EXPECT_EQ(frames.quality.bytes, 200U);
    EXPECT_EQ(frames.quality.cut, 1U);
    EXPECT_EQ(frames.quality.first.number, 1U);
    EXPECT_EQ(frames.quality.first.time, start);
    EXPECT_EQ(frames.quality.last.number, 2U);
    EXPECT_EQ(frames.quality.last.time, start + seconds{1});
}

TEST(FrameLog, TellsAClockThatWentBackFromPacketsThatOvertookOthers) {
    Frames frames;
    frames.at(milliseconds{10});
    frames.at(milliseconds{9});
    EXPECT_EQ(frames.quality.backward_steps, 0U);
    frames.at(milliseconds{7});
    EXPECT_EQ(frames.quality.backward_steps, 1U);
}

TEST(FrameLog, RemembersWhenNothingWasCaptured) {
    Frames frames;
    frames.at(seconds{0});
    frames.at(milliseconds{299});
    frames.at(milliseconds{599});
    frames.at(milliseconds{600});
    EXPECT_EQ(frames.log.last_hole().from, start + milliseconds{299});
    EXPECT_EQ(frames.log.last_hole().to, start + milliseconds{599});
}

TEST(FrameLog, RecordingsThatTakeTurnsGoOn) {
    Frames frames;
    for (int second = 0; second < 200; ++second) {
        frames.at(seconds{second}, static_cast<std::uint32_t>(second % 2));
    }
    frames.at(seconds{400}, 1);
    const auto& recordings = frames.quality.recordings;
    ASSERT_EQ(recordings.size(), 2U);
    ASSERT_EQ(recordings[0].stretches.size(), 1U);
    EXPECT_EQ(recordings[0].stretches[0].from, start);
    EXPECT_EQ(recordings[0].stretches[0].to, start + seconds{198});
    ASSERT_EQ(recordings[1].stretches.size(), 2U);
    EXPECT_EQ(recordings[1].stretches[0].from, start + seconds{1});
    EXPECT_EQ(recordings[1].stretches[1].from, start + seconds{400});
}

TEST(FrameLog, KeepsTheLaterStretchesOfARecordingThatPausesWithoutEnd) {
    Frames frames;
    constexpr int pauses = 20'000;
    for (int i = 0; i < pauses; ++i) {
        frames.at(seconds{60} * i);
    }
    const auto& stretches = frames.quality.recordings.at(0).stretches;
    EXPECT_LE(stretches.size(), 8'192U);
    EXPECT_EQ(stretches.back().from, start + seconds{60} * (pauses - 1));
}

// Small steps forwards and backwards, pauses of all lengths, and recordings that take turns.
TEST(FrameLog, TakesRunsAsItTakesTheirFrames) {
    Frames one_by_one;
    Frames by_runs;
    std::vector<FrameRun> runs;
    std::mt19937 random(1);
    constexpr std::array steps{milliseconds{0},   milliseconds{1},      milliseconds{-1},
                               milliseconds{-2},  milliseconds{7},      milliseconds{299},
                               milliseconds{300}, milliseconds{60'000}, milliseconds{-90'000}};
    base::Timestamp time = start;
    for (std::uint64_t number = 1; number <= 20'000; ++number) {
        // Mostly the first few steps, or there would be no runs.
        time += steps[random() % (random() % 32 == 0 ? steps.size() : 5)];
        const FrameRun::Frame frame{time,
                                    number,
                                    static_cast<std::uint32_t>(random() % 3 == 0 ? 60 : 100),
                                    100,
                                    {.number = random() % 64 == 0 ? 1U : 0U, .link_type = 1}};
        one_by_one.log.add(FrameRun(frame));
        if (runs.empty() || !runs.back().extend(frame)) {
            runs.emplace_back(frame);
        }
    }
    for (const FrameRun& run : runs) {
        by_runs.log.add(run);
    }
    EXPECT_LT(runs.size(), 6'000U);
    const auto& expected = one_by_one.quality;
    const auto& found = by_runs.quality;
    EXPECT_EQ(found.packets, expected.packets);
    EXPECT_EQ(found.bytes, expected.bytes);
    EXPECT_EQ(found.cut, expected.cut);
    EXPECT_EQ(found.backward_steps, expected.backward_steps);
    EXPECT_EQ(found.first.number, expected.first.number);
    EXPECT_EQ(found.last.number, expected.last.number);
    EXPECT_EQ(found.last.time, expected.last.time);
    EXPECT_EQ(by_runs.log.last_hole().from, one_by_one.log.last_hole().from);
    ASSERT_EQ(found.recordings.size(), expected.recordings.size());
    for (std::size_t tap = 0; tap < found.recordings.size(); ++tap) {
        const auto& expected_stretches = expected.recordings[tap].stretches;
        const auto& stretches = found.recordings[tap].stretches;
        ASSERT_EQ(stretches.size(), expected_stretches.size());
        for (std::size_t i = 0; i < stretches.size(); ++i) {
            EXPECT_EQ(stretches[i].from, expected_stretches[i].from);
            EXPECT_EQ(stretches[i].to, expected_stretches[i].to);
        }
    }
}

TEST(FrameLog, TakesTimesOfADamagedFileAsTheBounds) {
    Frames frames;
    frames.log.add(FrameRun({base::Timestamp::min(), 1, 1, 1, {}}));
    frames.log.add(FrameRun({base::Timestamp::max(), 2, 1, 1, {}}));
    EXPECT_EQ(frames.quality.first.time, earliest);
    EXPECT_EQ(frames.quality.last.time, latest);
}

}  // namespace
}  // namespace turnpike::inspect::test
