// How long facts stay in the window of a live run.
#include "turnpike/gather/retention.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "gather/support/harvests.h"
#include "turnpike/attribute/attributor.h"

namespace turnpike::gather::test {
namespace {

using catalog::Transport;

/// A window that is filled by hand, with the verdicts on its flows.
class RetentionTest : public ::testing::Test {
  protected:
    RetentionTest()
        : revision_(revision("acme", "calls",
                             {rule("signal", {port(Transport::tcp, 443)}, {"*.acme.example.com"}),
                              any_rule("direct")})),
          index_(std::vector<const catalog::Revision*>{&revision_}) {}

    /// A flow of one moment; returns its place. `add` everything before `choose`.
    std::size_t add(double seconds, verdict::Outcome outcome, bool ended = true,
                    std::string_view client = "192.168.10.21") {
        facts::Flow made = flow(++flows_, seconds, client);
        made.protocol = facts::Protocol::tls;
        harvest_.flow(std::move(made), ended);
        result_.flows.emplace_back().outcome = outcome;
        return flows_ - 1;
    }
    facts::Flow& last_flow() { return harvest_.last_flow(); }
    /// The flow added last is the vendor's.
    attribute::Attribution& attribute(attribute::Confidence confidence, std::size_t rule = 0) {
        auto& made = result_.flows.back().attribution.make().rules.emplace_back();
        made.revision = &revision_;
        made.rule = &revision_.rules[rule];
        made.port = made.rule->ports.data();
        made.confidence = confidence;
        return made;
    }
    std::size_t ask(double seconds, std::string_view name, std::vector<std::uint32_t> ttl = {}) {
        if (flows_ == 0) {
            add(seconds, verdict::Outcome::passed, false);
        }
        harvest_.row(1, query(++queries_, seconds, name, std::move(ttl)));
        return queries_ - 1;
    }
    Kept choose(double now, Bounds bounds = {}) {
        Window window;
        facts::CaptureQuality quality;
        quality.first = quality.last = mark(0);
        auto harvest = harvest_.quality(quality).done();
        window.accept({&harvest, 1});
        window.advance(at(now));
        return Retention(bounds).choose(window, result_, index_);
    }
    /// Until when (in whole seconds after its moment) the flow or query stays.
    template <typename Choice>
    int lifetime(Choice still_kept, double since) {
        int low = 0;
        int high = 20'000;
        while (low < high) {  // by halves: what left never comes back
            const int middle = (low + high + 1) / 2;
            if (still_kept(choose(since + middle))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
    int flow_lifetime(std::size_t place, double since) {
        return lifetime([place](const Kept& kept) { return kept.flows[place]; }, since);
    }
    int query_lifetime(std::size_t place, double since) {
        return lifetime([place](const Kept& kept) { return kept.rows.of<facts::DnsKind>()[place]; },
                        since);
    }

    catalog::Revision revision_;
    catalog::Index index_;
    HarvestOf harvest_;
    verdict::RunResult result_;
    std::uint64_t flows_ = 0;
    std::uint64_t queries_ = 0;
};

// ---- flows

TEST_F(RetentionTest, WhatIsFollowedStaysHoweverLongItIsSilent) {
    const auto passed = add(1, verdict::Outcome::passed, false);
    const auto blocked = add(2, verdict::Outcome::blocked, false);
    const auto kept = choose(1'000'000);
    EXPECT_TRUE(kept.flows[passed]);
    EXPECT_TRUE(kept.flows[blocked]);
}

TEST_F(RetentionTest, AVendorsFlowThatEndedVouchesForTwoMinutesAndAHalf) {
    for (const auto outcome :
         {verdict::Outcome::passed, verdict::Outcome::blocked, verdict::Outcome::inconclusive}) {
        const auto place = add(10, outcome);
        attribute(attribute::Confidence::exact);
        EXPECT_EQ(flow_lifetime(place, 10), 150);
    }
}

TEST_F(RetentionTest, OthersThatWereBlockedStayAsLongAsTheyMayBeContradicted) {
    const auto blocked = add(10, verdict::Outcome::blocked);
    const auto undecided = add(10, verdict::Outcome::inconclusive);
    EXPECT_EQ(flow_lifetime(blocked, 10), 75);
    EXPECT_FALSE(choose(10).flows[undecided]);
}

TEST_F(RetentionTest, OthersThatPassedStayAsControlsForAWhile) {
    const auto place = add(10, verdict::Outcome::passed);
    EXPECT_EQ(flow_lifetime(place, 10), 75);
}

TEST_F(RetentionTest, OfWhatWorkedTheNewestOfEachKindStays) {
    const auto vendors = add(9, verdict::Outcome::passed);
    attribute(attribute::Confidence::exact);
    const auto followed = add(9, verdict::Outcome::passed, false);
    const auto oldest = add(9, verdict::Outcome::passed);
    const auto other = add(10, verdict::Outcome::passed, true, "192.168.10.22");
    const auto newest = add(11, verdict::Outcome::passed);
    const auto elsewhere = add(10, verdict::Outcome::passed);
    last_flow().server().endpoint.port = 8443;
    const auto kept = choose(20).flows;
    EXPECT_TRUE(kept[vendors] && kept[followed] && kept[other]);
    EXPECT_TRUE(kept[newest] && kept[elsewhere]);
    EXPECT_FALSE(kept[oldest]);
}

TEST_F(RetentionTest, TooManyGoOldestFirstButNeverWhatIsFollowed) {
    add(1, verdict::Outcome::passed, false);
    for (int i = 0; i < 10; ++i) {
        add(2 + i, verdict::Outcome::passed);
        attribute(attribute::Confidence::exact);
    }
    const auto kept = choose(12, {.flows = 4}).flows;
    EXPECT_TRUE(kept[0]);
    for (std::size_t i = 1; i <= 10; ++i) {
        EXPECT_EQ(kept[i], i > 6) << i;
    }
}

// ---- DNS

TEST_F(RetentionTest, AVendorsAnswerStaysForItsTimeToLiveAndTwoMinutes) {
    EXPECT_EQ(query_lifetime(ask(5, "api.acme.example.com", {60}), 5), 60 + 120);
    EXPECT_EQ(query_lifetime(ask(5, "b.acme.example.com", {3'600, 300, 900}), 5), 300 + 120)
        << "the shortest on the way";
    EXPECT_EQ(query_lifetime(ask(5, "c.acme.example.com", {86'400}), 5), 7'200) << "at most";
}

TEST_F(RetentionTest, AnAliasUnderAVendorsPatternMakesItTheVendors) {
    auto asked = query(1, 5, "meet.customer.example.net", {300});
    asked.answers.clear();
    asked.add_answer(5, 300, "edge.acme.example.com");
    add(5, verdict::Outcome::passed, false);
    harvest_.row(1, asked);
    EXPECT_EQ(query_lifetime(0, 5), 300 + 120);
}

TEST_F(RetentionTest, AVendorsFailedQuestionStaysForTwoMinutes) {
    EXPECT_EQ(query_lifetime(ask(5, "api.acme.example.com"), 5), 120);
}

TEST_F(RetentionTest, OtherNamesStayForAMinute) {
    EXPECT_EQ(query_lifetime(ask(5, "www.example.org", {86'400}), 5), 60);
    EXPECT_EQ(query_lifetime(ask(5, "fails.example.org"), 5), 60);
    EXPECT_EQ(query_lifetime(ask(5, "acme.example.com", {86'400}), 5), 60)
        << "*.acme.example.com does not cover it";
}

TEST_F(RetentionTest, TooManyQuestionsGoOldestFirst) {
    for (int i = 0; i < 10; ++i) {
        ask(i, fmt::format("n{}.acme.example.com", i), {300});
    }
    const auto kept = choose(10, {.queries = 3}).rows.of<facts::DnsKind>();
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(kept[i], i >= 7) << i;
    }
}

// ---- what others rest on

TEST_F(RetentionTest, TheAnswerThatNamedAFlowStaysAsLongAsTheFlow) {
    const auto asked = ask(5, "turn.acme.example.com", {60});
    const auto foreign = ask(6, "www.example.org", {60});
    add(20, verdict::Outcome::passed, false);
    attribute(attribute::Confidence::dns);
    result_.flows.back().attribution.make().server_name_source = facts::NameSource::dns;
    const auto kept = choose(3'600).rows.of<facts::DnsKind>();
    EXPECT_TRUE(kept[asked]);
    EXPECT_TRUE(kept[foreign]) << "the same address: it may be known by either";
}

TEST_F(RetentionTest, AnswersThatNamedNobodyWhoStaysGo) {
    const auto too_old = ask(5, "turn.acme.example.com", {60});
    const auto too_late = ask(400, "turn.acme.example.com", {60});
    add(300, verdict::Outcome::passed, false);  // 300 s: after 5 + 60 + 120
    attribute(attribute::Confidence::dns);
    const auto kept = choose(3'600).rows.of<facts::DnsKind>();
    EXPECT_FALSE(kept[too_old]);
    EXPECT_FALSE(kept[too_late]);
}

TEST_F(RetentionTest, AnotherClientsAnswerStaysOnlyWhereItNamedTheFlow) {
    const auto asked = ask(5, "turn.acme.example.com", {60});
    add(20, verdict::Outcome::passed, false, "192.168.10.99");
    auto& attribution = attribute(attribute::Confidence::dns);
    EXPECT_FALSE(choose(3'600).rows.of<facts::DnsKind>()[asked]);
    attribution.other_client = true;
    EXPECT_TRUE(choose(3'600).rows.of<facts::DnsKind>()[asked]);
}

TEST_F(RetentionTest, TheSessionThatVouchesForMediaStaysWithThem) {
    const auto session = add(10, verdict::Outcome::passed);
    attribute(attribute::Confidence::exact);
    const auto media = add(100, verdict::Outcome::passed, false);
    attribute(attribute::Confidence::context, 1);
    auto kept = choose(5'000).flows;
    EXPECT_TRUE(kept[session]);
    EXPECT_TRUE(kept[media]);
    // Another one that is live takes its part.
    add(90, verdict::Outcome::passed, false);
    attribute(attribute::Confidence::exact);
    std::swap(result_.flows[1], result_.flows[2]);  // in order of time
    EXPECT_FALSE(choose(5'000).flows[session]);
}

TEST_F(RetentionTest, ASessionThatDoesNotVouchDoesNotStay) {
    const auto late = add(10, verdict::Outcome::passed);  // over for 190 s when the media begin
    attribute(attribute::Confidence::exact);
    const auto failed = add(150, verdict::Outcome::blocked);
    attribute(attribute::Confidence::exact);
    const auto other = add(151, verdict::Outcome::passed, true, "192.168.10.22");
    attribute(attribute::Confidence::exact);
    add(200, verdict::Outcome::passed, false);
    attribute(attribute::Confidence::context, 1);
    const auto kept = choose(5'000).flows;
    EXPECT_FALSE(kept[late]);
    EXPECT_FALSE(kept[failed]);
    EXPECT_FALSE(kept[other]);
}

TEST_F(RetentionTest, TheSameHostMayVouchFromItsOtherAddress) {
    const auto session = add(10, verdict::Outcome::passed, true, "2001:db8::21");
    last_flow().client().link_address = 0x020000000021;
    attribute(attribute::Confidence::exact);
    add(100, verdict::Outcome::passed, false);
    last_flow().client().link_address = 0x020000000021;
    attribute(attribute::Confidence::context, 1);
    EXPECT_TRUE(choose(5'000).flows[session]);
}

TEST_F(RetentionTest, ANameThatManyShareKeepsWhatIsSurelyTheVendors) {
    const auto proof = add(10, verdict::Outcome::blocked);
    attribute(attribute::Confidence::exact);
    add(1'000, verdict::Outcome::passed, false);
    attribute(attribute::Confidence::exact).shared = true;
    EXPECT_TRUE(choose(5'000).flows[proof]);
}

// ---- bounds

TEST_F(RetentionTest, AnswersOfNoVendorGoFirstWhereThereIsNoRoom) {
    const auto vendors = ask(1, "api.acme.example.com", {300});
    const auto foreign = ask(2, "www.example.org", {300, 300, 300, 300});
    const auto newest = ask(3, "www.example.org", {300});
    const auto kept = choose(4, {.octets = 1'500}).rows.of<facts::DnsKind>();
    EXPECT_TRUE(kept[vendors]);
    EXPECT_FALSE(kept[foreign]);
    EXPECT_TRUE(kept[newest]);
    EXPECT_TRUE(choose(4).rows.of<facts::DnsKind>()[foreign]);
}

TEST_F(RetentionTest, AnswersOfNoVendorHaveABoundOfTheirOwn) {
    std::vector<std::size_t> vendors;
    std::vector<std::size_t> foreign;
    for (int i = 0; i < 4; ++i) {
        vendors.push_back(ask(i, fmt::format("n{}.acme.example.com", i), {300}));
        foreign.push_back(ask(i, fmt::format("n{}.example.org", i), {300}));
    }
    const auto kept = choose(5, {.foreign = 1'500}).rows.of<facts::DnsKind>();
    for (std::size_t i = 0; i < vendors.size(); ++i) {
        EXPECT_TRUE(kept[vendors[i]]) << i;
        EXPECT_EQ(kept[foreign[i]], i >= 2) << i;
    }
}

// ---- rows of long flows

TEST_F(RetentionTest, ALongCallSetsItsAnsweredBindingsFree) {
    constexpr std::uint16_t binding = 0x001;
    constexpr std::uint16_t allocate = 0x003;
    add(0, verdict::Outcome::passed, false);
    harvest_.row(1, transaction(1, 10, binding, true))
        .row(1, transaction(2, 11, binding, false))
        .row(1, transaction(3, 12, allocate, true))
        .row(1, transaction(4, 3'590, binding, true));
    const auto kept = choose(3'700);
    EXPECT_EQ(kept.rows.of<facts::StunKind>(), (std::vector<bool>{false, true, true, true}))
        << "what was refused or unanswered is evidence, and so is what TURN gave";
}

TEST_F(RetentionTest, OfACallsStreamsAsManyStayAsAreFollowedThoseHeardLast) {
    constexpr std::uint64_t followed = facts::RtpKind::most_of_flow;
    add(0, verdict::Outcome::passed, false);
    harvest_.row(1, stream(1, 0, 3'590));  // the first, and still heard
    harvest_.row(1, stream(2, 1, 40));
    harvest_.row(1, stream(3, 2, 41));  // silent for an hour, and may be heard again
    for (std::uint64_t id = 4; id < followed + 2; ++id) {
        harvest_.row(1, stream(id, 3, 100));
    }
    std::vector<bool> expected(followed + 1, true);
    expected[1] = false;
    EXPECT_EQ(choose(3'700).rows.of<facts::RtpKind>(), expected);
}

}  // namespace
}  // namespace turnpike::gather::test
