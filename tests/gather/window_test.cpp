// What workers hand over becomes one observation with ids of the run.
#include "turnpike/gather/window.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "gather/support/harvests.h"
#include "gather/support/soundness.h"

namespace turnpike::gather::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint16_t binding = 0x001;
constexpr std::uint16_t allocate = 0x003;

void accept(Window& window, const std::vector<HarvestOf>& workers) {
    std::vector<inspect::Harvest> harvests;
    for (const auto& worker : workers) {
        harvests.push_back(worker.done());
    }
    window.accept(harvests);
    expect_sound(window.observation());
}

std::vector<std::uint64_t> ids(const auto& rows) {
    std::vector<std::uint64_t> result;
    for (const auto& row : rows) {
        result.push_back(row.id);
    }
    return result;
}

std::vector<std::string> clients(const Window& window) {
    std::vector<std::string> result;
    for (const auto& flow : window.observation().flows) {
        result.push_back(base::to_string(flow.client().address()));
    }
    return result;
}

Kept everything(const Window& window) {
    Kept kept;
    kept.flows.assign(window.observation().flows.size(), true);
    kept.rows.of<facts::DnsKind>().assign(window.observation().dns.size(), true);
    return kept;
}

// ---- merging

TEST(WindowMerging, FlowsOfARoundGetIdsInOrderOfTimeWhoeverSawThem) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 3, "10.0.0.3")).flow(flow(2, 1, "10.0.0.1")),
                    HarvestOf().flow(flow(1, 2, "10.0.0.2"))});
    EXPECT_THAT(clients(window), ElementsAre("10.0.0.1", "10.0.0.2", "10.0.0.3"));
    EXPECT_THAT(ids(window.observation().flows), ElementsAre(1, 2, 3));
    EXPECT_EQ(window.flows_seen(), 3U);
    EXPECT_EQ(window.flows_followed(), 3U);
}

TEST(WindowMerging, FlowsOfOneMomentAreOrderedByTheirEnds) {
    const auto low = HarvestOf().flow(flow(1, 1, "10.0.0.1"));
    const auto high = HarvestOf().flow(flow(1, 1, "10.0.0.2"));
    Window there;
    Window back;
    accept(there, {low, high});
    accept(back, {high, low});
    EXPECT_EQ(clients(there), clients(back));
}

TEST(WindowMerging, RowsOfARoundGetIdsInOrderOfTimeWhoeverSawThem) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 0)).row(1, query(1, 3, "c")).row(1, query(2, 1, "a")),
                    HarvestOf().flow(flow(1, 0, "10.0.0.9")).row(1, query(1, 2, "b"))});
    const auto& dns = window.observation().dns;
    ASSERT_EQ(dns.size(), 3U);
    EXPECT_EQ(dns[0].name + dns[1].name + dns[2].name, "abc");
    EXPECT_THAT(ids(dns), ElementsAre(1, 2, 3));
}

TEST(WindowMerging, LaterRoundsGoOnCountingAndUpdatesKeepPlaceAndId) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 1)).flow(flow(2, 2, "10.0.0.2"))});
    auto grown = flow(1, 1);
    grown.client().packets = 70;
    accept(window, {HarvestOf().flow(grown).flow(flow(3, 0.5, "10.0.0.3"))});
    const auto& flows = window.observation().flows;
    EXPECT_THAT(ids(flows), ElementsAre(1, 2, 3)) << "a late one is last, whenever it began";
    EXPECT_EQ(flows[0].client().packets, 70U);
    EXPECT_EQ(flows[1].client().packets, 1U);
}

TEST(WindowMerging, AFlowThatComesTwiceInARoundIsOneAndItsLastStateCounts) {
    Window window;
    auto grown = flow(1, 1);
    grown.client().packets = 9;
    accept(window, {HarvestOf()
                        .flow(flow(1, 1))
                        .row(1, query(1, 1, "a"))
                        .flow(grown, true)
                        .row(1, query(1, 1, "a", {60}))});
    ASSERT_EQ(window.observation().flows.size(), 1U);
    EXPECT_EQ(window.observation().flows[0].client().packets, 9U);
    EXPECT_TRUE(window.ended(0));
    ASSERT_EQ(window.observation().dns.size(), 1U);
    EXPECT_TRUE(window.observation().dns[0].response);
}

