// The state of a live run as text and as a line.
#include "turnpike/monitor/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/sample_state.h"
#include "monitor/wording.h"

namespace turnpike::monitor {
namespace {

TEST(StateText, IsCompleteAndCompact) {
    State state = sample_state();
    state.counters.dropped_by_kernel = 1234;
    state.trouble = "disk full";
    state.warnings = {"only one direction is visible"};
    state.alternatives = {"works, but over the fallback"};
    state.problems = {{"tls", "bad length", 3}};
    EXPECT_EQ(
        state_text(state),
        R"(turnpike live: eth0, eth1, 2026-09-21T14:14:55Z, up 01:35, database /var/lib/turnpike/turnpike.db
  trouble: disk full
  packets: 1,234,567, 987.7 MB; on average 12,995 packets/s, 83.2 Mbit/s
  dropped: 1,234 by the kernel, 0 by the interface, 0 facts by turnpike
  never seen here though acknowledged: 0 bytes
  duplicates: 0; malformed: 0
  flows: 12 active, 345 finished; 300 passed, 20 blocked, 25 inconclusive
  memory: 45.0 MB
  warning: only one direction is visible
  alternative: works, but over the fallback
  undecodable: 3 tls, bad length
  zoom/meetings@undated
    observed     tcp 80           web: 3 flows passed, last 35s ago
      flow 3: 10.1.2.3:50123 > 170.114.10.5:443 us04web.zoom.us, tls
    observed     tcp 443          web: 118 flows passed, last 1s ago
      flow 3: 10.1.2.3:50123 > 170.114.10.5:443 us04web.zoom.us, tls
    inconclusive udp 443          web-quic: one_sided_capture, 2 flows, last 1m ago
    observed     tcp 443          meetings-tcp: 4 flows passed, last 2s ago
      flow 3: 10.1.2.3:50123 > 170.114.10.5:443 us04web.zoom.us, tls
    blocked      udp 8801-8810    meetings-udp: udp_timeout, grade B, 3 of 9 blocked, last 3s ago
      flow 12: 10.1.2.3:50200 > 170.114.20.9:8801, stun, 7 requests unanswered
  without traffic: 3 requirements
)");
}

TEST(StateText, HasNoControlsFromTheNetwork) {
    State state = sample_state();
    state.requirements[5].evidence = "\x1b[2J\n";
    state.notices = {"\x1b"};
    state.warnings = {"\x1b"};
    EXPECT_THAT(state_text(state), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(SummaryLine, TellsRatesSinceThen) {
    const State state = sample_state();
    State before = state;
    before.now = at(85);
    before.counters.packets -= 10'000;
    before.counters.octets -= 1'250'000;
    EXPECT_EQ(summary_line(state, &before),
              "1,000 packets/s, 1.0 Mbit/s, nothing dropped, 12 flows active; requirements: 1 "
              "blocked, 3 observed, 1 inconclusive");
    EXPECT_THAT(summary_line(state, nullptr), testing::StartsWith("12,995 packets/s, 83.2 Mbit/s"));
    EXPECT_THAT(summary_line(State{}, nullptr), testing::EndsWith("requirements: none seen yet"));
}

TEST(Wording, Times) {
    using std::chrono::seconds;
    EXPECT_EQ(run_time(seconds{95}), "01:35");
    EXPECT_EQ(run_time(seconds{3 * 3600 + 7 * 60 + 9}), "3:07:09");
    EXPECT_EQ(run_time(seconds{20 * 86400 + 3 * 3600}), "20 d 03:00");
    EXPECT_EQ(run_time(seconds{-5}), "00:00") << "a clock that was set back";
    EXPECT_EQ(age(at(10), at(12)), "0s");
    EXPECT_EQ(age(at(59), at(0)), "59s");
    EXPECT_EQ(age(at(3599), at(0)), "59m");
    EXPECT_EQ(age(at(86399), at(0)), "23h");
    EXPECT_EQ(age(at(864000), at(0)), "10d");
}

TEST(Wording, DropsAreSharesOfAllThatCame) {
    Counters counters;
    EXPECT_EQ(drop_text(counters, {}), "");
    counters.packets = 900;
    counters.dropped_by_kernel = 100;
    EXPECT_EQ(drop_text(counters, {}), "100 by the kernel (10.00 %)");
    counters.packets = 10'000'000;
    EXPECT_EQ(drop_text(counters, {}), "100 by the kernel (< 0.01 %)");
    counters = {};
    counters.dropped_by_turnpike = 2;
    EXPECT_EQ(drop_text(counters, {}), "2 facts by turnpike");
}

}  // namespace
}  // namespace turnpike::monitor
