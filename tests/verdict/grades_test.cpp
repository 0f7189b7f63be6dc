// Controls of the same kind, contradictions and marks of injection.
#include "verdict/grades.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/observation.h"
#include "turnpike/verdict/evaluate.h"

namespace turnpike::verdict {
namespace {

using namespace support;
using catalog::Transport;
using ::testing::Contains;

constexpr auto media_server = "203.0.113.2";
constexpr auto other_client = "192.168.10.22";

class GradesTest : public ::testing::Test {
  protected:
    GradesTest()
        : revision_(
              revision("acme", "calls",
                       {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                        rule("media", {port(Transport::tcp, 8443), port(Transport::udp, 3478)},
                             {"*.acme.example.com"})})) {
        built_.goes_on_until(150);
    }
    /// SYNs to the media_server that nobody answered; the flow whose verdict is asked for.
    facts::Flow& blocked(double when = 100) {
        return built_.unanswered_syns(media_server, 443, when);
    }
    /// The same beside a crowd that has nothing to do with it: whether more flows failed or more
    /// worked decides from which side it is looked for what they share.
    [[nodiscard]] FlowVerdict verdict(std::size_t flow = 0) {
        auto alone = verdict_of(built_, flow);
        auto failed = built_;
        auto worked = built_;
        for (std::uint16_t port = 9'000; port < 9'020; ++port) {
            failed.unanswered_syns("198.51.100.77", port, 100, 4, "192.168.10.99");
            worked.connection("198.51.100.77", port, "", 100, "192.168.10.99");
        }
        EXPECT_EQ(verdict_of(failed, failed.observation.flows.size() - 1).grade, Grade::c);
        EXPECT_EQ(verdict_of(worked, worked.observation.flows.size() - 1).outcome, Outcome::passed);
        for (const auto& crowd : {failed, worked}) {
            const auto beside = verdict_of(crowd, flow);
            EXPECT_EQ(beside.outcome, alone.outcome);
            EXPECT_EQ(beside.reason, alone.reason);
            EXPECT_EQ(beside.inconclusive, alone.inconclusive);
            EXPECT_EQ(beside.grade, alone.grade);
            EXPECT_EQ(beside.control, alone.control);
        }
        return alone;
    }
    [[nodiscard]] FlowVerdict verdict_of(const ObservationBuilder& built, std::size_t flow) const {
        return evaluate(built.observation, {&revision_}).flows.at(flow);
    }
    static void name(facts::Flow& flow, std::string text) {
        flow.server_name.make() = std::move(text);
        flow.server_name_source = facts::NameSource::sni;
    }
    /// CONNECT through a proxy to a port of a.acme.example.com, answered or met by silence.
    facts::Flow& through_proxy(std::uint16_t target, bool answered, double when) {
        auto& flow = built_.connection(media_server, 8080, "a.acme.example.com", when);
        auto& asking = flow.client_of(flow.tcp.make());
        auto& answering = flow.server_of(flow.tcp.make());
        auto& proxy = flow.rare.make().proxy.make();
        proxy.request = asking.payload;
        proxy.target_host = "a.acme.example.com";
        proxy.target_port = target;
        if (answered) {
            proxy.response = answering.payload;
            proxy.status = 200;
            proxy.established = true;
        } else {
            answering.payload = {};
        }
        return flow;
    }
    facts::Flow& datagrams(std::uint16_t port, double when) {
        auto& flow = built_.flow(facts::Transport::udp, "192.168.10.21", media_server, port);
        ObservationBuilder::count(flow.client(), built_.mark(when), true);
        ObservationBuilder::count(flow.server(), built_.mark(when + 0.1), true);
        return flow;
    }