TEST(WindowMerging, TheLastStateCountsAlsoIfTheClientTurnedOutToBeTheOtherEnd) {
    Window window;
    auto turned = flow(1, 1, "10.0.0.1");
    std::swap(turned.client().endpoint, turned.server().endpoint);
    turned.client().endpoint.address = address("10.0.0.0");  // in order before what it was
    turned.client().packets = 9;
    accept(window, {HarvestOf().flow(flow(1, 1, "10.0.0.1")).flow(turned)});
    ASSERT_EQ(window.observation().flows.size(), 1U);
    EXPECT_EQ(window.observation().flows[0].client().packets, 9U);
}

TEST(WindowMerging, EveryKindOfRowFindsItsFlow) {
    Window window;
    accept(window,
           {HarvestOf().flow(flow(7, 1, "10.0.0.1")), HarvestOf()
                                                          .flow(flow(7, 2, "10.0.0.2"))
                                                          .row(7, query(1, 2, "a"))
                                                          .row(7, hello(1, 2, "a"))
                                                          .row(7, transaction(1, 2, binding, true))
                                                          .row(7, stream(1, 2, 3))
                                                          .row(7, icmp(1, 2))});
    const auto& seen = window.observation();
    ASSERT_EQ(clients(window)[1], "10.0.0.2");
    EXPECT_EQ(seen.dns.at(0).flow, 1U);
    EXPECT_EQ(seen.hellos.at(0).flow, 1U);
    EXPECT_THAT(seen.flows[1].rare->transactions, ElementsAre(0));
    EXPECT_THAT(seen.flows[1].rare->streams, ElementsAre(0));
    EXPECT_THAT(seen.flows[1].rare->icmp, ElementsAre(0));
    EXPECT_THAT(seen.flows[0].rare->transactions, IsEmpty());
}

TEST(WindowMerging, RowsKeepTheirIdsWhenTheyChange) {
    Window window;
    accept(window, {HarvestOf()
                        .flow(flow(1, 1))
                        .row(1, transaction(5, 1, binding, false))
                        .row(1, transaction(6, 2, binding, false))});
    window.committed();
    accept(window, {HarvestOf().flow(flow(1, 1)).row(1, transaction(6, 2, binding, true))});
    const auto& stun = window.observation().stun;
    EXPECT_THAT(ids(stun), ElementsAre(1, 2));
    EXPECT_FALSE(stun[0].response);
    EXPECT_TRUE(stun[1].response);
    EXPECT_THAT(window.changed().rows.of<facts::StunKind>(), ElementsAre(1));
}

// ---- what changed

TEST(WindowChanges, AreWhatCameSinceTheLastCommit) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 1)).row(1, query(1, 1, "a")).row(1, icmp(1, 1))});
    EXPECT_THAT(window.changed().flows, ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::DnsKind>(), ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::IcmpKind>(), ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::HelloKind>(), IsEmpty());
    window.committed();
    EXPECT_THAT(window.changed().flows, IsEmpty());
    accept(window, {HarvestOf().flow(flow(2, 2))});
    EXPECT_THAT(window.changed().flows, ElementsAre(1));
    accept(window, {HarvestOf()});
    EXPECT_THAT(window.changed().flows, ElementsAre(1)) << "not committed yet";
}

TEST(WindowChanges, MoveUpWithTheirElements) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 1)).flow(flow(2, 2)).row(2, query(1, 1, "a"))});
    window.committed();
    accept(window, {HarvestOf().flow(flow(2, 2), true).flow(flow(3, 3)).row(2, query(2, 2, "b"))});
    auto kept = everything(window);
    kept.flows[0] = false;
    kept.rows.of<facts::DnsKind>()[0] = false;
    window.drop(kept);
    EXPECT_THAT(window.changed().flows, ElementsAre(0, 1));
    EXPECT_THAT(window.changed().rows.of<facts::DnsKind>(), ElementsAre(0));
    EXPECT_TRUE(window.ended(0));
    EXPECT_FALSE(window.ended(1));
}

// ---- leaving

