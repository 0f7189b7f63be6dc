// Looking up names, addresses and ports gives what trying every rule gives.
#include "turnpike/catalog/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace turnpike::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PortItem port(Transport transport, std::uint16_t first, std::uint16_t last) {
    PortItem item;
    item.transport = transport;
    item.first = first;
    item.last = last;
    item.text = std::to_string(first) + "-" + std::to_string(last);
    return item;
}

Rule named_rule(const std::string& id, const std::vector<std::string>& names) {
    Rule rule;
    rule.id = id;
    for (const auto& name : names) {
        rule.destinations.names.push_back({name, {}, false});
    }
    return rule;
}

Rule placed_rule(const std::string& id, const std::vector<std::string>& prefixes) {
    Rule rule;
    rule.id = id;
    for (const auto& prefix : prefixes) {
        rule.destinations.prefixes.emplace_back(*base::Prefix::parse(prefix));
    }
    return rule;
}

template <typename Matches>
std::vector<std::string> ids(const Matches& matches) {
    std::vector<std::string> result;
    for (const auto& match : matches) {
        result.push_back(match.rule->id);
    }
    return result;
}

class IndexTest : public testing::Test {
  protected:
    Index index() {
        pointers_.clear();
        for (const auto& revision : revisions_) {
            pointers_.push_back(&revision);
        }
        return Index(pointers_);
    }
    std::vector<Revision> revisions_{1};
    std::vector<const Revision*> pointers_;
};

TEST_F(IndexTest, NamesComeMostSpecificFirst) {
    revisions_[0].rules = {
        named_rule("wide", {"*.example.com"}),       named_rule("dot", {".example.com"}),
        named_rule("deep", {"*.turn.example.com"}),  named_rule("exact", {"a.turn.example.com"}),
        named_rule("star", {"a*.turn.example.com"}), named_rule("middle", {"a.*.example.com"}),
        named_rule("other", {"*.example.net"}),      named_rule("end", {"*turn.example.com"}),
    };
    const auto built = index();
    EXPECT_THAT(ids(built.match_name("a.turn.example.com")),
                ElementsAre("exact", "star", "deep", "end", "middle", "wide", "dot"));
    EXPECT_THAT(ids(built.match_name("example.com")), ElementsAre("dot"));
    EXPECT_THAT(ids(built.match_name("example.org")), IsEmpty());
    EXPECT_THAT(built.match_name(""), IsEmpty());
    EXPECT_EQ(built.match_name("b.example.net").front().pattern->text, "*.example.net");
}

TEST_F(IndexTest, AddressesComeLongestFirst) {
    revisions_[0].rules = {
        placed_rule("wide", {"52.112.0.0/14", "2603:1063::/38"}),
        placed_rule("all", {"0.0.0.0/0"}),
        placed_rule("host", {"52.112.1.2"}),
        placed_rule("odd", {"52.112.0.0/15"}),
    };
    const auto built = index();
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("52.112.1.2"))),
                ElementsAre("host", "odd", "wide", "all"));
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("64:ff9b::52.112.1.2"))),
                ids(built.match_address(*base::IpAddress::parse("52.112.1.2"))))
        << "a NAT64 leads there";
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("52.115.255.255"))),
                ElementsAre("wide", "all"));
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("2603:1063:3ff::1"))),
                ElementsAre("wide"));
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("2603:1063:400::1"))), IsEmpty());
    EXPECT_THAT(ids(built.match_address(*base::IpAddress::parse("2603:1067::1"))), IsEmpty());
    EXPECT_THAT(built.match_address({}), IsEmpty());
}

