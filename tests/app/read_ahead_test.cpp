// Reading ahead tells what frames are, and is bounded by what it holds, not only by their octets.
#include "app/read_ahead.h"

#include <gtest/gtest.h>

#include "turnpike/inspect/inspector.h"

#include <atomic>
#include <chrono>

namespace turnpike::app {
namespace {

/// Batches of frames without octets, as a compressed file of a few kilobytes may hold millions of.
class EmptyFrames : public capture::Source {
  public:
    static constexpr std::size_t batches = 100'000;

    std::span<const capture::Frame> next_batch() override {
        if (given_ == batches || stopped_) {
            ended_ = true;
            return {};
        }
        ++given_;
        return frames_;
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] capture::Progress progress() const noexcept override { return {0, 1}; }
    [[nodiscard]] capture::Drops drops() const noexcept override { return {}; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override { return {}; }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override { return {}; }
    [[nodiscard]] std::string describe() const override { return "empty frames"; }
    void stop() noexcept override { stopped_ = true; }

    [[nodiscard]] std::size_t given() const noexcept { return given_; }

  private:
    std::array<capture::Frame, 256> frames_{};
    std::atomic<std::size_t> given_ = 0;
    std::atomic<bool> stopped_ = false;
    bool ended_ = false;
};

/// One batch: two frames that hold nothing, a UDP packet, a pause, the packet again, one that holds
/// nothing.
class FramesWithAPause : public capture::Source {
  public:
    FramesWithAPause() {
        constexpr std::array milliseconds_of{0, 1, 2, 1'000, 1'001};
        for (std::size_t i = 0; i < frames_.size(); ++i) {
            frames_[i].time = base::from_nanoseconds(1'000'000'000) +
                              std::chrono::milliseconds{milliseconds_of[i]};
            frames_[i].number = i + 1;
            frames_[i].link_type = i == 0 ? 99'999 : 101;  // unknown; raw IP
            frames_[i].wire_length = 28;
        }
        frames_[2].bytes = udp_;
        frames_[3].bytes = udp_;
    }
    std::span<const capture::Frame> next_batch() override {
        ended_ = true;
        return frames_;
    }
    [[nodiscard]] bool ended() const noexcept override { return ended_; }
    [[nodiscard]] capture::Progress progress() const noexcept override { return {0, 1}; }
    [[nodiscard]] capture::Drops drops() const noexcept override { return {}; }
    [[nodiscard]] std::span<const capture::Loss> losses() const noexcept override { return {}; }
    [[nodiscard]] std::span<const std::string> cut_offs() const noexcept override { return {}; }
    [[nodiscard]] std::string describe() const override { return "frames with a pause"; }
    void stop() noexcept override {}

  private:
    // 192.0.2.1:1 to 192.0.2.2:2, without payload (RFC 791 3.1, RFC 768).
    static constexpr std::array<std::uint8_t, 28> udp_{0x45, 0, 0,   28, 0, 1, 0,   0, 64, 17,
                                                       0,    0, 192, 0,  2, 1, 192, 0, 2,  2,
                                                       0,    1, 0,   2,  0, 8, 0,   0};
    std::array<capture::Frame, 5> frames_{};
    bool ended_ = false;
};

TEST(ReadAhead, TellsFramesApartByPausesAndByWhatTheyHold) {
    FramesWithAPause source;
    inspect::Inspector inspector;
    ReadAhead ahead(source, inspector.placer());
    ASSERT_EQ(ahead.next_batch().size(), 5U);
    ASSERT_EQ(ahead.packets().size(), 2U);
    EXPECT_EQ(ahead.packets()[0].number, 3U);
    EXPECT_EQ(ahead.packets()[1].number, 4U);
    const auto undecoded = ahead.undecoded();
    ASSERT_EQ(undecoded.size(), 3U);
    EXPECT_EQ(undecoded[0].link_type, 99'999U);
    EXPECT_EQ(undecoded[0].outcome.kind, wire::FrameKind::unknown_link_type);
    EXPECT_EQ(undecoded[1].outcome.kind, wire::FrameKind::malformed);
    EXPECT_EQ(undecoded[2].outcome.kind, wire::FrameKind::malformed);
    const auto runs = ahead.runs();
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].run.frames(), 3U);
    EXPECT_EQ(runs[0].packets_before, 0U);
    EXPECT_EQ(runs[1].run.frames(), 2U);
    EXPECT_EQ(runs[1].packets_before, 1U);
}

TEST(ReadAhead, HoldsNoMoreFramesThanOctets) {
    EmptyFrames source;
    inspect::Inspector inspector;
    ReadAhead ahead(source, inspector.placer());
    // One batch in use, and those behind it are full: the reader waits.
    const auto frames = ahead.next_batch().size();
    EXPECT_LE(frames * sizeof(capture::Frame), std::size_t{3} << 20U);
    std::size_t before = 0;
    for (int i = 0; i < 100 && before != source.given(); ++i) {
        before = source.given();
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    EXPECT_LT(source.given(), EmptyFrames::batches / 10);
    // All of them come all the same.
    std::size_t all = frames;
    while (!ahead.ended()) {
        all += ahead.next_batch().size();
    }
    EXPECT_EQ(all, EmptyFrames::batches * 256);
}

}  // namespace
}  // namespace turnpike::app