    catalog::Revision revision_;
    ObservationBuilder built_;
};

TEST_F(GradesTest, AFailureAloneIsSuspected) {
    blocked();
    EXPECT_EQ(verdict().grade, Grade::c);
    EXPECT_EQ(verdict().control, 0U);
}

TEST_F(GradesTest, SomethingElsewhereIsNoControl) {
    blocked();
    built_.connection("198.51.100.9", 443, "www.example.org", 101);
    built_.connection("198.51.100.9", 443, "www.example.org", 101, other_client);
    EXPECT_EQ(verdict().grade, Grade::c);
}

// ---- the kinds of control

TEST_F(GradesTest, AnotherClientAtTheSameEndpointIsOne) {
    blocked();
    built_.connection(media_server, 443, "", 101, other_client);
    EXPECT_EQ(verdict().grade, Grade::b);
    EXPECT_EQ(verdict().control, 2U);
}

class OpenedConnectionTest : public GradesTest {
  protected:
    /// Another client opens a connection to the endpoint, and neither end uses it.
    void open() {
        auto& flow = built_.connection(media_server, 443, "", 101, other_client);
        auto& tcp = flow.tcp.make();
        flow.client_of(tcp).payload = {};
        flow.server_of(tcp).payload = {};
        flow.tls = {};
        flow.protocol = facts::Protocol::unknown;
    }
};

TEST_F(OpenedConnectionTest, IsAControlForOneThatCouldNotBeOpened) {
    blocked();
    open();
    EXPECT_EQ(verdict().grade, Grade::b);
    EXPECT_EQ(verdict().control, 2U);
}

TEST_F(OpenedConnectionTest, IsNoneForOneThatFailedBehindTheHandshake) {
    auto& flow = built_.connection(media_server, 443, "", 100);
    flow.server_of(flow.tcp.make()).payload = {};
    flow.tls.make().server_record = {};
    open();
    ASSERT_EQ(verdict().reason, BlockReason::tls_timeout);
    ASSERT_EQ(verdict(1).outcome, Outcome::passed);
    EXPECT_EQ(verdict().grade, Grade::c);
}

TEST_F(GradesTest, AnotherClientAtAnotherPortIsNone) {
    blocked();
    built_.connection(media_server, 444, "", 101, other_client);
    EXPECT_EQ(verdict().grade, Grade::c);
}

TEST_F(GradesTest, TheSameClientAtAnotherPortOfTheServerIsOne) {
    blocked();
    built_.connection(media_server, 444, "", 101);
    EXPECT_EQ(verdict().grade, Grade::b);
    EXPECT_EQ(verdict().control, 2U);
}

TEST_F(GradesTest, TheSameClientOverAnotherTransportIsOne) {
    blocked();
    datagrams(443, 101);
    EXPECT_EQ(verdict().grade, Grade::b);
}

TEST_F(GradesTest, TheSameClientWithAnotherServerNameIsOneAndNoContradiction) {
    name(blocked(), "blocked.example.com");
    built_.connection(media_server, 443, "free.example.com", 101);
    EXPECT_EQ(verdict().outcome, Outcome::blocked);
    EXPECT_EQ(verdict().grade, Grade::b);
}

TEST_F(GradesTest, TheSameHostNameAtAnotherAddressIsOne) {
    name(blocked(), "www.example.com");
    built_.connection("203.0.113.77", 443, "www.example.com", 101, other_client);
    EXPECT_EQ(verdict().grade, Grade::b);
}

TEST_F(GradesTest, AnotherRowOfTheSameProductIsOne) {
    name(blocked(), "a.acme.example.com");
    built_.connection("203.0.113.77", 8443, "b.acme.example.com", 101);
    EXPECT_EQ(verdict().grade, Grade::b);
}

TEST_F(GradesTest, TheSameRowAtAnotherServerIsNone) {
    name(blocked(), "a.acme.example.com");
    built_.connection("203.0.113.77", 443, "b.acme.example.com", 101);
    EXPECT_EQ(verdict().grade, Grade::c);
}

TEST_F(GradesTest, AnotherRowThatAnotherClientReachedIsNone) {
    name(blocked(), "a.acme.example.com");
    built_.connection("203.0.113.77", 8443, "b.acme.example.com", 101, other_client);
    EXPECT_EQ(verdict().grade, Grade::c);
}

// ---- time

TEST_F(GradesTest, AControlSpeaksForAMinuteBeforeAndAfter) {
    blocked(100);  // until 103
    auto& control = built_.connection(media_server, 443, "", 163, other_client);
    EXPECT_EQ(verdict().grade, Grade::b);
    control.client().first = control.client().last = built_.mark(163.5);
    control.server().first = control.server().last = built_.mark(163.6);
    EXPECT_EQ(verdict().grade, Grade::c);
    control.client().first = control.client().last = built_.mark(39.8);
    control.server().first = control.server().last = built_.mark(39.9);
    EXPECT_EQ(verdict().grade, Grade::c);
    control.server().last = built_.mark(40.1);
    EXPECT_EQ(verdict().grade, Grade::b);
}

// ---- contradictions

TEST_F(GradesTest, TheSameClientAtTheSameEndpointContradicts) {
    blocked();
    built_.connection(media_server, 443, "", 130);
    EXPECT_EQ(verdict().outcome, Outcome::inconclusive);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::intermittent);
    EXPECT_EQ(verdict().reason, BlockReason::none);
    EXPECT_EQ(verdict().grade, Grade::none);
    EXPECT_THAT(*verdict().notes, Contains("failed_by tcp_timeout"));
}

TEST_F(GradesTest, AMinuteLaterItContradictsNoMore) {
    blocked(100);
    built_.connection(media_server, 443, "", 164);
    EXPECT_EQ(verdict().outcome, Outcome::blocked);
}

TEST_F(GradesTest, WithTheSameNameItContradictsAndWhereOneIsNotKnown) {
    name(blocked(), "a.acme.example.com");
    auto& other = built_.connection(media_server, 443, "a.acme.example.com", 110);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::intermittent);
    name(other, "");
    other.server_name_source = facts::NameSource::none;
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::intermittent);
}

