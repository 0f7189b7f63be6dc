// The course of an audit against firewalls that are functions.
#include "turnpike/probe/audit.h"

#include <gmock/gmock.h>

namespace turnpike::probe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

catalog::PortItem item(catalog::Transport transport, std::uint16_t first, std::uint16_t last) {
    catalog::PortItem port;
    port.transport = transport;
    port.first = first;
    port.last = last;
    port.text =
        first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
    return port;
}

catalog::NamePattern pattern(std::string text) {
    catalog::NamePattern made;
    made.text = std::move(text);
    return made;
}

struct Fixture : testing::Test {
    Fixture() {
        revision.vendor = "acme";
        revision.product = "calls";
        revision.revision = "1";
    }
    catalog::Rule& rule(std::string id) {
        auto& made = revision.rules.emplace_back();
        made.id = std::move(id);
        return made;
    }
    Plan plan() { return make_plan({&revision}, options); }

    catalog::Revision revision;
    PlanOptions options;
};

struct PlanTest : Fixture {};
struct AuditTest : Fixture {
    /// An audit of one UDP range that leads anywhere.
    Audit audit(std::uint16_t first, std::uint16_t last) {
        auto& any = rule("media");
        any.ports = {item(catalog::Transport::udp, first, last)};
        any.destinations.any = true;
        any.expects = {catalog::Expectation::stun};
        options.responder = true;
        return {plan(), {}, {*base::IpAddress::parse("192.0.2.9")}, options};
    }
    static Audit::MakeAll through(const std::function<bool(std::uint16_t)>& passes, int& made) {
        return [passes, &made](const std::vector<Attempt>& attempts) {
            std::vector<Made> results;
            for (const auto& attempt : attempts) {
                ++made;
                Made one;
                one.from = {*base::IpAddress::parse("10.0.0.1"),
                            static_cast<std::uint16_t>(20'000 + made)};
                one.to = attempt.to;
                one.answered = passes(attempt.to.port);
                results.push_back(one);
            }
            return results;
        };
    }
    static bool never() { return false; }
    static std::map<std::uint16_t, bool> outcomes(const Audit& audit) {
        std::map<std::uint16_t, bool> found;
        for (const auto& one : audit.tried()) {
            found[one.attempt.to.port] |= one.made.answered;
        }
        return found;
    }
};

TEST_F(PlanTest, AWildcardWithoutANameIsNotProbed) {
    auto& web = rule("web");
    web.ports = {item(catalog::Transport::tcp, 443, 443)};
    web.destinations.names = {pattern("*.acme.example")};
    const auto made = plan();
    EXPECT_THAT(made.targets, IsEmpty());
    EXPECT_THAT(made.not_probed, ElementsAre(HasSubstr("no name below *.acme.example is known")));
}

TEST_F(PlanTest, NamesOfTheUserAndOfTheDocumentAreTried) {
    auto& web = rule("web");
    web.ports = {item(catalog::Transport::tcp, 443, 443)};
    web.destinations.names = {pattern("*.acme.example"), pattern("turn.acme.example")};
    options.names = {"a.acme.example", "b.elsewhere.example"};
    const auto made = plan();
    ASSERT_THAT(made.targets, SizeIs(2));
    EXPECT_EQ(made.targets[0].place.name, "turn.acme.example");
    EXPECT_EQ(made.targets[1].place.name, "a.acme.example");
    EXPECT_TRUE(made.targets[1].answer_is_due);
    EXPECT_EQ(made.targets[1].speech, Speech::tls);
}

TEST_F(PlanTest, NamesThatTheEntryGivesForAPatternAreTried) {
    auto& web = rule("web");
    web.ports = {item(catalog::Transport::tcp, 443, 443)};
    web.destinations.names = {pattern("*.acme.example")};
    web.probe_names = {"www.acme.example"};
    const auto made = plan();
    ASSERT_THAT(made.targets, SizeIs(1));
    EXPECT_EQ(made.targets[0].place.name, "www.acme.example");
    EXPECT_TRUE(made.targets[0].answer_is_due);
}

TEST_F(PlanTest, ANameIsTriedForTheRowThatCoversItMostSpecifically) {
    auto& web = rule("web");
    web.ports = {item(catalog::Transport::tcp, 443, 443), item(catalog::Transport::tcp, 80, 80)};
    web.destinations.names = {pattern("*.acme.example")};
    auto& relay = rule("relay");
    relay.ports = {item(catalog::Transport::tcp, 400, 500)};
    relay.destinations.names = {pattern("*.turn.acme.example")};
    options.names = {"a.turn.acme.example"};
    const auto made = plan();
    for (const auto& target : made.targets) {
        ASSERT_THAT(target.rows, SizeIs(1));
        EXPECT_EQ(target.rows[0].rule->id, target.port == 80 ? "web" : "relay") << target.port;
    }
    EXPECT_THAT(made.not_probed, ElementsAre(HasSubstr("web, tcp 443: no name below")));
}

TEST_F(PlanTest, WhatLeadsAnywhereNeedsAResponder) {
    auto& any = rule("media");
    any.ports = {item(catalog::Transport::udp, 1024, 65'535)};
    any.destinations.any = true;
    any.expects = {catalog::Expectation::rtp};
    EXPECT_THAT(plan().not_probed, ElementsAre(HasSubstr("give --responder")));
    options.responder = true;
    const auto made = plan();
    EXPECT_THAT(made.not_probed, IsEmpty());
    EXPECT_THAT(made.targets, SizeIs(options.sample));
    EXPECT_THAT(made.ranges, SizeIs(1));
    EXPECT_EQ(made.targets.front().speech, Speech::rtp);
}

TEST_F(PlanTest, RowsThatNeedTheSameAreTriedOnce) {
    for (const auto* const id : {"one", "two"}) {
        auto& web = rule(id);
        web.ports = {item(catalog::Transport::tcp, 443, 443)};
        web.destinations.names = {pattern("a.acme.example")};
    }
    const auto made = plan();
    ASSERT_THAT(made.targets, SizeIs(1));
    EXPECT_THAT(made.targets[0].rows, SizeIs(2));
}

TEST_F(PlanTest, AnAddressPickedFromANetworkOwesNoAnswer) {
    auto& turn = rule("turn");
    turn.ports = {item(catalog::Transport::udp, 3478, 3478)};
    turn.destinations.prefixes = {*base::Prefix::parse("192.0.2.0/24"),
                                  *base::Prefix::parse("198.51.100.7/32")};
    turn.expects = {catalog::Expectation::turn};
    const auto made = plan();
    ASSERT_THAT(made.targets, SizeIs(2));
    EXPECT_FALSE(made.targets[0].answer_is_due);
    EXPECT_TRUE(made.targets[1].answer_is_due) << "one host that the document names";
}

TEST_F(PlanTest, WhatIsOpenedFromOutsideIsNotProbed) {
    auto& downstream = rule("downstream");
    downstream.direction = catalog::RuleDirection::inbound;
    downstream.ports = {item(catalog::Transport::udp, 4000, 4010)};
    downstream.destinations.any = true;
    options.responder = true;
    EXPECT_THAT(plan().not_probed, ElementsAre(HasSubstr("opened from outside")));
}

TEST_F(AuditTest, TheEdgeOfARangeIsFoundToThePort) {
    auto run = audit(1024, 65'535);
    int made = 0;
    run.run(through([](std::uint16_t port) { return port < 49'152; }, made), never);
    const auto found = outcomes(run);
    EXPECT_TRUE(found.at(49'151));
    EXPECT_FALSE(found.at(49'152));
    EXPECT_LT(made, 60) << "a search that halves";
}

TEST_F(AuditTest, APortThatFailsAloneIsTriedAgain) {
    auto run = audit(1024, 65'535);
    int made = 0;
    bool lost = false;
    run.run(through(
                [&lost](std::uint16_t port) {
                    const bool fails = port == 65'535 && !lost;
                    lost = lost || fails;
                    return !fails;
                },
                made),
            never);
    EXPECT_TRUE(outcomes(run).at(65'535));
    EXPECT_EQ(made, 13) << "twelve, and one again";
}

TEST_F(AuditTest, WhereNothingPassesNothingIsNarrowed) {
    auto run = audit(1024, 65'535);
    int made = 0;
    run.run(through([](std::uint16_t) { return false; }, made), never);
    EXPECT_EQ(made, 12);
}

TEST_F(AuditTest, ANameThatLeadsBackHereIsNotTried) {
    auto& web = rule("web");
    web.ports = {item(catalog::Transport::tcp, 443, 443)};
    web.destinations.names = {pattern("a.acme.example")};
    Audit run(plan(), {{"a.acme.example", {{*base::IpAddress::parse("127.0.0.1")}, {}}}}, {},
              options);
    int made = 0;
    run.run(through([](std::uint16_t) { return true; }, made), never);
    EXPECT_EQ(made, 0);
    EXPECT_THAT(run.unresolved(), ElementsAre(HasSubstr("a.acme.example")));
}

}  // namespace
}  // namespace turnpike::probe
