// A live source allocates nothing once it is warm.
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "capture/live_source.h"
#include "capture/support/octets.h"

namespace {
std::size_t allocations = 0;
}

// Counts what the test program allocates.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
// What std::stable_sort asks for.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*unused*/) noexcept {
    ++allocations;
    return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);  // NOLINT(clang-analyzer-cplusplus.NewDelete): this is the delete
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);  // NOLINT(clang-analyzer-cplusplus.NewDelete): this is the delete
}

namespace turnpike::capture {
namespace {

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
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) {
        frames += source.next_batch().size();
    }
    EXPECT_EQ(allocations, before);
    EXPECT_GT(frames, 1'000'000U);
}

}  // namespace
}  // namespace turnpike::capture