TEST_F(GradesTest, AnotherPortThroughTheSameProxyDoesNotContradict) {
    through_proxy(8443, false, 100);
    auto& other = through_proxy(443, true, 110);
    EXPECT_EQ(verdict().reason, BlockReason::proxy_timeout);
    EXPECT_EQ(verdict().grade, Grade::b);
    other.rare.make().proxy.make().target_port = 8443;
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::intermittent);
}

TEST_F(GradesTest, TheRowCountsHowOften) {
    for (const double when : {100.0, 105.0}) {
        name(blocked(when), "a.acme.example.com");
    }
    built_.connection(media_server, 443, "a.acme.example.com", 110);
    const auto result = evaluate(built_.observation, {&revision_});
    EXPECT_EQ(result.requirements[0].status, Status::observed);
    EXPECT_EQ(result.requirements[0].passed, 1U);
    EXPECT_EQ(result.requirements[0].intermittent, 2U);
    EXPECT_EQ(result.requirements[0].blocked, 0U);
}

TEST_F(GradesTest, WhatADeviceRefusedStands) {
    auto& flow = blocked();
    auto& error = built_.observation.icmp.emplace_back();
    error.at = built_.mark(101);
    error.source = address("192.168.10.1");
    error.type = 3;
    error.code = 13;
    flow.rare.make().icmp.push_back(0);
    built_.connection(media_server, 443, "", 110);
    EXPECT_EQ(verdict().reason, BlockReason::icmp_prohibited);
    EXPECT_EQ(verdict().grade, Grade::a);
}

TEST_F(GradesTest, AHostThatIsUnreachableTellsOfRouting) {
    auto& flow = blocked();
    auto& error = built_.observation.icmp.emplace_back();
    error.at = built_.mark(101);
    error.source = address("192.168.10.1");
    error.type = 3;
    error.code = 1;
    flow.rare.make().icmp.push_back(0);
    EXPECT_EQ(verdict().grade, Grade::c);
    built_.connection(media_server, 443, "", 110, other_client);
    EXPECT_EQ(verdict().grade, Grade::b);
    built_.observation.icmp[0].code = 3;
    EXPECT_EQ(verdict().grade, Grade::a) << "a port that a device on the way calls unreachable";
}

// ---- resets

class ResetGrades : public GradesTest {
  protected:
    facts::Flow& reset(std::uint8_t hop_limit, std::uint8_t marks) {
        auto& flow = built_.unanswered_syns(media_server, 443, 100, 1);
        auto& answering = flow.server_of(flow.tcp.make());
        ObservationBuilder::count(flow.server(), answering.rst.make().at = built_.mark(100.1),
                                  false);
        answering.rst.make().before_syn_ack = true;
        answering.rst.make().hop_limit = hop_limit;
        answering.rst.make().marks = marks;
        return flow;
    }
    /// An answer of the media_server, too long ago for a control.
    void server_is_at(std::uint8_t hop_limit, std::string_view where = media_server) {
        built_.connection(where, 80, "", 0, other_client).server().hop_limit = hop_limit;
    }
    static constexpr auto data_after = static_cast<std::uint8_t>(facts::ResetMark::data_after);
    static constexpr auto ip_id = static_cast<std::uint8_t>(facts::ResetMark::ip_id);
};

TEST_F(ResetGrades, TheServersOwnIsNoBlock) {
    reset(51, 0);
    server_is_at(52);
    EXPECT_EQ(verdict().inconclusive, InconclusiveReason::server_refused);
    EXPECT_THAT(*verdict().notes, Contains("reset"));
}

TEST_F(ResetGrades, OneMarkMayBeChance) {
    reset(62, 0);
    EXPECT_EQ(verdict().grade, Grade::c);
    server_is_at(52);
    EXPECT_EQ(verdict().reason, BlockReason::tcp_reset);
    EXPECT_EQ(verdict().grade, Grade::c) << "the hop count alone";
}

TEST_F(ResetGrades, TwoMarksConfirm) {
    reset(62, ip_id);
    EXPECT_EQ(verdict().grade, Grade::c);
    server_is_at(52);
    EXPECT_EQ(verdict().grade, Grade::a);
    EXPECT_THAT(*verdict().notes, Contains("injected_reset"));
}

TEST_F(ResetGrades, AHopCountThatOnlyADeviceOnTheWayCanHaveIsAMark) {
    reset(62, ip_id);
    server_is_at(52, "198.51.100.7");
    EXPECT_EQ(verdict().grade, Grade::a);
}

TEST_F(ResetGrades, MarksOfThePacketsAloneAreEnough) {
    reset(62, ip_id | data_after);
    EXPECT_EQ(verdict().grade, Grade::a);
}

}  // namespace
}  // namespace turnpike::verdict