TEST(WindowLeaving, RowsGoWithTheirFlowExceptDns) {
    Window window;
    HarvestOf harvest;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        harvest.flow(flow(id, static_cast<double>(id)), true)
            .row(id, query(id, 1, fmt::format("n{}", id)))
            .row(id, hello(id, 1, fmt::format("n{}", id)))
            .row(id, transaction(id, 1, allocate, true))
            .row(id, stream(id, 1, 2))
            .row(id, icmp(id, 1));
    }
    accept(window, {harvest});
    auto kept = everything(window);
    kept.flows = {false, true, false};
    kept.rows.of<facts::DnsKind>() = {true, true, false};
    window.drop(kept);
    const auto& seen = window.observation();
    expect_sound(seen);
    EXPECT_THAT(ids(seen.flows), ElementsAre(2));
    EXPECT_THAT(ids(seen.dns), ElementsAre(1, 2));
    EXPECT_EQ(seen.dns[0].flow, no_flow);
    EXPECT_EQ(seen.dns[1].flow, 0U);
    EXPECT_THAT(ids(seen.hellos), ElementsAre(2));
    EXPECT_THAT(ids(seen.stun), ElementsAre(2));
    EXPECT_THAT(ids(seen.rtp), ElementsAre(2));
    EXPECT_THAT(ids(seen.icmp), ElementsAre(2));
    EXPECT_EQ(window.flows_seen(), 3U) << "those that left count";
}

TEST(WindowLeaving, WhatMovedUpIsStillFoundByItsUpdates) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 1)).row(1, query(1, 1, "a")),
                    HarvestOf().flow(flow(1, 2)).row(1, query(1, 2, "b"))});
    auto kept = everything(window);
    kept.flows[0] = false;
    kept.rows.of<facts::DnsKind>()[0] = false;
    window.drop(kept);
    auto grown = flow(1, 2);
    grown.server().packets = 5;
    accept(window, {HarvestOf(), HarvestOf().flow(grown).row(1, query(1, 2, "b", {60}))});
    ASSERT_EQ(window.observation().flows.size(), 1U);
    EXPECT_EQ(window.observation().flows[0].id, 2U);
    EXPECT_EQ(window.observation().flows[0].server().packets, 5U);
    ASSERT_EQ(window.observation().dns.size(), 1U);
    EXPECT_EQ(window.observation().dns[0].id, 2U);
    EXPECT_TRUE(window.observation().dns[0].response);
}

TEST(WindowLeaving, AnAnswerWithoutItsFlowStaysWithoutAFlow) {
    Window window;
    accept(window, {HarvestOf().flow(flow(1, 1), true).row(1, query(1, 1, "a", {60}))});
    auto kept = everything(window);
    kept.flows[0] = false;
    window.drop(kept);
    accept(window, {HarvestOf().flow(flow(2, 9))});
    EXPECT_EQ(window.observation().dns.at(0).flow, no_flow) << "another flow took the place";
    window.drop(everything(window));
    EXPECT_EQ(window.observation().dns.at(0).flow, no_flow);
    kept = everything(window);
    kept.rows.of<facts::DnsKind>()[0] = false;
    window.drop(kept);
    EXPECT_THAT(window.observation().dns, IsEmpty());
}

TEST(WindowLeaving, RowsThatAreNotKeptGoWhileTheirFlowStays) {
    Window window;
    accept(window, {HarvestOf()
                        .flow(flow(1, 0))
                        .row(1, transaction(1, 10, binding, true))
                        .row(1, transaction(2, 11, binding, false))
                        .row(1, stream(1, 0, 40))
                        .row(1, stream(2, 0, 90))});
    auto kept = everything(window);
    kept.rows.of<facts::StunKind>() = {false, true};
    kept.rows.of<facts::RtpKind>() = {false, true};
    window.drop(kept);
    expect_sound(window.observation());
    EXPECT_THAT(ids(window.observation().stun), ElementsAre(2));
    EXPECT_THAT(ids(window.observation().rtp), ElementsAre(2));
}

TEST(WindowLeaving, WhatLeftBeforeItsFlowDoesNotComeAgainWhenTheFlowEnds) {
    Window window;
    accept(window,
           {HarvestOf().flow(flow(1, 0)).row(1, stream(1, 0, 40)).row(1, stream(2, 0, 90))});
    auto kept = everything(window);
    kept.rows.of<facts::RtpKind>() = {false, true};
    window.drop(kept);
    accept(window, {HarvestOf()
                        .flow(flow(1, 0), true)
                        .row(1, stream(1, 0, 40))
                        .row(1, stream(2, 0, 90))
                        .row(1, stream(3, 91, 95))});
    expect_sound(window.observation());
    EXPECT_THAT(ids(window.observation().rtp), ElementsAre(2, 3));
}

// ---- a new run

