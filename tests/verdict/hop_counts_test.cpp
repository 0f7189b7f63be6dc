// Where a packet came from, told by its hop limit.
#include "verdict/hop_counts.h"

#include <gtest/gtest.h>

#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using namespace support;

TEST(HopCount, IsTheDistanceToTheInitialLimitNextAbove) {
    EXPECT_EQ(hop_count(64), 0);
    EXPECT_EQ(hop_count(52), 12);
    EXPECT_EQ(hop_count(65), 63);
    EXPECT_EQ(hop_count(128), 0);
    EXPECT_EQ(hop_count(115), 13);
    EXPECT_EQ(hop_count(129), 126);
    EXPECT_EQ(hop_count(255), 0);
    EXPECT_EQ(hop_count(243), 12);
}

class HopCountsTest : public ::testing::Test {
  protected:
    /// A connection that the server answered with this hop limit.
    facts::Flow& answered(std::string_view server, std::uint8_t hop_limit) {
        auto& flow = built_.connection(server, 443, "", 0);
        flow.server().hop_limit = hop_limit;
        return flow;
    }
    /// A SYN that somebody reset with this hop limit.
    facts::Flow& reset(std::string_view server, std::uint8_t hop_limit) {
        auto& flow = built_.unanswered_syns(server, 443, 1, 1);
        auto& answering = flow.server_of(flow.tcp.make());
        ObservationBuilder::count(flow.server(), answering.rst.make().at = built_.mark(1.1), false);
        answering.rst.make().hop_limit = hop_limit;
        return flow;
    }
    [[nodiscard]] Distance distance(const facts::Flow& flow) const {
        return HopCounts(built_.observation)
            .compare(flow, flow.server_of(*flow.tcp).rst->hop_limit);
    }
    [[nodiscard]] bool nearer(const facts::Flow& flow) const {
        return HopCounts(built_.observation)
            .nearer_than_servers(flow, flow.server_of(*flow.tcp).rst->hop_limit);
    }

    ObservationBuilder built_;
};

TEST_F(HopCountsTest, WithoutAnotherPacketOfTheServerNothingIsKnown) {
    answered("203.0.113.7", 52);  // another server
    EXPECT_EQ(distance(reset("203.0.113.1", 52)), Distance::unknown);
}

TEST_F(HopCountsTest, WithinOneHopItIsTheServersOwn) {
    answered("203.0.113.1", 52);
    for (const auto hop_limit : std::initializer_list<std::uint8_t>{51, 52, 53}) {
        EXPECT_EQ(distance(reset("203.0.113.1", hop_limit)), Distance::servers_own);
    }
}

TEST_F(HopCountsTest, TwoHopsOffItIsSomebodyElses) {
    answered("203.0.113.1", 52);
    EXPECT_EQ(distance(reset("203.0.113.1", 50)), Distance::elsewhere);
    EXPECT_EQ(distance(reset("203.0.113.1", 54)), Distance::elsewhere);
}

TEST_F(HopCountsTest, AnotherInitialLimitMakesNoDifference) {
    answered("203.0.113.1", 52);
    EXPECT_EQ(distance(reset("203.0.113.1", 116)), Distance::servers_own);
    EXPECT_EQ(distance(reset("203.0.113.1", 243)), Distance::servers_own);
}

TEST_F(HopCountsTest, AServerBehindTwoPathsHasTwoDistances) {
    answered("203.0.113.1", 52);
    answered("203.0.113.1", 47);
    EXPECT_EQ(distance(reset("203.0.113.1", 48)), Distance::servers_own);
    EXPECT_EQ(distance(reset("203.0.113.1", 50)), Distance::elsewhere);
}

TEST_F(HopCountsTest, OtherFlowsComeBeforeTheFlowItself) {
    auto& intercepted = reset("203.0.113.1", 62);
    intercepted.server().hop_limit = 62;  // of a SYN-ACK that the device made as well
    EXPECT_EQ(distance(intercepted), Distance::servers_own) << "nothing else to compare with";
    answered("203.0.113.1", 52);
    EXPECT_EQ(distance(built_.observation.flows[0]), Distance::elsewhere);
}

TEST_F(HopCountsTest, ThreeHopsNearerThanAnyOtherServerIsADeviceOnTheWay) {
    answered("203.0.113.7", 52);
    answered("203.0.113.8", 40);
    EXPECT_TRUE(nearer(reset("203.0.113.1", 55)));
    EXPECT_FALSE(nearer(reset("203.0.113.1", 54)));
}

TEST_F(HopCountsTest, AServerIsNoMeasureOfItself) {
    answered("203.0.113.1", 52);
    EXPECT_FALSE(nearer(reset("203.0.113.1", 62)));
    answered("203.0.113.7", 50);
    EXPECT_TRUE(nearer(built_.observation.flows[1]));
}

TEST_F(HopCountsTest, PrivateServersAreNoMeasureAndAreNotMeasured) {
    answered("10.0.0.9", 50);
    EXPECT_FALSE(nearer(reset("203.0.113.1", 62))) << "no public server answered";
    answered("203.0.113.7", 50);
    EXPECT_TRUE(nearer(built_.observation.flows[1]));
    EXPECT_FALSE(nearer(reset("10.0.0.1", 62)));
}

TEST_F(HopCountsTest, WhoOnlyShookHandsIsNoMeasure) {
    auto& flow = answered("203.0.113.7", 50);
    flow.server().payload_packets = 0;
    EXPECT_FALSE(nearer(reset("203.0.113.1", 62)));
}

}  // namespace
}  // namespace turnpike::verdict