TEST_F(IndexTest, RulesToAnywhereAreFoundByPort) {
    Rule any;
    any.id = "any";
    any.destinations.any = true;
    any.ports = {port(Transport::udp, 1024, 65535), port(Transport::udp, 3478, 3478)};
    Rule unplaced;
    unplaced.id = "unplaced";
    unplaced.ports = {port(Transport::tcp, 443, 443)};
    Rule described = unplaced;  // whoever is asked for the host finds it by its address
    described.id = "described";
    described.destinations.reference = "customer:turn.host";
    Rule spoken = unplaced;
    spoken.id = "spoken";
    spoken.expects = {Expectation::tls};
    revisions_[0].rules = {any, unplaced, described, spoken};
    const auto built = index();
    EXPECT_EQ(built.match_any(Transport::udp, 3478).size(), 2U);
    EXPECT_EQ(built.match_any(Transport::udp, 3479).size(), 1U);
    EXPECT_THAT(built.match_any(Transport::udp, 443), IsEmpty());
    EXPECT_THAT(built.match_any(Transport::tcp, 3478), IsEmpty());
    EXPECT_THAT(ids(built.match_unplaced(Transport::tcp, 443)), ElementsAre("unplaced"));
}

// The Agora recorder of 2018 takes media from wherever it comes: its document names no source.
TEST_F(IndexTest, InboundRulesWithoutASourceAreFoundByPort) {
    Rule inbound;
    inbound.id = "inbound";
    inbound.direction = RuleDirection::inbound;
    inbound.destinations.reference = "unstated";
    inbound.ports = {port(Transport::udp, 40000, 41000)};
    Rule outbound = inbound;
    outbound.id = "outbound";
    outbound.direction = RuleDirection::outbound;
    revisions_[0].rules = {inbound, outbound};
    const auto built = index();
    EXPECT_THAT(ids(built.match_any(Transport::udp, 40500)), ElementsAre("inbound"));
    EXPECT_THAT(ids(built.match_unplaced(Transport::udp, 40500)), IsEmpty());
}

// Whatever the index finds must be what trying every rule finds.
TEST_F(IndexTest, AgreesWithTryingEveryRule) {
    std::mt19937 random(7);
    const auto below = [&random](unsigned limit) {
        return static_cast<unsigned>(random() % limit);
    };
    const std::vector<std::string> labels{"a", "b", "turn", "sfu", "x1"};
    const std::vector<std::string> fronts{"", "*.", ".", "*", "a*.", "*.b.", "{region}."};
    const auto host = [&](unsigned count) {
        std::string name;
        for (unsigned i = 0; i < count; ++i) {
            name += labels.at(below(5)) + ".";
        }
        return name + "example.com";
    };
    for (int i = 0; i < 400; ++i) {
        auto rule = named_rule(std::to_string(i), {fronts.at(below(7)) + host(below(3))});
        rule.destinations.prefixes.emplace_back(
            *base::Prefix::parse("10." + std::to_string(below(4)) + ".0.0/16"));
        rule.destinations.any = below(2) == 0;
        const auto first = static_cast<std::uint16_t>(below(500) + 1);
        rule.ports.push_back(
            port(Transport::udp, first, static_cast<std::uint16_t>(first + below(300))));
        revisions_[0].rules.push_back(std::move(rule));
    }
    const auto built = index();
    for (int i = 0; i < 300; ++i) {
        const auto name = host(below(4));
        std::size_t expected = 0;
        for (const auto& rule : revisions_[0].rules) {
            expected += rule.destinations.names.front().matches(name) ? 1U : 0U;
        }
        EXPECT_EQ(built.match_name(name).size(), expected) << name;
        const auto asked = static_cast<std::uint16_t>(below(900));
        std::size_t covering = 0;
        for (const auto& rule : revisions_[0].rules) {
            covering += rule.destinations.any && rule.ports.front().covers(asked) ? 1U : 0U;
        }
        EXPECT_EQ(built.match_any(Transport::udp, asked).size(), covering) << asked;
    }
}

TEST(CoveringPort, TheNarrowestItemWins) {
    Rule rule;
    rule.ports = {port(Transport::udp, 1000, 2000), port(Transport::udp, 1500, 1500),
                  port(Transport::tcp, 1500, 1500)};
    EXPECT_EQ(covering_port(rule, Transport::udp, 1500), &rule.ports[1]);
    EXPECT_EQ(covering_port(rule, Transport::udp, 1501), &rule.ports[0]);
    EXPECT_EQ(covering_port(rule, Transport::tcp, 1501), nullptr);
}

}  // namespace
}  // namespace turnpike::catalog