TEST(WindowRestart, IdsBeginAgainAndEverythingIsNew) {
    Window window;
    accept(window, {HarvestOf()
                        .flow(flow(1, 1), true)
                        .flow(flow(2, 2))
                        .row(1, query(1, 1, "a"))
                        .row(2, query(2, 2, "b"))
                        .row(2, transaction(1, 2, binding, false))});
    window.committed();
    auto kept = everything(window);
    kept.flows[0] = kept.rows.of<facts::DnsKind>()[0] = false;
    window.drop(kept);
    window.restart();
    EXPECT_THAT(ids(window.observation().flows), ElementsAre(1));
    EXPECT_THAT(ids(window.observation().dns), ElementsAre(1));
    EXPECT_THAT(window.changed().flows, ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::DnsKind>(), ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::StunKind>(), ElementsAre(0));
    EXPECT_EQ(window.flows_seen(), 1U);
    accept(
        window,
        {HarvestOf().flow(flow(2, 2)).flow(flow(3, 3)).row(2, transaction(1, 2, binding, true))});
    EXPECT_THAT(ids(window.observation().flows), ElementsAre(1, 2));
    EXPECT_THAT(ids(window.observation().stun), ElementsAre(1)) << "workers go on counting";
    EXPECT_TRUE(window.observation().stun[0].response);
}

TEST(WindowRestart, WhatWasToldBeforeWaitsForNews) {
    Window window;
    accept(window, {HarvestOf()
                        .flow(flow(1, 1))
                        .flow(flow(2, 2))
                        .row(1, transaction(1, 1, binding, false))
                        .row(2, query(1, 2, "a"))});
    window.committed();
    window.restart(everything(window));
    EXPECT_TRUE(window.told(0));
    EXPECT_THAT(window.changed().flows, IsEmpty());
    EXPECT_THAT(window.changed().rows.of<facts::StunKind>(), IsEmpty());
    window.committed();
    accept(window, {HarvestOf().flow(flow(1, 1)).flow(flow(2, 2), true)});
    EXPECT_FALSE(window.told(0));
    EXPECT_TRUE(window.told(1)) << "it ended without another packet";
    EXPECT_THAT(window.changed().flows, ElementsAre(0));
    EXPECT_THAT(window.changed().rows.of<facts::StunKind>(), ElementsAre(0))
        << "though it is as it was";
    window.committed();
    EXPECT_THAT(window.changed().flows, IsEmpty());
    EXPECT_THAT(window.changed().rows.of<facts::StunKind>(), IsEmpty());
    window.tell_again(1);
    EXPECT_THAT(window.changed().flows, ElementsAre(1));
    EXPECT_THAT(window.changed().rows.of<facts::DnsKind>(), ElementsAre(0));
}

// ---- quality

TEST(WindowQuality, WhatWorkersSawOfOneInterfaceIsOneRecording) {
    facts::CaptureQuality one;
    one.recordings = {
        {.tap = 0, .link_type = 1, .stretches = {{at(0), at(5)}}, .same_flows_as = {}}};
    facts::CaptureQuality other;
    other.recordings = {
        {.tap = 0, .link_type = 1, .stretches = {{at(3), at(9)}}, .same_flows_as = {}},
        {.tap = 1, .link_type = 1, .stretches = {{at(4), at(4)}}, .same_flows_as = {0}}};
    Window window;
    for (int round = 0; round < 2; ++round) {
        accept(window, {HarvestOf().quality(one), HarvestOf().quality(other)});
        const auto& recordings = window.observation().quality.recordings;
        ASSERT_EQ(recordings.size(), 2U);
        EXPECT_EQ(recordings[0].stretches.size(), 2U);
        EXPECT_EQ(recordings[0].link_type, 1U);
        EXPECT_EQ(recordings[1].tap, 1U);
        EXPECT_EQ(recordings[1].same_flows_as, std::vector<std::uint32_t>{0});
    }
}

TEST(WindowQuality, IsTheSumOfTheWorkersAsTheyStandNow) {
    facts::CaptureQuality one;
    one.packets = 10;
    one.dropped = 1;
    one.first = mark(5);
    one.last = mark(9);
    one.backward_steps = 1;
    one.problems = {{"dns", "too short", 2}};
    one.losses = {{at(6), at(6)}};
    facts::CaptureQuality other;
    other.packets = 20;
    other.dropped = 2;
    other.first = mark(4);
    other.last = mark(8);
    other.backward_steps = 1;
    other.problems = {{"dns", "too short", 3}, {"stun", "too short", 1}};
    other.losses = {{at(7), at(7)}};
    Window window;
    for (int round = 0; round < 2; ++round) {  // sums since the start do not add up twice
        accept(window, {HarvestOf().quality(one), HarvestOf().quality(other)});
        const auto& quality = window.observation().quality;
        EXPECT_EQ(quality.packets, 30U);
        EXPECT_EQ(quality.dropped, 3U);
        EXPECT_EQ(quality.backward_steps, 1U) << "both saw the same step";
        EXPECT_EQ(quality.first.time, at(4));
        EXPECT_EQ(quality.last.time, at(9));
        ASSERT_EQ(quality.problems.size(), 2U);
        EXPECT_EQ(quality.problems[0].count, 5U);
        EXPECT_EQ(quality.losses.size(), 2U);
    }
}

