// Every exporter against a file that a person has read: tests/catalog/golden/FORMAT.txt. With
// TURNPIKE_UPDATE_GOLDEN set, the files are written anew (and have to be read again).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "turnpike/base/error.h"
#include "turnpike/catalog/export.h"

namespace turnpike::catalog {
namespace {

base::Prefix prefix(std::string_view text) {
    return base::Prefix::parse(text).value();
}

// Sides that each firewall takes.
ExportSides sides_of(std::string_view word) {
    const auto fits = [word](std::initializer_list<std::string_view> words) {
        return std::ranges::find(words, word) != words.end();
    };
    if (fits({"nftables", "iptables", "ip6tables"})) {
        return {{"lan0", "lan1"}, {"wan0"}};
    }
    if (fits({"cisco-ios"})) {
        return {{"10.0.0.0/8", "2001:db8:ff::/48"}, {"GigabitEthernet0/1"}};
    }
    if (fits({"palo-alto", "fortigate"})) {
        return {{"trust"}, {"untrust"}};
    }
    if (fits({"pfsense", "opnsense"})) {
        return {{"lan"}, {"wan"}};
    }
    if (fits({"squid"})) {
        return {{"10.0.0.0/8"}, {}};
    }
    return {};
}

Rule rule(std::string id, Transport transport, std::vector<std::pair<unsigned, unsigned>> ports) {
    Rule result;
    result.id = std::move(id);
    result.purpose = "purpose of it";
    for (const auto& [first, last] : ports) {
        PortItem item;
        item.transport = transport;
        item.first = static_cast<std::uint16_t>(first);
        item.last = static_cast<std::uint16_t>(last);
        item.text = first == last ? std::to_string(first)
                                  : std::to_string(first) + '-' + std::to_string(last);
        result.ports.push_back(std::move(item));
    }
    return result;
}

void add_names(Rule& rule, std::initializer_list<const char*> names) {
    for (const auto* name : names) {
        rule.destinations.names.push_back({name, {}, false});
    }
}

// Each way in which a document can name a destination.
Revision sample_revision() {
    Revision revision;
    revision.vendor = "example";
    revision.product = "calls";
    revision.revision = "2025-01-31";
    revision.demands.push_back({DemandKind::udp_timeout, "bindings must live", 30});

    auto seen = rule("signaling", Transport::tcp, {{443, 443}, {8443, 8445}, {8446, 8446}});
    add_names(seen, {"*.example.com", "api.example.net"});
    revision.rules.push_back(seen);

    auto ranges = rule("media", Transport::udp, {{3478, 3481}});
    ranges.destinations.prefixes = {prefix("198.51.100.0/25"), prefix("198.51.100.128/25"),
                                    prefix("203.0.113.7"), prefix("2001:db8:1::/48")};
    revision.rules.push_back(ranges);

    auto same = rule("media-tcp", Transport::tcp, {{3478, 3478}});
    same.destinations = ranges.destinations;
    revision.rules.push_back(same);

    auto wildcard = rule("turn", Transport::udp, {{5349, 5349}});
    add_names(wildcard, {".turn.example.com"});
    wildcard.destinations.any_without_wildcards = true;
    revision.rules.push_back(wildcard);

    auto unknown = rule("cdn", Transport::tcp, {{80, 80}});
    add_names(unknown, {"cdn-*.{region}.example.org"});
    unknown.level = Level::conditional;
    unknown.condition = "in Europe";
    revision.rules.push_back(unknown);

    auto anywhere = rule("p2p", Transport::udp, {{1024, 65535}});
    anywhere.destinations.any = true;
    anywhere.direction = RuleDirection::both;
    revision.rules.push_back(anywhere);

    auto own = rule("turn-host", Transport::tcp, {{3479, 3479}});
    own.destinations.reference = "customer:turn.host";
    revision.rules.push_back(own);

    auto server = rule("own-server", Transport::tcp, {{5061, 5061}});
    server.direction = RuleDirection::inbound;
    server.destinations.reference = "customer:server";
    server.destinations.prefixes = {prefix("192.0.2.200")};
    revision.rules.push_back(server);

    auto callback = rule("callback", Transport::tcp, {{5060, 5060}});
    callback.direction = RuleDirection::inbound;
    callback.destinations.prefixes = {prefix("203.0.113.64/26"), prefix("2001:db8:2::/48")};
    revision.rules.push_back(callback);

    auto unstated = rule("images", Transport::tcp, {{0, 65535}});
    unstated.ports[0].text = "unstated";
    unstated.destinations.prefixes = {prefix("192.0.2.128/25")};
    revision.rules.push_back(unstated);

    auto portless = rule("help-pages", Transport::tcp, {});
    add_names(portless, {"help.example.com"});
    revision.rules.push_back(portless);
    return revision;
}

/// What a test gives to render_export(); `revision` has to stay where it is.
Export sample(const Revision& revision) {
    auto what = export_revisions({&revision}, {});
    what.remarks.insert(what.remarks.begin(),
                        "example/other@1: no list of rules will do; use the proxy");
    for (auto& entry : what.entries) {
        if (entry.rule->id == "signaling") {
            entry.seen = {
                {base::IpAddress::parse("192.0.2.10").value(), "a.example.com", false},
                {base::IpAddress::parse("192.0.2.11").value(), "b.example.com", true},
                {base::IpAddress::parse("2001:db8::10").value(), "a.example.com", false},
                // What a hostile server could answer: nothing of it may become a rule.
                {base::IpAddress::parse("192.0.2.66").value(),
                 "x\nadd rule \"accept\"-->.example.com", false},
            };
        }
    }
    return what;
}

const base::Timestamp export_day{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};

class Exporter : public testing::TestWithParam<std::string> {};

TEST_P(Exporter, WritesTheGoldenFile) {
    const auto revision = sample_revision();
    const auto file_written =
        render_export(sample(revision), parse_firewall(GetParam()).value(), sides_of(GetParam()));
    auto text = file_written.text;
    for (const auto& remark : file_written.remarks) {
        text += "remark: " + remark + '\n';
    }
    const auto file =
        std::filesystem::path(TURNPIKE_SOURCE_DIR) / "tests/catalog/golden" / (GetParam() + ".txt");
    if (std::getenv("TURNPIKE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(file, std::ios::binary) << text;
    }
    std::ifstream stream(file, std::ios::binary);
    ASSERT_TRUE(stream) << file;
    std::ostringstream golden;
    golden << stream.rdbuf();
    EXPECT_EQ(text, golden.str());
}

TEST_P(Exporter, WritesAFileForNothing) {
    EXPECT_NO_THROW(static_cast<void>(
        render_export({}, parse_firewall(GetParam()).value(), sides_of(GetParam()))));
}

INSTANTIATE_TEST_SUITE_P(Every, Exporter, testing::ValuesIn(firewall_words()),
                         [](const auto& test) {
                             auto name = test.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST(Export, EveryLiveRequirementOfTheBuiltInCatalogBecomesAnEntry) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    std::size_t requirements = 0;
    for (const auto* revision : catalog.current()) {
        for (const auto& requirement : requirements_of(*revision)) {
            const bool live = requirement.rule->lifecycle_at(export_day) != Lifecycle::retired;
            requirements += live && requirement.port->stated ? 1U : 0U;
        }
    }
    const auto what = export_revisions(catalog.current(), export_day);
    EXPECT_EQ(
        std::ranges::count_if(what.entries, [](const auto& entry) { return entry.has_ports(); }),
        static_cast<std::ptrdiff_t>(requirements));
    for (const auto& word : firewall_words()) {
        EXPECT_FALSE(render_export(what, parse_firewall(word).value(), sides_of(word)).text.empty())
            << word;
    }
}

TEST(Export, ProductsWithoutRulesAreRemarks) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    const auto what = export_revisions(catalog.select("agora/rtc-native@2020-09-15"), export_day);
    EXPECT_TRUE(what.entries.empty());
    EXPECT_THAT(what.remarks, testing::Contains(testing::HasSubstr("Cloud Proxy")));
    EXPECT_THAT(render_export(what, Firewall::nftables, sides_of("nftables")).text,
                testing::HasSubstr("# agora/rtc-native"));
}

TEST(Export, RetiredRowsNeedNoRule) {
    Revision revision;
    for (const auto* id : {"old", "new"}) {
        revision.rules.push_back(rule(id, Transport::udp, {{3478, 3478}}));
        revision.rules.back().destinations.any = true;
    }
    revision.rules[0].effective_until = export_day;
    const auto what = export_revisions({&revision}, export_day);
    ASSERT_EQ(what.entries.size(), 1U);
    EXPECT_EQ(what.entries[0].rule->id, "new");
    EXPECT_THAT(what.remarks, testing::ElementsAre(testing::HasSubstr("old: retired")));
}

// The rows that are chosen of required, recommended, optional and conditional ones.
std::vector<std::string> chosen(ExportChoice::Needed needed) {
    Revision revision;
    for (const auto level :
         {Level::required, Level::recommended, Level::optional, Level::conditional}) {
        revision.rules.push_back(rule(std::string(to_string(level)), Transport::udp, {{1, 1}}));
        revision.rules.back().level = level;
    }
    const auto what = export_revisions({&revision}, export_day, {needed, false});
    EXPECT_EQ(what.entries.size() + what.remarks.size(), 4U) << "what is left out is named";
    std::vector<std::string> ids;
    for (const auto& entry : what.entries) {
        ids.push_back(entry.rule->id);
    }
    return ids;
}

TEST(Export, LevelsChooseRows) {
    using Needed = ExportChoice::Needed;
    EXPECT_THAT(chosen(Needed::required), testing::ElementsAre("required"));
    EXPECT_THAT(chosen(Needed::recommended),
                testing::ElementsAre("required", "recommended", "conditional"));
    EXPECT_EQ(chosen(Needed::all).size(), 4U);
}

TEST(Export, OfAlternativesThePreferredBranch) {
    Revision revision;
    const auto add = [&](const char* id, const char* group, const char* branch,
                         unsigned preference) {
        revision.rules.push_back(rule(id, Transport::udp, {{1, 1}}));
        revision.rules.back().alternative_group = group;
        revision.rules.back().alternative_branch = branch;
        revision.rules.back().preference = preference;
    };
    add("udp", "media", "udp", 1);
    add("udp-too", "media", "udp", 1);
    add("tcp", "media", "tcp", 2);
    add("east", "place", "east", 0);
    add("west", "place", "west", 0);
    add("signaling", "", "", 0);
    const auto what = export_revisions({&revision}, export_day, {ExportChoice::Needed::all, true});
    std::vector<std::string> ids;
    for (const auto& entry : what.entries) {
        ids.push_back(entry.rule->id);
    }
    EXPECT_THAT(ids, testing::ElementsAre("udp", "udp-too", "east", "west", "signaling"))
        << "branches without an order all stay";
    EXPECT_THAT(what.remarks, testing::ElementsAre(testing::HasSubstr("tcp: left out")));
}

TEST(Export, BlocksThatLieInOthersAreWrittenOnce) {
    Revision revision;
    revision.rules.push_back(rule("media", Transport::udp, {{3478, 3478}}));
    revision.rules[0].destinations.prefixes = {prefix("192.0.2.1"), prefix("192.0.2.0/24"),
                                               prefix("192.0.2.128/25")};
    add_names(revision.rules[0], {"a.example.com"});
    auto what = export_revisions({&revision}, export_day);
    what.entries[0].seen = {{base::IpAddress::parse("192.0.2.9").value(), "a.example.com", false}};
    const auto text = render_export(what, Firewall::iptables, {{"lan0"}, {"wan0"}}).text;
    EXPECT_THAT(text, testing::HasSubstr("-d 192.0.2.0/24 -p udp"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("-d 192.0.2.1")));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("-d 192.0.2.9")));
}

std::string refusal(Firewall firewall, const ExportSides& sides) {
    try {
        static_cast<void>(render_export({}, firewall, sides));
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
        return error.what();
    }
    return "accepted";
}

TEST(Export, WithoutItsSidesAFirewallGetsNothing) {
    using testing::HasSubstr;
    for (const auto& word : firewall_words()) {
        const auto wants = sides_of(word);
        const auto firewall = parse_firewall(word).value();
        if (!wants.inside.empty()) {
            EXPECT_THAT(refusal(firewall, {{}, wants.outside}), HasSubstr("needs --inside"))
                << word;
        }
        if (!wants.outside.empty()) {
            EXPECT_THAT(refusal(firewall, {wants.inside, {}}), HasSubstr("needs --outside"))
                << word;
        }
    }
    EXPECT_THAT(refusal(Firewall::hosts, {{"lan"}, {}}), HasSubstr("has no meaning here"));
}

TEST(Export, SidesAreWordsOfTheFirewall) {
    using testing::HasSubstr;
    const auto nftables = [](const char* inside, const char* outside) {
        return refusal(Firewall::nftables, {{inside}, {outside}});
    };
    EXPECT_EQ(nftables("br-lan.7", "ppp0"), "accepted");
    EXPECT_EQ(nftables("192.168.0.0/16", "ppp0"), "accepted");
    EXPECT_THAT(nftables("192.168.0.1/16", "ppp0"), HasSubstr("host bits"));
    EXPECT_THAT(nftables("lan\" accept", "ppp0"), HasSubstr("must be an interface or networks"));
    EXPECT_THAT(nftables("a-name-much-too-long", "ppp0"), HasSubstr("must be"));
    EXPECT_THAT(nftables("", "ppp0"), HasSubstr("must be"));
    EXPECT_THAT(nftables("lan0", "0.0.0.0/0"), HasSubstr("must be an interface"));
    EXPECT_THAT(nftables("lan0", "lan0"), HasSubstr("on the inside already"));
    EXPECT_THAT(refusal(Firewall::iptables, {{"lan0", "10.0.0.0/8"}, {"wan0"}}),
                HasSubstr("cannot be mixed"));
    EXPECT_THAT(refusal(Firewall::pfsense, {{"lan", "opt1"}, {"wan"}}), HasSubstr("only one"));
    EXPECT_THAT(refusal(Firewall::pfsense, {{"LAN"}, {"wan"}}), HasSubstr("must be an interface"));
    EXPECT_THAT(refusal(Firewall::cisco_ios, {{"10.0.0.0/8"}, {"Gi0/1\n permit"}}),
                HasSubstr("must be an interface"));
}

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST(Export, SecurityGroupsAreSplitByTheirQuota) {
    Revision revision;
    revision.rules.push_back(rule("media", Transport::udp, {{3478, 3478}}));
    for (unsigned i = 0; i < 61; ++i) {  // gaps between them, so that none can be joined
        revision.rules[0].destinations.prefixes.emplace_back(
            base::Prefix{base::IpAddress::v4(0xC6336400U + 2 * i), 32});
    }
    const auto what = export_revisions({&revision}, export_day);
    const auto first = render_export(what, Firewall::aws_security_group, {{"sg-0123abcd"}, {}, 1});
    const auto second = render_export(what, Firewall::aws_security_group, {{"sg-0123abcd"}, {}, 2});
    EXPECT_EQ(occurrences(first.text, "CidrIp\""), 60U);
    EXPECT_EQ(occurrences(second.text, "CidrIp\""), 1U);
    EXPECT_THAT(first.remarks, testing::Contains(testing::HasSubstr("part 1 of 2")));
    EXPECT_THAT(first.text, testing::HasSubstr("\"GroupId\": \"sg-0123abcd\""));
    EXPECT_THAT(refusal(Firewall::aws_security_group, {{}, {}, 2}), testing::HasSubstr("1 part"));
}

TEST(Export, EqualBlocksOfManyRowsAreOneRule) {
    Revision revision;
    for (unsigned port = 1000; port < 1010; ++port) {
        revision.rules.push_back(
            rule("row-" + std::to_string(port), Transport::tcp, {{port, port}}));
        revision.rules.back().destinations.prefixes = {prefix("192.0.2.0/25"),
                                                       prefix("192.0.2.128/25")};
    }
    const auto text =
        render_export(export_revisions({&revision}, export_day), Firewall::aws_security_group).text;
    EXPECT_EQ(occurrences(text, "CidrIp\""), 1U);
    EXPECT_THAT(text, testing::HasSubstr("\"FromPort\": 1000"));
    EXPECT_THAT(text, testing::HasSubstr("\"ToPort\": 1009"));
}

TEST(Export, UnknownWordIsNoFirewall) {
    EXPECT_FALSE(parse_firewall("nft"));
    EXPECT_FALSE(parse_firewall(""));
}

}  // namespace
}  // namespace turnpike::catalog
