// What became of every packet between two captures.
#include "turnpike/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/two_sides.h"
#include "turnpike/base/error.h"

namespace turnpike::compare {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::endpoint;
using test::payload;
using test::TwoSides;
using test::Way;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint8_t syn = wire::tcp_flag::syn;
constexpr std::uint8_t ack = wire::tcp_flag::ack;
constexpr std::uint8_t rst = wire::tcp_flag::rst;

double milliseconds_of(base::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string error_of(TwoSides& sides, bool wrong_way = false) {
    try {
        wrong_way ? sides.compare_the_wrong_way() : sides.compare();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        return error.what();
    }
    return {};
}

TEST(Compare, FollowsDatagramsThroughNatAndAClockThatIsWrong) {
    TwoSides sides(seconds{-17}, microseconds{700});
    for (std::uint8_t i = 0; i < 20; ++i) {
        sides.datagram(true, payload(static_cast<std::uint8_t>(2 * i)));
        sides.datagram(false, payload(static_cast<std::uint8_t>(2 * i + 1)));
    }
    const auto found = sides.compare();
    EXPECT_NEAR(std::chrono::duration<double>(found.clock_offset).count(), -17, 1e-4);
    EXPECT_LE(found.clock_uncertainty, milliseconds{1});
    EXPECT_EQ(found.flows_joined, 1);
    EXPECT_EQ(found.flows_only_inside + found.flows_only_outside, 0);
    ASSERT_EQ(found.crossings.size(), 1);
    const auto& crossing = found.crossings[0];
    ASSERT_EQ(crossing.mappings.size(), 1);
    EXPECT_EQ(crossing.mappings[0].client, sides.mapped);
    EXPECT_EQ(crossing.mappings[0].server, sides.server);
    EXPECT_EQ(crossing.out.packets.passed, 21);
    EXPECT_EQ(crossing.in.packets.passed, 20);
    EXPECT_EQ(crossing.out.packets.died + crossing.in.packets.died, 0);
    EXPECT_EQ(crossing.in.packets.made, 0);
    ASSERT_TRUE(crossing.out.delay && crossing.in.delay);
    EXPECT_NEAR(milliseconds_of(*crossing.out.delay), 0.7, 0.05);
    EXPECT_NEAR(milliseconds_of(*crossing.in.delay), 0.7, 0.05);
}

TEST(Compare, CountsAPacketOnceHoweverManyThingsTellIt) {
    TwoSides sides;
    sides.segment(true, syn, 100, 0, {});
    sides.segment(false, syn | ack, 500, 101, {});
    for (std::uint8_t i = 0; i < 6; ++i) {  // by number and by content
        sides.segment(true, ack, 101 + 60U * i, 501, payload(i));
    }
    const auto found = sides.compare();
    std::uint64_t passed = 0;
    for (const auto& crossing : found.crossings) {
        passed += crossing.out.packets.passed + crossing.in.packets.passed;
    }
    EXPECT_GE(passed, 8);
    EXPECT_EQ(found.pairs, passed);
}

TEST(Compare, TellsWhichOfTwoEqualDatagramsDied) {
    TwoSides sides;
    sides.datagram(true, payload(9));  // both captures are there
    sides.datagram(true, payload(1), Way::dies);
    const auto lost = sides.last_inside();
    sides.wait(milliseconds{500});
    sides.datagram(true, payload(1));  // the same transaction again
    sides.datagram(false, payload(2));
    const auto found = sides.compare();
    const auto& out = found.crossings.at(0).out;
    EXPECT_EQ(out.packets.died, 1);
    EXPECT_EQ(out.packets.passed, 3);
    EXPECT_EQ(out.first_died.number, lost);
    EXPECT_LT(*out.longest_delay, milliseconds{2});
}

TEST(Compare, CountsWhatDiedEachWayAndAtTheEnd) {
    TwoSides sides;
    for (std::uint8_t i = 0; i < 5; ++i) {
        sides.datagram(true, payload(i));
        sides.datagram(false, payload(100 + i), i < 2 ? Way::passes : Way::dies);
    }
    const auto first_outside = sides.last_outside() - 4;  // of the three that died, every second
    const auto found = sides.compare();
    const auto& in = found.crossings.at(0).in;
    EXPECT_EQ(in.packets.entered, 5);
    EXPECT_EQ(in.packets.died, 3);
    EXPECT_EQ(in.died_at_end, 3);
    EXPECT_EQ(in.first_died.number, first_outside);
    EXPECT_EQ(found.crossings[0].out.packets.died, 0);
}

TEST(Compare, WhatDiedAltogetherIsSeenInsideOnly) {
    TwoSides sides;
    sides.datagram(true, payload(1));
    const auto call = sides.client;
    sides.client = endpoint("10.0.0.7", 50'001);
    sides.datagram(true, payload(2), Way::dies);
    sides.datagram(true, payload(3), Way::dies);
    sides.client = call;
    const auto found = sides.compare();
    ASSERT_EQ(found.crossings.size(), 2);
    EXPECT_EQ(found.flows_only_inside, 1);
    EXPECT_TRUE(found.crossings[1].mappings.empty());
    EXPECT_EQ(found.crossings[1].out.packets.died, 2);
    EXPECT_TRUE(found.crossings[1].outside_recorded);
}

TEST(Compare, KnowsNothingOfWhatTheOtherSideDidNotRecord) {
    TwoSides sides;
    sides.datagram(true, payload(9), Way::dies);  // before anything is recorded outside
    sides.wait(seconds{2});
    sides.datagram(true, payload(1));
    const auto found = sides.compare();
    EXPECT_EQ(found.crossings.at(0).out.packets.unknown, 1);
    EXPECT_EQ(found.crossings[0].out.packets.died, 0);
    EXPECT_FALSE(found.crossings[0].outside_recorded);
}

TEST(Compare, AResetThatNobodySentOutsideWasMade) {
    TwoSides sides;
    sides.datagram(true, payload(1));
    sides.server.port = 443;
    sides.segment(true, syn, 1'000, 0, {});
    sides.segment(false, syn | ack, 5'000, 1'001, {});
    sides.segment(true, ack, 1'001, 5'001, {});
    sides.segment(true, ack, 1'001, 5'001, payload(7, 300), Way::dies);
    sides.segment(false, rst | ack, 5'001, 1'301, {}, Way::made);
    const auto reset = sides.last_inside();
    sides.server.port = 3478;
    const auto found = sides.compare();
    ASSERT_EQ(found.crossings.size(), 2);
    const auto& crossing = found.crossings[1];
    EXPECT_THAT(crossing.made_in, ElementsAre(reset));
    EXPECT_EQ(crossing.out.payload.died, 1);
    EXPECT_EQ(crossing.out.packets.passed, 2);
    EXPECT_FALSE(crossing.rebuilt);
}

TEST(Compare, FollowsConnectionsThatAreNumberedAnew) {
    TwoSides sides;
    sides.renumber = 0x9000'0001;
    sides.segment(true, syn, 1'000, 0, {});
    sides.segment(false, syn | ack, 5'000, 1'001, {});
    sides.segment(true, ack, 1'001, 5'001, {});
    sides.segment(true, ack, 1'001, 5'001, payload(7, 300));
    sides.segment(false, ack, 5'001, 1'301, payload(8, 200));
    const auto found = sides.compare();
    ASSERT_FALSE(found.crossings.empty());
    EXPECT_EQ(found.crossings[0].out.packets.died + found.crossings[0].in.packets.died, 0);
    EXPECT_EQ(found.crossings[0].out.payload.passed, 1);
    EXPECT_EQ(found.crossings[0].in.payload.passed, 1);
}

TEST(Compare, SegmentsThatWerePutTogetherArePassed) {
    TwoSides sides;
    sides.datagram(true, payload(1));
    const auto whole = payload(7, 400);
    sides.segment(true, syn, 1'000, 0, {});
    sides.segment(false, syn | ack, 5'000, 1'001, {});
    sides.segment(true, ack, 1'001, 5'001, {whole.begin(), whole.begin() + 200}, Way::dies);
    sides.segment(true, ack, 1'201, 5'001, {whole.begin() + 200, whole.end()}, Way::dies);
    sides.segment(true, ack, 1'001, 5'001, whole, Way::made);
    const auto found = sides.compare();
    ASSERT_EQ(found.crossings.size(), 2);
    EXPECT_EQ(found.crossings[1].out.payload.passed, 2);
    EXPECT_EQ(found.crossings[1].out.packets.died, 0);
    EXPECT_EQ(found.crossings[1].out.packets.made, 0);
}

TEST(Compare, ADatagramThatAGatewayRewroteIsTheSame) {
    TwoSides sides;
    sides.datagram(true, payload(1));
    sides.datagram(true, payload(2, 80), Way::dies);
    sides.datagram(true, payload(3, 90), Way::made);  // 5 ms later, with another payload
    const auto found = sides.compare();
    EXPECT_EQ(found.crossings.at(0).out.rewritten, 1);
    EXPECT_EQ(found.crossings[0].out.packets.died, 0);
}

TEST(Compare, AMappingThatChangesIsKept) {
    TwoSides sides;
    sides.datagram(true, payload(1));
    sides.wait(seconds{40});
    const auto first = sides.mapped;
    sides.mapped = endpoint("198.51.100.1", 61'777);
    sides.datagram(true, payload(2));
    const auto found = sides.compare();
    ASSERT_EQ(found.crossings.at(0).mappings.size(), 2);
    EXPECT_EQ(found.crossings[0].mappings[0].client, first);
    EXPECT_EQ(found.crossings[0].mappings[1].client, sides.mapped);
    EXPECT_EQ(found.crossings[0].out.packets.passed, 3);
}

TEST(Compare, RefusesTheSameCaptureTwice) {
    TwoSides same(base::Duration{}, base::Duration{});
    same.hops = 0;
    same.mapped = same.client;
    same.datagram(true, payload(1));
    EXPECT_THAT(error_of(same), HasSubstr("one and the same capture"));
}

TEST(Compare, RefusesTheWrongWayRound) {
    TwoSides sides;
    for (std::uint8_t i = 0; i < 10; ++i) {
        sides.datagram(true, payload(static_cast<std::uint8_t>(2 * i)));
        sides.datagram(false, payload(static_cast<std::uint8_t>(2 * i + 1)));
    }
    EXPECT_THAT(error_of(sides, true), HasSubstr("the wrong way round"));
}

TEST(Compare, RefusesCapturesWithoutACommonPacket) {
    inspect::test::Scene inside;
    inspect::test::Scene outside;
    Recorder inner;
    Recorder outer;
    // The last packet refers to what was sent.
    const auto first = payload(1);
    const auto second = payload(2);
    inside.udp(endpoint("10.0.0.1", 1'000), endpoint("203.0.113.9", 53), first);
    inner.take(inside.last());
    outside.wait(seconds{90});
    outside.udp(endpoint("198.51.100.1", 1'000), endpoint("203.0.113.9", 53), second);
    outer.take(outside.last());
    const auto& inner_facts = inside.finish();
    const auto& outer_facts = outside.finish();
    inner.assign(inner_facts);
    outer.assign(outer_facts);
    try {
        compare({inner_facts, inner}, {outer_facts, outer});
        FAIL() << "compared";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("do not overlap in time"));
    }
}

TEST(Compare, MirrorCopiesCountOnce) {
    TwoSides sides;
    for (std::uint8_t i = 0; i < 4; ++i) {
        const auto octets = payload(i);
        auto packet = inspect::test::Scene::ip(sides.client, sides.server);
        packet.transport = wire::TransportKind::udp;
        packet.protocol = wire::ip_protocol::udp;
        packet.ip_id = static_cast<std::uint16_t>(700 + i);
        inspect::test::Scene::set_payload(packet, octets, 28);
        sides.wait(milliseconds{20});
        sides.play_inside(packet);
        packet.hop_limit = 63;
        sides.play_inside(packet);
        sides.play_outside(sides.translated(packet, true));
    }
    const auto found = sides.compare();
    EXPECT_EQ(found.crossings.at(0).out.packets.entered, 5);
    EXPECT_EQ(found.crossings[0].out.packets.died, 0);
}

}  // namespace
}  // namespace turnpike::compare
