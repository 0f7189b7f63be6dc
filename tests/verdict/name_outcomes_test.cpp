// What questions to resolvers say about names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;
using ::testing::ElementsAre;

constexpr auto client = "192.168.10.21";
constexpr std::uint16_t no_error = 0, servfail = 2, nxdomain = 3, refused = 5;  // RFC 1035 4.1.1

class NameOutcomesTest : public ::testing::Test {
  protected:
    NameOutcomesTest()
        : revision_(
              revision("acme", "calls",
                       {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                        rule("media", {port(Transport::udp, 3478)}, {"turn.acme.example.com"})})) {}
    facts::DnsQuery& failed(std::string_view name, std::uint16_t rcode = nxdomain,
                            double when = 0) {
        return built_.query(name, when, {}, client, 0, rcode);
    }
    facts::DnsQuery& unanswered(std::string_view name, double when = 0) {
        auto& query = built_.query(name, when, {}, client);
        query.response = {};
        query.rcode.reset();
        return query;
    }
    [[nodiscard]] RunResult evaluate() {
        return verdict::evaluate(built_.observation, {&revision_});
    }
    [[nodiscard]] NameOutcome outcome(std::string_view name) {
        return *evaluate().names.find(name);
    }

    catalog::Revision revision_;
    ObservationBuilder built_;
};

// ---- what the zone itself says

TEST_F(NameOutcomesTest, AZoneThatKnowsNoSuchNameBlocksNothing) {
    failed("gone.acme.example.com").set_zone("example.com");
    built_.goes_on_until(20);
    const auto result = evaluate();
    EXPECT_TRUE(result.names.find("gone.acme.example.com")->zone_says_no);
    EXPECT_EQ(result.requirements[0].status, Status::unmatched);
    EXPECT_EQ(result.domains[0].reason, BlockReason::none);
    EXPECT_THAT(result.domains[0].notes, ElementsAre("zone_says_no gone.acme.example.com"));
}

TEST_F(NameOutcomesTest, AZoneAboveTheNamesOwnIsAResolversIdea) {
    for (const char* const authority : {"com", "", "other.example.com", "ample.com"}) {
        built_ = {};
        failed("gone.acme.example.com").set_zone(authority);
        EXPECT_EQ(outcome("gone.acme.example.com").reason, BlockReason::dns_nxdomain) << authority;
        EXPECT_EQ(evaluate().requirements[0].status, Status::blocked) << authority;
    }
}

TEST_F(NameOutcomesTest, ANameThatTheDocumentPromisesIsBlocked) {
    failed("turn.acme.example.com").set_zone("example.com");
    const auto result = evaluate();
    EXPECT_FALSE(result.names.find("turn.acme.example.com")->zone_says_no);
    EXPECT_EQ(result.requirements[1].status, Status::blocked);
    EXPECT_EQ(result.requirements[1].reason, BlockReason::dns_nxdomain);
}

TEST_F(NameOutcomesTest, TheZoneOutweighsLossesRefusalsAndCaches) {
    failed("gone.acme.example.com", servfail);
    failed("gone.acme.example.com", nxdomain, 1);
    EXPECT_EQ(outcome("gone.acme.example.com").reason, BlockReason::dns_nxdomain);
    failed("gone.acme.example.com", nxdomain, 2).set_zone("example.com");
    EXPECT_EQ(outcome("gone.acme.example.com").reason, BlockReason::none);
}

// ---- reasons

TEST_F(NameOutcomesTest, CodesThatRefuse) {
    failed("a.acme.example.com", refused);
    failed("b.acme.example.com", servfail);
    failed("c.acme.example.com", no_error);
    EXPECT_EQ(outcome("a.acme.example.com").reason, BlockReason::dns_refused);
    EXPECT_EQ(outcome("b.acme.example.com").reason, BlockReason::dns_refused);
    EXPECT_EQ(outcome("c.acme.example.com").reason, BlockReason::none) << "no data of this type";
}

