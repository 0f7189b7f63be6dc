// A live source allocates nothing once it is warm.
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "capture/live_source.h"
#include "capture/support/octets.h"
#include "support/counted_allocation.h"

namespace turnpike::capture {
namespace {

using turnpike::test::allocations;

/// An eventfd that is never read is always ready: frames come without end.
class EndlessInput final : public LiveInput {
  public:
    explicit EndlessInput(int descriptor) : descriptor_(descriptor) {}

    [[nodiscard]] int descriptor() const noexcept override { return descriptor_; }
    void read(LiveSegment& segment, std::size_t most) override {
        for (std::size_t i = 0; i < most; ++i) {
            ++time_;
            const auto size = static_cast<std::size_t>(60 + time_ % 1400);
            segment.add({.time = base::from_nanoseconds(time_),
                         .number = 0,
                         .link_type = 1,
                         .wire_length = static_cast<std::uint32_t>(size),
                         .bytes = base::Bytes(octets_).first(size)});
        }
    }
    void check() override {}
    LostFrames lost() override { return {}; }
    [[nodiscard]] LostFrames last_lost() const noexcept override { return {}; }
    [[nodiscard]] bool gone() const noexcept override { return false; }
    std::vector<std::string> take_notices() override { return {}; }
    [[nodiscard]] std::string name() const override { return "endless"; }

  private:
    int descriptor_;
    std::int64_t time_ = 0;
    testing::OctetVector octets_ = testing::content(2000);
};

class Ready {
  public:
    Ready() : descriptor_(::eventfd(1, EFD_CLOEXEC)) {}
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;
    ~Ready() { ::close(descriptor_); }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

TEST(LiveSourceMemory, IsUsedAgain) {
    const Ready ready;
    std::vector<std::unique_ptr<LiveInput>> inputs;
    inputs.push_back(std::make_unique<EndlessInput>(ready.descriptor()));
    inputs.push_back(std::make_unique<EndlessInput>(ready.descriptor()));
    LiveSource source(std::move(inputs), std::chrono::milliseconds(20),
                      std::make_shared<FrameCounter>(0));
    std::size_t frames = 0;
    for (int i = 0; i < 100; ++i) {
        frames += source.next_batch().size();
    }
    const std::size_t before = allocations.made;
    for (int i = 0; i < 1000; ++i) {
        frames += source.next_batch().size();
    }
    EXPECT_EQ(allocations.made, before);
    EXPECT_GT(frames, 1'000'000U);
}

}  // namespace
}  // namespace turnpike::capture
