// What an inspector hands over while an observation goes on.
#include "turnpike/inspect/harvest.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"

namespace turnpike::inspect::test {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 3'478);
const base::Endpoint web = endpoint("192.0.2.2", 443);
const base::Endpoint resolver = endpoint("10.0.0.1", 53);

/// A live observation without a look-ahead, but for the very first packet.
Options live() {
    Options options;
    options.hash_seed = 1;
    options.harvested = true;
    options.look_ahead_packets = 1;
    return options;
}

class HarvestTest : public ::testing::Test {
  protected:
    explicit HarvestTest(const Options& options = live()) : scene_(options) {}

    Harvest harvest() { return scene_.inspector().harvest(scene_.now()); }
    /// As many harvests as it takes to look at every flow.
    std::vector<HarvestedFlow> ended() {
        std::vector<HarvestedFlow> result;
        for (int i = 0; i < 9; ++i) {
            for (auto& flow : harvest().flows) {
                if (flow.ended) {
                    result.push_back(std::move(flow));
                }
            }
        }
        return result;
    }

    Scene scene_;
};

// ---- what it carries

TEST_F(HarvestTest, CarriesTheFlowsThatChangedAndNoOthers) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    scene_.udp(endpoint("10.0.0.6", 50'000), server, stun_message(binding_request, 2));
    auto first = harvest();
    ASSERT_EQ(first.flows.size(), 2U);
    EXPECT_FALSE(first.flows[0].ended);
    EXPECT_EQ(first.flows[0].flow.client().endpoint, client);
    EXPECT_EQ(first.flows_followed, 2U);
    EXPECT_THAT(harvest().flows, IsEmpty());
    scene_.udp(server, client, stun_message(binding_success, 1));
    auto later = harvest();
    ASSERT_EQ(later.flows.size(), 1U);
    EXPECT_EQ(later.flows[0].flow.id, first.flows[0].flow.id);
    EXPECT_EQ(later.flows[0].flow.server().packets, 1U);
    EXPECT_EQ(later.flows[0].flow.server_of(*later.flows[0].flow.stun).responses, 1U);
    EXPECT_EQ(later.flows_followed, 2U);
}

TEST_F(HarvestTest, RowsKeepTheirIdsWhenTheyAreAnsweredLater) {
    scene_.udp(client, resolver, dns_query(7, "a.example"));
    scene_.udp(client, server, stun_message(binding_request, 1));
    const auto asked = harvest();
    ASSERT_EQ(asked.rows.of<facts::DnsKind>().size(), 1U);
    ASSERT_EQ(asked.rows.of<facts::StunKind>().size(), 1U);
    EXPECT_FALSE(asked.rows.of<facts::DnsKind>()[0].row.response);
    scene_.wait(seconds{2});
    scene_.udp(resolver, client, dns_answer(7, "a.example", 0, {"192.0.2.1"}));
    scene_.udp(server, client, stun_message(binding_success, 1));
    const auto answered = harvest();
    ASSERT_EQ(answered.rows.of<facts::DnsKind>().size(), 1U);
    EXPECT_EQ(answered.rows.of<facts::DnsKind>()[0].row.id,
              asked.rows.of<facts::DnsKind>()[0].row.id);
    EXPECT_EQ(answered.rows.of<facts::DnsKind>()[0].flow, asked.rows.of<facts::DnsKind>()[0].flow);
    EXPECT_TRUE(answered.rows.of<facts::DnsKind>()[0].row.response);
    ASSERT_EQ(answered.rows.of<facts::StunKind>().size(), 1U);
    EXPECT_EQ(answered.rows.of<facts::StunKind>()[0].row.id,
              asked.rows.of<facts::StunKind>()[0].row.id);
    EXPECT_EQ(answered.rows.of<facts::StunKind>()[0].row.outcome, facts::StunOutcome::success);
    const auto nothing = harvest();
    EXPECT_THAT(nothing.rows.of<facts::DnsKind>(), IsEmpty());
    EXPECT_THAT(nothing.rows.of<facts::StunKind>(), IsEmpty());
}

TEST_F(HarvestTest, RowsNameTheirFlow) {
    scene_.udp(endpoint("10.0.0.9", 5'000), resolver, dns_query(1, "a.example"));
    Connection connection(scene_, client, web);
    connection.open();
    connection.send(0, tls_client_hello("b.example"));
    scene_.icmp("10.0.0.254", "10.0.0.9", 3, 13, endpoint("10.0.0.9", 5'000), resolver,
                wire::ip_protocol::udp);
    const auto seen = harvest();
    std::map<std::string, std::uint64_t> flows;
    for (const auto& harvested : seen.flows) {
        flows[to_string(harvested.flow.client().address())] = harvested.flow.id;
    }
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(seen.rows.of<facts::DnsKind>().at(0).flow, flows["10.0.0.9"]);
    EXPECT_EQ(seen.rows.of<facts::IcmpKind>().at(0).flow, flows["10.0.0.9"]);
    EXPECT_EQ(seen.rows.of<facts::HelloKind>().at(0).flow, flows["10.0.0.5"]);
    EXPECT_EQ(seen.rows.of<facts::HelloKind>().at(0).row.sni, "b.example");
    EXPECT_THAT(harvest().rows.of<facts::HelloKind>(), IsEmpty()) << "a hello never changes";
}

TEST_F(HarvestTest, StreamsComeWithTheirStatisticsWhileTheyGoOn) {
    for (unsigned round = 1; round <= 3; ++round) {
        for (unsigned i = 0; i < 10; ++i) {
            const unsigned sequence = round * 10 + i;
            scene_.udp(client, server, rtp(0, sequence, sequence * 160, 7));
        }
        const auto seen = harvest();
        ASSERT_EQ(seen.rows.of<facts::RtpKind>().size(), 1U);
        EXPECT_EQ(seen.rows.of<facts::RtpKind>()[0].row.id, 1U);
        EXPECT_EQ(seen.rows.of<facts::RtpKind>()[0].row.packets, round * 10);
    }
    EXPECT_THAT(harvest().rows.of<facts::RtpKind>(), IsEmpty());
}

TEST_F(HarvestTest, RowsComeAgainWhenTheirFlowTurnsOutToGoTheOtherWay) {
    // Nothing tells who is the client until the far end sends a TURN request.
    const auto far = endpoint("198.51.100.7", 41'000);
    const auto near = endpoint("10.0.0.5", 40'000);
    scene_.udp(far, near, Octets(20, 0x77));
    scene_.icmp("10.0.0.254", "198.51.100.7", 3, 13, far, near, wire::ip_protocol::udp);
    const auto before = harvest();
    ASSERT_EQ(before.rows.of<facts::IcmpKind>().size(), 1U);
    const auto guessed = before.flows.at(0).flow.client().endpoint;
    const auto other = guessed == far ? near : far;
    scene_.udp(other, guessed, stun_message(allocate_request, 1));
    const auto after = harvest();
    EXPECT_EQ(after.flows.at(0).flow.client().endpoint, other);
    ASSERT_EQ(after.rows.of<facts::IcmpKind>().size(), 1U) << "its direction is another now";
    EXPECT_EQ(after.rows.of<facts::IcmpKind>()[0].row.id,
              before.rows.of<facts::IcmpKind>()[0].row.id);
}

TEST_F(HarvestTest, QualityIsSinceTheStart) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    EXPECT_EQ(harvest().quality.packets, 1U);
    scene_.other_frame();
    scene_.inspector().malformed("ipv4", base::ParseError::truncated);
    const auto quality = harvest().quality;
    EXPECT_EQ(quality.packets, 2U);
    EXPECT_EQ(quality.non_ip, 1U);
    EXPECT_EQ(quality.malformed, 1U);
    ASSERT_EQ(quality.problems.size(), 1U);
    EXPECT_EQ(quality.problems[0].protocol, "ipv4");
}

// ---- the end of flows

TEST_F(HarvestTest, AFlowThatEndedComesOnceMoreAndNeverAgain) {
    Connection connection(scene_, client, web);
    connection.open();
    connection.rst(1);
    harvest();
    scene_.wait(seconds{60});
    const auto over = ended();
    ASSERT_EQ(over.size(), 1U);
    EXPECT_TRUE(over[0].flow.server_of(*over[0].flow.tcp).rst->at)
        << "with all that was seen of it";
    EXPECT_EQ(over[0].flow.client().packets, 2U);
    EXPECT_THAT(ended(), IsEmpty());
    EXPECT_EQ(harvest().flows_followed, 0U);
}

TEST_F(HarvestTest, WhoTakesThePlaceOfAnEndedFlowIsAnotherFlow) {
    scene_.udp(client, resolver, dns_query(1, "a.example"));
    const auto first = harvest();
    scene_.wait(hours{1});
    ASSERT_EQ(ended().size(), 1U);
    scene_.udp(client, resolver, dns_query(1, "a.example"));
    const auto second = harvest();
    ASSERT_EQ(second.flows.size(), 1U);
    EXPECT_GT(second.flows[0].flow.id, first.flows[0].flow.id);
    EXPECT_EQ(second.flows[0].flow.client().packets, 1U);
    ASSERT_EQ(second.rows.of<facts::DnsKind>().size(), 1U);
    EXPECT_GT(second.rows.of<facts::DnsKind>()[0].row.id,
              first.rows.of<facts::DnsKind>()[0].row.id);
    EXPECT_EQ(second.rows.of<facts::DnsKind>()[0].row.sends, 1U)
        << "an hour later it is another question";
}

TEST_F(HarvestTest, AnEndAndANewBeginningOfOneTupleComeTogether) {
    Connection connection(scene_, client, web);
    connection.open();
    connection.rst(0);
    connection.restart(9'000'000);
    connection.open();
    const auto seen = harvest();
    ASSERT_EQ(seen.flows.size(), 2U);
    std::map<bool, std::uint64_t> id;
    for (const auto& harvested : seen.flows) {
        id[harvested.ended] = harvested.flow.id;
    }
    ASSERT_EQ(id.size(), 2U);
    EXPECT_LT(id[true], id[false]);
}

TEST_F(HarvestTest, AnErrorAboutAFlowThatIsOverBeginsAnother) {
    constexpr std::uint8_t unreachable = 3;
    scene_.udp(client, resolver, dns_query(1, "a.example"));
    scene_.udp(resolver, client, dns_answer(1, "a.example", 3));
    harvest();
    scene_.wait(seconds{9});
    scene_.icmp("10.0.0.5", "10.0.0.1", unreachable, unreachable, resolver, client,
                wire::ip_protocol::udp);
    const auto seen = harvest();
    ASSERT_EQ(seen.flows.size(), 2U);
    ASSERT_EQ(seen.rows.of<facts::IcmpKind>().size(), 1U);
    const auto& fresh = seen.flows[seen.flows[0].ended ? 1 : 0].flow;
    EXPECT_EQ(seen.rows.of<facts::IcmpKind>()[0].flow, fresh.id);
}

TEST_F(HarvestTest, TheEndOfTheObservationEndsEverything) {
    scene_.udp(client, resolver, dns_query(1, "a.example"));
    Connection connection(scene_, client, web);
    connection.open();
    scene_.inspector().finish();
    const auto last = harvest();
    ASSERT_EQ(last.flows.size(), 2U);
    EXPECT_TRUE(last.flows[0].ended && last.flows[1].ended);
    EXPECT_EQ(last.flows_followed, 0U);
    EXPECT_EQ(last.rows.of<facts::DnsKind>().size(), 1U);
}

/// How long a flow may be silent before it is over.
struct IdleLimit {
    std::string name;
    base::Duration limit;
    void (*play)(Scene& scene);
};

class IdleLimits : public HarvestTest, public ::testing::WithParamInterface<IdleLimit> {};

TEST_P(IdleLimits, EndAFlowThenAndNotBefore) {
    GetParam().play(scene_);
    scene_.wait(GetParam().limit);
    EXPECT_THAT(ended(), IsEmpty());
    EXPECT_EQ(harvest().flows_followed, 1U);
    scene_.wait(milliseconds{1});
    EXPECT_EQ(ended().size(), 1U);
    EXPECT_EQ(harvest().flows_followed, 0U);
}

// Workers with few flows sweep sooner than others.
TEST_P(IdleLimits, PacketsBehindThemBeginAnotherFlowThoughNoSweepCameBy) {
    GetParam().play(scene_);
    const auto first = harvest();
    scene_.wait(GetParam().limit + milliseconds{1});
    GetParam().play(scene_);
    const auto seen = harvest();
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_NE(seen.flows[0].ended, seen.flows[1].ended);
    EXPECT_EQ(seen.flows_followed, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Of, IdleLimits,
    ::testing::Values(IdleLimit{"AnsweredUdp", seconds{120},
                                [](Scene& scene) {
                                    scene.udp(client, server, stun_message(binding_request, 1));
                                    scene.udp(server, client, stun_message(binding_success, 1));
                                }},
                      IdleLimit{"UnansweredUdp", seconds{120},
                                [](Scene& scene) {
                                    scene.udp(client, server, stun_message(binding_request, 1));
                                }},
                      IdleLimit{"AnsweredDns", seconds{8},
                                [](Scene& scene) {
                                    scene.udp(client, resolver, dns_query(1, "a.example"));
                                    scene.udp(resolver, client, dns_answer(1, "a.example", 3));
                                }},
                      IdleLimit{"UnansweredDns", seconds{40},
                                [](Scene& scene) {
                                    scene.udp(client, resolver, dns_query(1, "a.example"));
                                }},
                      IdleLimit{"AnsweredTcp", hours{1},
                                [](Scene& scene) { Connection(scene, client, web).open(); }},
                      IdleLimit{"UnansweredTcp", seconds{130},
                                [](Scene& scene) { Connection(scene, client, web).syn(); }},
                      IdleLimit{"ResetTcp", seconds{8},
                                [](Scene& scene) {
                                    Connection connection(scene, client, web);
                                    connection.syn();
                                    connection.rst(1);
                                }},
                      IdleLimit{"TcpThatBothSidesFinished", seconds{8},
                                [](Scene& scene) {
                                    Connection connection(scene, client, web);
                                    connection.open();
                                    connection.fin(0);
                                    connection.fin(1);
                                }},
                      IdleLimit{"HalfClosedTcp", hours{1},
                                [](Scene& scene) {
                                    Connection connection(scene, client, web);
                                    connection.open();
                                    connection.fin(0);
                                    connection.ack(1);
                                }}),
    [](const auto& parameter) { return parameter.param.name; });

// ---- the look-ahead

TEST(HarvestLookAhead, PacketsHeldBackComeWhenTheClockHasPassed) {
    Options options = live();
    options.look_ahead_packets = 1'000;
    Scene scene(options);
    scene.udp(client, server, stun_message(binding_request, 1));
    const auto began = scene.now();
    EXPECT_THAT(scene.inspector().harvest(began + milliseconds{1'999}).flows, IsEmpty());
    EXPECT_EQ(scene.inspector().harvest(began + seconds{2}).flows.size(), 1U)
        << "without another packet";
}

TEST(HarvestLookAhead, IsOneForAllWorkersWhoeverSeesTheFirstPacket) {
    Options options = live();
    options.look_ahead_packets = 1'000;
    options.shared_look_ahead = std::make_shared<LookAhead>();
    Scene one(options);
    Scene other(options);
    Scene late(options);
    EXPECT_FALSE(options.shared_look_ahead->end());
    one.udp(client, server, stun_message(binding_request, 1));
    const auto end = one.now() + seconds{2};
    EXPECT_EQ(options.shared_look_ahead->end(), end);
    other.wait(seconds{1});
    other.udp(client, server, stun_message(binding_request, 1));
    EXPECT_EQ(options.shared_look_ahead->end(), end) << "the first one decided";
    EXPECT_THAT(other.inspector().harvest(end - milliseconds{1}).flows, IsEmpty());
    EXPECT_EQ(other.inspector().harvest(end).flows.size(), 1U);
    late.jump(end + seconds{5});
    late.udp(client, server, stun_message(binding_request, 1));
    EXPECT_EQ(late.inspector().harvest(late.now()).flows.size(), 1U)
        << "whose first packet comes later looks ahead no more";
}

// ---- losses

TEST_F(HarvestTest, LossesAreCountedAndStandWithTheirTimes) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    const auto now = scene_.now();
    scene_.inspector().lost(5, now + seconds{10}, now + milliseconds{10'100});
    scene_.inspector().lost(2, now + seconds{60}, now + milliseconds{60'100});
    const auto quality = harvest().quality;
    EXPECT_EQ(quality.dropped, 7U);
    std::vector<base::Duration> times;
    for (const auto& loss : quality.losses) {
        times.push_back(loss.from - now);
        times.push_back(loss.to - now);
    }
    EXPECT_THAT(times,
                ElementsAre(seconds{10}, milliseconds{10'100}, seconds{60}, milliseconds{60'100}));
}

/// The longest time without a loss within [from, to].
base::Duration widest_gap(const facts::CaptureQuality& quality, base::Timestamp from,
                          base::Timestamp to) {
    base::Duration widest{};
    for (const auto& loss : quality.losses) {
        if (loss.to >= from && loss.from <= to) {
            widest = std::max(widest, loss.from - from);
            from = loss.to;
        }
    }
    return std::max(widest, to - from);
}

TEST_F(HarvestTest, AnHourOfLossesIsRememberedAsLongAsAFlowMayWaitForItsVerdict) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    const auto from = scene_.now();
    for (int i = 0; i < 36'000; ++i) {  // the counters are asked ten times a second
        scene_.wait(milliseconds{100});
        scene_.inspector().lost(3, scene_.now() - milliseconds{100}, scene_.now());
    }
    const auto quality = harvest().quality;
    EXPECT_EQ(quality.dropped, 3U * 36'000);
    EXPECT_LE(widest_gap(quality, from, scene_.now()), seconds{1})
        << "no silence of three seconds fits in between";
}

TEST_F(HarvestTest, WeeksOfLossesStayBounded) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    for (int i = 0; i < 100'000; ++i) {
        scene_.wait(seconds{5});
        scene_.inspector().lost(1, scene_.now() - milliseconds{100}, scene_.now());
    }
    const auto quality = harvest().quality;
    EXPECT_LT(quality.losses.size(), 10'000U);
    EXPECT_EQ(quality.losses.back().to, scene_.now()) << "the newest are there";
    EXPECT_EQ(quality.dropped, 100'000U);
}

TEST_F(HarvestTest, ALossAtATimeThatIsNotKnownWellLeavesNoSilenceUntouched) {
    scene_.udp(client, server, stun_message(binding_request, 1));
    const auto from = scene_.now() + seconds{10};
    scene_.inspector().lost(9, from, from + seconds{30});  // the process was suspended
    EXPECT_LE(widest_gap(harvest().quality, from, from + seconds{30}), seconds{1});
}

// ---- too many

class TooManyFlows : public HarvestTest {
  protected:
    static Options few() {
        Options options = live();
        options.max_flows = 10;
        return options;
    }
    TooManyFlows() : HarvestTest(few()) {}

    void begin(unsigned number) {
        scene_.udp(endpoint("10.0.0.5", static_cast<std::uint16_t>(10'000 + number)), server,
                   stun_message(binding_request, number));
    }
};

TEST_F(TooManyFlows, AreFinishedAndHandedOverAndCounted) {
    std::map<std::uint64_t, bool> ended_by_id;
    std::uint64_t packets = 0;
    for (unsigned i = 0; i < 100; ++i) {
        begin(i);
        if (i % 7 == 0 || i == 99) {
            const auto seen = harvest();
            EXPECT_LE(seen.flows_followed, 10U);
            for (const auto& harvested : seen.flows) {
                EXPECT_FALSE(ended_by_id[harvested.flow.id]) << "after its end";
                ended_by_id[harvested.flow.id] = harvested.ended;
                packets += harvested.ended ? harvested.flow.client().packets : 0;
            }
        }
    }
    ASSERT_EQ(ended_by_id.size(), 100U) << "every one of them was seen";
    EXPECT_EQ(std::ranges::count(ended_by_id, true, [](const auto& flow) { return flow.second; }),
              90);
    EXPECT_EQ(packets, 90U);
    const auto quality = harvest().quality;
    const auto evicted = std::ranges::find_if(quality.problems, [](const auto& problem) {
        return problem.protocol == "flow" && problem.reason == "evicted to make room";
    });
    ASSERT_NE(evicted, quality.problems.end());
    EXPECT_EQ(evicted->count, 90U);
}

TEST_F(TooManyFlows, TakeTheirRowsWithThem) {
    std::size_t rows = 0;
    for (unsigned i = 0; i < 100; ++i) {
        begin(i);
        if (i % 7 == 0 || i == 99) {
            rows += harvest().rows.of<facts::StunKind>().size();
        }
    }
    // A row comes when it is new and, if that was in another harvest, with its flow's end.
    EXPECT_GE(rows, 100U);
    EXPECT_LE(rows, 200U);
    EXPECT_LE(scene_.inspector().observation().stun.size(), 10U + 8U) << "places are used again";
    EXPECT_LE(scene_.inspector().observation().flows.size(), 10U + 8U);
}

TEST(TooManyRecords, AreCountedWhereTheyCannotBeKept) {
    Options options = live();
    options.max_recorded = 10;
    Scene scene(options);
    for (std::uint16_t i = 0; i < 30; ++i) {
        scene.udp(endpoint("10.0.0.5", 10'000 + i), server, stun_message(binding_request, i));
    }
    const auto seen = scene.inspector().harvest(scene.now());
    EXPECT_EQ(seen.flows.size(), 10U);
    ASSERT_EQ(seen.quality.problems.size(), 1U);
    EXPECT_EQ(seen.quality.problems[0].reason, "too many to record");
    EXPECT_EQ(seen.quality.problems[0].count, 20U);
}

// ---- long flows

TEST_F(HarvestTest, AResolversLongFlowForgetsItsOldQuestions) {
    const auto forwarder = endpoint("10.0.0.2", 53);
    std::uint64_t answered = 0;
    for (unsigned i = 0; i < 600; ++i) {  // ten minutes on one 5-tuple
        scene_.wait(seconds{1});
        scene_.udp(forwarder, resolver, dns_query(i, fmt::format("n{}.example", i)));
        scene_.udp(resolver, forwarder,
                   dns_answer(i, fmt::format("n{}.example", i), 0, {"192.0.2.9"}));
        const auto seen = harvest();
        for (const auto& row : seen.rows.of<facts::DnsKind>()) {
            answered += row.row.response ? 1U : 0U;
        }
    }
    EXPECT_EQ(answered, 600U);
    EXPECT_LT(scene_.inspector().observation().dns.size(), 20U);
    EXPECT_EQ(harvest().flows_followed, 1U);
}

TEST_F(HarvestTest, AClientThatAsksInVainForHoursStaysBounded) {
    std::map<std::uint64_t, bool> rows;
    for (unsigned i = 0; i < 3'600; ++i) {
        scene_.wait(seconds{1});
        scene_.udp(client, server, stun_message(binding_request, i));
        const auto seen = harvest();
        for (const auto& row : seen.rows.of<facts::StunKind>()) {
            rows[row.row.id] = true;
        }
    }
    EXPECT_EQ(rows.size(), 3'600U) << "each was handed over";
    EXPECT_LT(scene_.inspector().observation().stun.size(), 400U);
    scene_.udp(client, server, stun_message(binding_request, 9'999));
    const Harvest last = harvest();
    const facts::Flow& flow = last.flows.at(0).flow;
    EXPECT_EQ(flow.client_of(*flow.stun).requests, 3'601U) << "sums go on";
}

}  // namespace
}  // namespace turnpike::inspect::test