TEST_F(NameOutcomesTest, AddressesThatLeadNowhere) {
    built_.query("a.acme.example.com", 0, {"0.0.0.0"});
    built_.query("b.acme.example.com", 0, {"127.0.0.1"});
    built_.query("c.acme.example.com", 0, {"0.0.0.0", "203.0.113.1"});
    EXPECT_EQ(outcome("a.acme.example.com").reason, BlockReason::dns_sinkhole);
    EXPECT_EQ(outcome("b.acme.example.com").reason, BlockReason::dns_sinkhole);
    EXPECT_TRUE(outcome("c.acme.example.com").resolved);
}

TEST_F(NameOutcomesTest, AnExtendedErrorOfAFilterConfirms) {
    failed("a.acme.example.com", no_error).extended_error = 15;
    failed("b.acme.example.com", no_error).extended_error = 14;
    EXPECT_EQ(outcome("a.acme.example.com").reason, BlockReason::dns_sinkhole);
    EXPECT_EQ(outcome("a.acme.example.com").grade, Grade::a);
    EXPECT_EQ(outcome("b.acme.example.com").reason, BlockReason::none);
}

TEST_F(NameOutcomesTest, AnAnswerThatWasCutIsAnAnswer) {
    failed("a.acme.example.com", no_error).answers_cut = true;
    EXPECT_TRUE(outcome("a.acme.example.com").resolved);
}

// ---- silence

TEST_F(NameOutcomesTest, SilenceCountsOnlyWhereWaitingWasRecorded) {
    unanswered("a.acme.example.com");
    built_.goes_on_until(2.9);
    EXPECT_EQ(outcome("a.acme.example.com").undecided, InconclusiveReason::capture_ended);
    built_.goes_on_until(3.1);
    EXPECT_EQ(outcome("a.acme.example.com").reason, BlockReason::dns_timeout);
}

TEST_F(NameOutcomesTest, APacketOfAnotherRecordingShowsNothing) {
    unanswered("a.acme.example.com");
    built_.tap = 1;
    built_.goes_on_until(10);
    EXPECT_EQ(outcome("a.acme.example.com").undecided, InconclusiveReason::capture_ended);
}

TEST_F(NameOutcomesTest, SilenceInALossProvesNothing) {
    unanswered("a.acme.example.com");
    built_.goes_on_until(10);
    built_.observation.quality.losses = {{at(1), at(2)}};
    EXPECT_EQ(outcome("a.acme.example.com").undecided, InconclusiveReason::capture_loss);
}

// ---- controls

TEST_F(NameOutcomesTest, AnotherNameFromTheSameResolverIsAControl) {
    failed("a.acme.example.com", refused, 100);
    EXPECT_EQ(outcome("a.acme.example.com").grade, Grade::c);
    built_.query("www.example.org", 130, {"198.51.100.1"});
    EXPECT_EQ(outcome("a.acme.example.com").grade, Grade::b);
}

TEST_F(NameOutcomesTest, AnotherClientsNameAnotherResolversAndALaterOneAreNone) {
    failed("a.acme.example.com", refused, 100);
    built_.query("www.example.org", 100, {"198.51.100.1"}, "192.168.10.22");
    built_.query("www.example.org", 100, {"198.51.100.1"}).resolver.address = address("9.9.9.9");
    built_.query("www.example.org", 161, {"198.51.100.1"});
    EXPECT_EQ(outcome("a.acme.example.com").grade, Grade::c);
}

TEST_F(NameOutcomesTest, ARowOfTheSameProductIsAControl) {
    failed("turn.acme.example.com", refused, 100);
    built_.connection("203.0.113.1", 443, "api.acme.example.com", 110);
    EXPECT_EQ(outcome("turn.acme.example.com").grade, Grade::b);
}

}  // namespace
}  // namespace turnpike::verdict
