// Merging, numbering and bookkeeping of a live source, with inputs that do as they are told.
#include "capture/live_source.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/reading.h"

namespace turnpike::capture {
namespace {

using ::testing::AllOf;
using testing::content;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::keep;
using testing::KeptFrame;
using testing::OctetVector;
using testing::read_all;
using ::testing::SizeIs;

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// What a test tells an input; shared, because the source owns the input.
struct Script {
    std::vector<std::pair<base::Timestamp, OctetVector>> arrived;
    LostFrames lost;
    std::vector<std::string> notices;
    bool gone = false;
    bool host_time = true;
    int checks = 0;
    int event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    void arrive(base::Timestamp time, OctetVector octets = content(60)) {
        arrived.emplace_back(time, std::move(octets));
        const std::uint64_t one = 1;
        ASSERT_EQ(::write(event, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    }
};

class ScriptedInput final : public LiveInput {
  public:
    explicit ScriptedInput(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    ~ScriptedInput() override { ::close(script_->event); }

    [[nodiscard]] int descriptor() const noexcept override {
        return script_->gone ? -1 : script_->event;
    }
    void read(LiveSegment& segment, std::size_t most) override {
        const std::size_t count = std::min(most, script_->arrived.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto& [time, octets] = script_->arrived[i];
            segment.add({.time = time,
                         .number = 0,
                         .link_type = 1,
                         .wire_length = static_cast<std::uint32_t>(octets.size()),
                         .bytes = octets});
        }
        script_->arrived.erase(script_->arrived.begin(),
                               script_->arrived.begin() + static_cast<std::ptrdiff_t>(count));
        std::uint64_t ignored = 0;
        if (script_->arrived.empty()) {
            static_cast<void>(!::read(script_->event, &ignored, sizeof ignored));
        }
    }
    void check() override { ++script_->checks; }
    LostFrames lost() override { return script_->lost; }
    [[nodiscard]] LostFrames last_lost() const noexcept override { return script_->lost; }
    [[nodiscard]] bool gone() const noexcept override { return script_->gone; }
    std::vector<std::string> take_notices() override { return std::exchange(script_->notices, {}); }
    [[nodiscard]] std::string cut_off() const override { return "it: the interface disappeared"; }
    [[nodiscard]] bool keeps_host_time() const noexcept override { return script_->host_time; }
    [[nodiscard]] std::string name() const override { return "it"; }

  private:
    std::shared_ptr<Script> script_;
};

constexpr auto hand_over = 20ms;

class LiveSourceTest : public ::testing::Test {
  protected:
    std::shared_ptr<Script> add() { return scripts_.emplace_back(std::make_shared<Script>()); }
    LiveSource& source() {
        if (!source_) {
            std::vector<std::unique_ptr<LiveInput>> inputs;
            for (const auto& script : scripts_) {
                inputs.push_back(std::make_unique<ScriptedInput>(script));
            }
            source_ = std::make_unique<LiveSource>(std::move(inputs), hand_over, counter_);
        }
        return *source_;
    }
    std::vector<KeptFrame> read(std::size_t count) {
        std::vector<KeptFrame> kept;
        const auto deadline = Clock::now() + 10s;
        while (kept.size() < count && Clock::now() < deadline) {
            keep(kept, source().next_batch());
        }
        return kept;
    }
    static std::vector<std::int64_t> times(const std::vector<KeptFrame>& frames) {
        std::vector<std::int64_t> found;
        for (const KeptFrame& frame : frames) {
            found.push_back(frame.time);
        }
        return found;
    }

    std::shared_ptr<FrameCounter> counter_ = std::make_shared<FrameCounter>(0);
    std::vector<std::shared_ptr<Script>> scripts_;
    std::unique_ptr<LiveSource> source_;
};

base::Timestamp at(std::int64_t ns) {
    return base::from_nanoseconds(ns);
}

TEST_F(LiveSourceTest, OneInputIsNotHeldBack) {
    const auto input = add();
    source();
    input->arrive(at(5));
    input->arrive(at(3));
    EXPECT_THAT(times({}), IsEmpty());
    std::vector<KeptFrame> kept;
    keep(kept, source().next_batch());
    EXPECT_THAT(times(kept), ElementsAre(5, 3)) << "in the order the kernel had them, at once";
}

TEST_F(LiveSourceTest, WaitsForTheInputThatMayBringSomethingEarlier) {
    const auto first = add();
    const auto second = add();
    source();
    first->arrive(at(10));
    first->arrive(at(30));
    std::vector<KeptFrame> kept;
    keep(kept, source().next_batch());
    EXPECT_THAT(kept, IsEmpty()) << "the second may have been handed over later";
    second->arrive(at(20));
    kept = read(3);
    EXPECT_THAT(times(kept), ElementsAre(10, 20, 30));
}

TEST_F(LiveSourceTest, WaitsNoLongerThanTheKernelMay) {
    const auto first = add();
    add();
    source();
    first->arrive(at(10));
    const auto began = Clock::now();
    EXPECT_THAT(read(1), SizeIs(1));
    EXPECT_GE(Clock::now() - began, 2 * hand_over);
    EXPECT_LT(Clock::now() - began, 2s);
}

TEST_F(LiveSourceTest, AClockThatIsSetBackHoldsNothing) {
    const auto first = add();
    const auto second = add();
    source();
    first->arrive(at(1'000'000'000'000));
    EXPECT_THAT(read(1), SizeIs(1));
    first->arrive(at(5));
    second->arrive(at(7));
    EXPECT_THAT(times(read(2)), ElementsAre(5, 7));
}

TEST_F(LiveSourceTest, ManyFramesComeInOrderWithTheirOctets) {
    const auto first = add();
    const auto second = add();
    source();
    constexpr std::int64_t count = 5000;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto size = static_cast<std::size_t>(40 + i % 1400);
        (i % 7 < 3 ? first : second)->arrive(at(i), content(size, static_cast<std::uint8_t>(i)));
    }
    const auto frames = read(count);
    ASSERT_THAT(frames, SizeIs(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const auto& frame = frames[static_cast<std::size_t>(i)];
        ASSERT_EQ(frame.time, i);
        ASSERT_EQ(frame.number, static_cast<std::uint64_t>(i) + 1);
        ASSERT_EQ(frame.bytes,
                  content(static_cast<std::size_t>(40 + i % 1400), static_cast<std::uint8_t>(i)));
    }
    EXPECT_GT(source().progress().octets_read, count * 40U);
}

TEST_F(LiveSourceTest, NumbersGoOnOverTheSourcesOfARun) {
    const auto input = add();
    counter_->store(41);
    source();
    input->arrive(at(1));
    const auto frames = read(1);
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0].number, 42U);
    EXPECT_EQ(counter_->load(), 42U);
}

TEST_F(LiveSourceTest, SaysWhenLossesHappened) {
    const auto input = add();
    const auto before = std::chrono::system_clock::now();
    source();
    input->lost = {.by_kernel = 7, .by_interface = 2};
    std::vector<Loss> losses;
    const auto deadline = Clock::now() + 10s;
    while (losses.empty() && Clock::now() < deadline) {
        source().next_batch();
        losses.assign(source().losses().begin(), source().losses().end());
    }
    ASSERT_THAT(losses, SizeIs(1));
    EXPECT_EQ(losses[0].frames, 9U);
    EXPECT_GE(losses[0].from, before - 1ms);
    EXPECT_LE(losses[0].from, losses[0].to);
    EXPECT_LE(losses[0].to, std::chrono::system_clock::now());
    EXPECT_EQ(source().drops(),
              (Drops{.known = true, .by_kernel = 7, .by_interface = 2, .unplaced = 0}));
    source().next_batch();
    EXPECT_THAT(source().losses(), IsEmpty()) << "said once";
}

TEST_F(LiveSourceTest, LooksAfterItsInputsWhileFramesFlow) {
    const auto input = add();
    input->notices = {"it: the interface went down"};
    source();
    const auto deadline = Clock::now() + 10s;
    while (input->checks < 3 && Clock::now() < deadline) {
        input->arrive(at(1));
        source().next_batch();
    }
    EXPECT_GE(input->checks, 3);
    EXPECT_THAT(source().take_notices(), ElementsAre("it: the interface went down"));
    EXPECT_THAT(source().take_notices(), IsEmpty());
}

TEST_F(LiveSourceTest, EndsWhenAllInputsAreGone) {
    const auto first = add();
    const auto second = add();
    source();
    first->arrive(at(1));
    source().next_batch();
    first->gone = true;
    source().next_batch();
    EXPECT_FALSE(source().ended());
    second->gone = true;
    const auto rest = read_all(source());
    EXPECT_TRUE(source().ended());
    EXPECT_THAT(rest.cut_offs, SizeIs(2));
    EXPECT_THAT(source().next_batch(), IsEmpty());
}

TEST_F(LiveSourceTest, DeliversWhatWaitsWhenItEnds) {
    const auto first = add();
    const auto second = add();
    source();
    first->arrive(at(1));
    first->gone = false;
    source().next_batch();
    source().stop();
    second->arrive(at(2));
    const auto rest = read_all(source());
    EXPECT_THAT(times(rest.frames), ElementsAre(1, 2));
    EXPECT_THAT(rest.cut_offs, IsEmpty()) << "stopping cuts nothing off";
}

TEST_F(LiveSourceTest, AWorkerWithoutInputsWaitsForStop) {
    source().next_batch();
    EXPECT_FALSE(source().ended());
    EXPECT_TRUE(source().clock().has_value());
    source().stop();
    read_all(source());
    EXPECT_TRUE(source().ended());
}

TEST_F(LiveSourceTest, TheClockIsBehindWhatWaits) {
    const auto first = add();
    add();
    source();
    first->arrive(at(1'000'000'000));
    source().next_batch();
    ASSERT_TRUE(source().clock().has_value());
    EXPECT_LT(*source().clock(), at(1'000'000'000));
}

TEST_F(LiveSourceTest, AnAdaptersOwnClockGoesOnWithOurs) {
    const auto input = add();
    input->host_time = false;
    source();
    source().next_batch();
    EXPECT_FALSE(source().clock().has_value()) << "nobody knows what time it is there";
    const auto start = at(777'000'000'000);
    input->arrive(start);
    EXPECT_THAT(read(1), SizeIs(1));
    const auto deadline = Clock::now() + 10s;
    while (*source().clock() < start + 50ms && Clock::now() < deadline) {
        source().next_batch();
    }
    EXPECT_GE(*source().clock(), start + 50ms);
    EXPECT_LT(*source().clock(), start + 10s);
}

}  // namespace
}  // namespace turnpike::capture