TEST(WindowQuality, UnseenOctetsOfAFlowCountOnceAndStayWhenItLeaves) {
    Window window;
    auto lossy = flow(1, 1, "10.0.0.1", facts::Transport::tcp);
    lossy.server_of(lossy.tcp.make()).unseen = 100;
    accept(window, {HarvestOf().flow(lossy)});
    lossy.client_of(lossy.tcp.make()).unseen = 20;
    accept(window, {HarvestOf().flow(lossy, true)});
    EXPECT_EQ(window.observation().quality.unseen_octets, 120U);
    auto kept = everything(window);
    kept.flows[0] = false;
    window.drop(kept);
    accept(window, {HarvestOf()});
    EXPECT_EQ(window.observation().quality.unseen_octets, 120U);
}

TEST(WindowQuality, TheClockGoesOnWithoutPacketsAndNeverBack) {
    Window window;
    window.advance(at(100));
    EXPECT_FALSE(window.observation().quality.last) << "no packet, no capture";
    facts::CaptureQuality quality;
    quality.first = quality.last = mark(1);
    accept(window, {HarvestOf().quality(quality)});
    window.advance(at(5));
    EXPECT_EQ(window.observation().quality.last.time, at(5));
    window.advance(at(3));
    EXPECT_EQ(window.observation().quality.last.time, at(5));
}

// ---- all together

/// Plays a worker at random: flows begin, change and end, and so do their rows.
class RandomWorker {
  public:
    explicit RandomWorker(unsigned seed) : random_(seed) {}

    HarvestOf next(double now) {
        HarvestOf harvest;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const bool ends = chance(8);
            harvest.flow(flow(open_[i], now), ends);
            rows(open_[i], now, harvest);
            if (ends) {
                open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i--));
            }
        }
        for (int i = 0; i < 5; ++i) {
            open_.push_back(++flows_);
            harvest.flow(flow(flows_, now + i));
            rows(flows_, now + i, harvest);
        }
        return harvest;
    }
    [[nodiscard]] std::uint64_t flows() const { return flows_; }

  private:
    bool chance(unsigned one_in) { return random_() % one_in == 0; }
    void rows(std::uint64_t of, double now, HarvestOf& harvest) {
        const std::uint64_t old = rows_ > 0 ? random_() % rows_ + 1 : 1;
        ++rows_;
        harvest.row(of, query(rows_, now, "a")).row(of, hello(rows_, now, "a"));
        harvest.row(of, transaction(rows_, now, binding, chance(2)));
        harvest.row(of, stream(rows_, now, now)).row(of, icmp(rows_, now));
        if (owner_.contains(old) && owner_[old] == of) {
            harvest.row(of, transaction(old, now, binding, true));
        }
        owner_[rows_] = of;
    }
    std::mt19937 random_;
    std::vector<std::uint64_t> open_;
    std::map<std::uint64_t, std::uint64_t> owner_;
    std::uint64_t flows_ = 0;
    std::uint64_t rows_ = 0;
};

TEST(Window, StaysSoundWhateverComesAndGoes) {
    Window window;
    RandomWorker one(1);
    RandomWorker other(2);
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        accept(window, {one.next(round), other.next(round)});
        auto kept = everything(window);
        for (std::uint32_t i = 0; i < kept.flows.size(); ++i) {
            kept.flows[i] = !window.ended(i) || random() % 4 != 0;
        }
        kept.rows.for_each([&]<typename Kind>(Kind, std::vector<bool>& rows) {
            rows.resize(Kind::rows(window.observation()).size());
            for (auto&& is_kept : rows) {
                is_kept = random() % 4 != 0;
            }
        });
        window.drop(kept);
        expect_sound(window.observation());
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
    EXPECT_EQ(window.flows_seen(), one.flows() + other.flows());
}

}  // namespace
}  // namespace turnpike::gather::test
