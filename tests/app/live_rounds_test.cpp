// What several workers hand over comes together by the time of the capture, whoever is first.
#include "app/live_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/observation.h"

namespace turnpike::app {
namespace {

using namespace std::chrono_literals;
using support::at;
using ::testing::ElementsAre;

constexpr auto at_once = 0ms;

inspect::Harvest harvest(std::uint64_t packets, std::uint64_t followed = 0) {
    inspect::Harvest made;
    made.quality.packets = packets;
    made.flows_followed = followed;
    return made;
}

std::vector<std::uint64_t> packets(const Round& round) {
    std::vector<std::uint64_t> counts;
    for (const auto& part : round.harvests) {
        counts.push_back(part.quality.packets);
    }
    return counts;
}

TEST(Rounds, WaitForTheSlowestWorker) {
    Rounds rounds(2);
    rounds.deliver(0, at(1), harvest(10), false);
    rounds.deliver(0, at(2), harvest(20), false);
    EXPECT_FALSE(rounds.take(at_once));
    rounds.deliver(1, at(1), harvest(1), false);
    const auto round = rounds.take(at_once);
    ASSERT_TRUE(round);
    EXPECT_EQ(round->until, at(1));
    EXPECT_THAT(packets(*round), ElementsAre(10, 1));
    EXPECT_FALSE(rounds.take(at_once)) << "the second may still deliver for this time";
}

TEST(Rounds, AWorkerWithoutNewsStandsAsItStood) {
    Rounds rounds(2);
    rounds.deliver(0, at(1), harvest(10, 3), false);
    rounds.deliver(1, at(1), harvest(1, 5), false);
    ASSERT_TRUE(rounds.take(at_once));
    rounds.deliver(0, at(2), harvest(20, 4), false);
    rounds.deliver(1, at(3), harvest(2, 6), false);
    const auto round = rounds.take(at_once);
    ASSERT_TRUE(round);
    EXPECT_EQ(round->until, at(2));
    EXPECT_THAT(packets(*round), ElementsAre(20, 1)) << "sums must never go back";
    EXPECT_EQ(round->harvests[1].flows_followed, 5U);
    EXPECT_TRUE(round->harvests[1].flows.empty());
}

TEST(Rounds, AWorkerThatEndedHoldsNobodyUp) {
    Rounds rounds(2);
    rounds.deliver(1, at(1), harvest(7), true);
    rounds.deliver(0, at(2), harvest(10), false);
    EXPECT_EQ(rounds.take(at_once)->until, at(1));
    EXPECT_FALSE(rounds.over());
    EXPECT_THAT(packets(rounds.take(at_once).value()), ElementsAre(10, 7));
    rounds.deliver(0, at(3), harvest(11), true);
    EXPECT_FALSE(rounds.over()) << "something waits";
    EXPECT_TRUE(rounds.take(at_once));
    EXPECT_TRUE(rounds.over());
    EXPECT_FALSE(rounds.take(10s)) << "and does not wait for what cannot come";
}

TEST(Rounds, WakeWhoWaits) {
    Rounds rounds(1);
    std::thread worker([&] {
        std::this_thread::sleep_for(20ms);
        rounds.deliver(0, at(1), harvest(1), false);
    });
    EXPECT_TRUE(rounds.take(60s));
    worker.join();
}

TEST(Rounds, AWorkerWhoseHarvestsWaitWaitsToo) {
    auto full = [] {
        auto made = harvest(1);
        made.flows.resize(100);
        return made;
    };
    Rounds rounds(1, 150 * sizeof(inspect::HarvestedFlow));
    rounds.deliver(0, at(1), full(), false);
    std::atomic<bool> delivered = false;
    std::thread worker([&] {
        rounds.deliver(0, at(2), full(), true);
        delivered = true;
    });
    std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(delivered);
    EXPECT_EQ(rounds.take(at_once)->until, at(1));
    worker.join();
    EXPECT_TRUE(delivered);
    EXPECT_EQ(rounds.take(at_once)->until, at(2));
}

TEST(MergedRounds, HoldAllRowsAndTheLatestSums) {
    Round first{at(1), {}};
    Round second{at(2), {}};
    first.harvests.push_back(harvest(10, 1));
    second.harvests.push_back(harvest(20, 2));
    for (auto* round : {&first, &second}) {
        auto& part = round->harvests[0];
        part.flows.emplace_back();
        part.rows.of<facts::DnsKind>().emplace_back();
        part.rows.of<facts::HelloKind>().emplace_back();
        part.rows.of<facts::StunKind>().emplace_back();
        part.rows.of<facts::RtpKind>().emplace_back();
        part.rows.of<facts::IcmpKind>().emplace_back();
    }
    first.harvests[0].flows[0].flow.id = 1;
    second.harvests[0].flows[0].flow.id = 2;
    merge(first, std::move(second));
    const auto& part = first.harvests[0];
    EXPECT_EQ(first.until, at(2));
    EXPECT_THAT((std::vector{part.flows.at(0).flow.id, part.flows.at(1).flow.id}),
                ElementsAre(1, 2));
    EXPECT_THAT(
        (std::vector{part.rows.of<facts::DnsKind>().size(), part.rows.of<facts::HelloKind>().size(),
                     part.rows.of<facts::StunKind>().size(), part.rows.of<facts::RtpKind>().size(),
                     part.rows.of<facts::IcmpKind>().size()}),
        ElementsAre(2, 2, 2, 2, 2));
    EXPECT_EQ(part.quality.packets, 20U);
    EXPECT_EQ(part.flows_followed, 2U);
}

}  // namespace
}  // namespace turnpike::app
