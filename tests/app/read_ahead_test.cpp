// Reading ahead is bounded by what it holds, not only by the octets of frames.
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
