// What frames tell before anybody looks into them.
#include "turnpike/inspect/frame_log.h"

#include <gtest/gtest.h>

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
        log.add(start + since_start, ++number, captured, 100, {.number = tap, .link_type = 1});
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

TEST(FrameLog, TakesTimesOfADamagedFileAsTheBounds) {
    Frames frames;
    frames.log.add(base::Timestamp::min(), 1, 1, 1, {});
    frames.log.add(base::Timestamp::max(), 2, 1, 1, {});
    EXPECT_EQ(frames.quality.first.time, earliest);
    EXPECT_EQ(frames.quality.last.time, latest);
}

}  // namespace
}  // namespace turnpike::inspect::test
