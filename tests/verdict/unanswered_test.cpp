// What nobody answers by design.
#include "verdict/unanswered.h"

#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;

facts::Flow to(std::string_view server, std::uint16_t port,
               facts::Transport transport = facts::Transport::udp) {
    facts::Flow flow;
    flow.transport = transport;
    flow.client().endpoint = {address("192.168.10.21"), 50'000};
    flow.server().endpoint = {address(server), port};
    return flow;
}

TEST(Unanswered, GroupsAndBroadcastsDoNotAnswer) {
    EXPECT_TRUE(expects_no_answer(to("239.1.2.3", 40'000)));
    EXPECT_TRUE(expects_no_answer(to("ff02::fb", 40'000)));
    EXPECT_TRUE(expects_no_answer(to("255.255.255.255", 40'000)));
    EXPECT_FALSE(expects_no_answer(to("203.0.113.1", 40'000)));
}

TEST(Unanswered, TheLastAddressOfAPrivateNetworkIsItsBroadcast) {
    EXPECT_TRUE(expects_no_answer(to("192.168.10.255", 40'000)));
    EXPECT_FALSE(expects_no_answer(to("192.168.10.254", 40'000)));
    EXPECT_FALSE(expects_no_answer(to("203.0.113.255", 40'000))) << "a public host may have it";
}

TEST(Unanswered, TheLinkTellsABroadcastOfAnySize) {
    auto flow = to("203.0.113.127", 40'000);
    EXPECT_FALSE(expects_no_answer(flow));
    flow.to_group = true;
    EXPECT_TRUE(expects_no_answer(flow));
    flow.server().endpoint.address = address("203.0.113.126");
    EXPECT_FALSE(expects_no_answer(flow)) << "a flooded frame to one host";
}

TEST(Unanswered, ServicesThatOnlyAnnounceOrReport) {
    for (const auto port : std::initializer_list<std::uint16_t>{67, 138, 162, 514, 1900, 2055, 4739,
                                                                5353, 5355, 6343, 8125}) {
        EXPECT_TRUE(expects_no_answer(to("203.0.113.1", port))) << port;
        EXPECT_FALSE(expects_no_answer(to("203.0.113.1", port, facts::Transport::tcp))) << port;
    }
    for (const auto port : std::initializer_list<std::uint16_t>{53, 123, 443, 3478, 161}) {
        EXPECT_FALSE(expects_no_answer(to("203.0.113.1", port))) << port;
    }
}

TEST(Unanswered, TheirSilenceIsNoBlock) {
    ObservationBuilder built;
    for (const auto port : std::initializer_list<std::uint16_t>{514, 515}) {
        auto& flow = built.flow(facts::Transport::udp, "192.168.10.21", "203.0.113.1", port);
        for (const double time : {0, 1, 2}) {
            ObservationBuilder::datagram(flow, flow.client_side, built.mark(time));
        }
    }
    built.goes_on_until(20);
    const auto result = evaluate(built.observation, std::vector<const catalog::Revision*>{});
    EXPECT_EQ(result.flows[0].inconclusive, InconclusiveReason::no_answer_expected);
    EXPECT_EQ(result.flows[1].reason, BlockReason::udp_timeout);
}

}  // namespace
}  // namespace turnpike::verdict
