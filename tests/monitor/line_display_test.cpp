// The lines of a live run: changes, trouble, each minute's sum, the journal's priorities.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "monitor/pipe.h"
#include "monitor/pseudo_terminal.h"
#include "monitor/sample_state.h"
#include "turnpike/monitor/lines.h"

namespace turnpike::monitor {
namespace {

TEST(LineDisplay, TellsChangesNoticesAndTroubleOnce) {
    const Pipe pipe;
    LineDisplay display(pipe.writer(), false);
    State state = sample_state();
    state.started = at(60);
    state.notices = {"eth1 is down"};
    state.trouble = "no space left on device";
    ASSERT_TRUE(display.update(state));
    EXPECT_EQ(pipe.read(),
              "2026-09-21T14:14:55Z nothing is stored: no space left on device\n"
              "2026-09-21T14:14:55Z eth1 is down\n"
              "2026-09-21T14:14:54Z zoom/meetings@undated meetings-udp udp 8801-8810: inconclusive "
              "-> blocked, udp_timeout, grade B, 3 of 9 blocked; flow 12: 10.1.2.3:50200 > "
              "170.114.20.9:8801, stun, 7 requests unanswered\n");
    state.now = at(96);
    state.notices.clear();
    state.changes.clear();
    ASSERT_TRUE(display.update(state));
    EXPECT_EQ(pipe.read(), "");
    state.trouble.clear();
    ASSERT_TRUE(display.update(state));
    EXPECT_EQ(pipe.read(), "2026-09-21T14:14:56Z results are stored again\n");
}

TEST(LineDisplay, SumsUpEveryMinute) {
    const Pipe pipe;
    LineDisplay display(pipe.writer(), false);
    State state = sample_state();
    state.changes.clear();
    state.counters = {};
    state.warnings = {"only one direction is visible"};
    for (int second = 0; second <= 120; ++second) {
        state.now = at(second);
        state.counters.packets = static_cast<std::uint64_t>(second) * 1000;
        state.counters.octets = static_cast<std::uint64_t>(second) * 125'000;
        state.counters.dropped_by_kernel = second > 90 ? 600 : 0;
        ASSERT_TRUE(display.update(state));
    }
    EXPECT_EQ(pipe.read(),
              "2026-09-21T14:14:20Z 1,000 packets/s, 1.0 Mbit/s, nothing dropped, 0 flows active; "
              "requirements: 1 blocked, 3 observed, 1 inconclusive\n"
              "2026-09-21T14:14:20Z only one direction is visible\n"
              "2026-09-21T14:15:20Z 1,000 packets/s, 1.0 Mbit/s, dropped 600 by the kernel "
              "(0.99 %), 0 flows active; requirements: 1 blocked, 3 observed, 1 inconclusive\n");
}

TEST(LineDisplay, GivesTheJournalPrioritiesInPlaceOfTimes) {
    const Pipe pipe;
    LineDisplay display(pipe.writer(), true);
    State state = sample_state();
    state.changes.push_back({at(94), "unmatched", 0});
    state.trouble = "no space left on device";
    ASSERT_TRUE(display.update(state));
    const auto text = pipe.read();
    EXPECT_THAT(text, testing::StartsWith("<3>nothing is stored: "));
    EXPECT_THAT(text, testing::HasSubstr("\n<4>zoom/meetings@undated meetings-udp"));
    EXPECT_THAT(text, testing::HasSubstr("\n<5>zoom/meetings@undated web tcp 80"));
    EXPECT_THAT(text, testing::HasSubstr("\n<6>")) << "the summary";
}

TEST(LineDisplay, ALineStaysALine) {
    const Pipe pipe;
    LineDisplay display(pipe.writer(), true);
    State state = sample_state();
    state.started = state.now;
    state.requirements[5].evidence = "name a\n<0>forged \x1b[2J";
    ASSERT_TRUE(display.update(state));
    const auto text = pipe.read();
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
    EXPECT_THAT(text, testing::HasSubstr("a\\x0a<0>forged \\x1b[2J"));
}

TEST(LineDisplay, SaysThatTheReaderIsGone) {
    Pipe pipe;
    LineDisplay display(pipe.writer(), false);
    pipe.close_reader();
    EXPECT_FALSE(display.update(sample_state()));
}

TEST(Journal, IsKnownByDeviceAndInode) {
    const Pipe pipe;
    struct stat status{};
    ASSERT_EQ(::fstat(pipe.writer(), &status), 0);
    const auto name = fmt::format("{}:{}", status.st_dev, status.st_ino);
    {
        const Variable stream("JOURNAL_STREAM", name.c_str());
        EXPECT_TRUE(leads_to_journal(pipe.writer()));
        EXPECT_FALSE(leads_to_journal(STDIN_FILENO));
    }
    for (const char* other : {"", ":", "1", "1:", "a:b", "1:2"}) {
        const Variable stream("JOURNAL_STREAM", other);
        EXPECT_FALSE(leads_to_journal(pipe.writer())) << other;
    }
    const Variable stream("JOURNAL_STREAM", nullptr);
    EXPECT_FALSE(leads_to_journal(pipe.writer()));
}

}  // namespace
}  // namespace turnpike::monitor
