// Every exporter against a file that a person has read: tests/catalog/golden/FORMAT.txt. With
// TURNPIKE_UPDATE_GOLDEN set, the files are written anew (and have to be read again).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "turnpike/catalog/export.h"

namespace turnpike::catalog {
namespace {

base::Prefix prefix(std::string_view text) {
    return base::Prefix::parse(text).value();
}

ExportEntry entry(std::string rule_id, Transport transport, std::uint16_t first,
                  std::uint16_t last) {
    ExportEntry result;
    result.selector = "example/calls@2025-01-31";
    result.rule_id = std::move(rule_id);
    result.purpose = "purpose of it";
    result.need = "required";
    result.transport = transport;
    result.first = first;
    result.last = last;
    return result;
}

// Each way in which a document can name a destination.
Export sample() {
    Export what;
    what.remarks = {"example/other@1: no list of rules will do; use the proxy"};

    auto seen = entry("signaling", Transport::tcp, 443, 443);
    seen.names = {"*.example.com", "api.example.net"};
    seen.seen = {
        {base::IpAddress::parse("192.0.2.10").value(), "a.example.com"},
        {base::IpAddress::parse("2001:db8::10").value(), "a.example.com"},
        // What a hostile server could answer: nothing of it may become a rule.
        {base::IpAddress::parse("192.0.2.66").value(), "x\nadd rule \"accept\"-->.example.com"},
    };
    what.entries.push_back(seen);

    auto ranges = entry("media", Transport::udp, 3478, 3481);
    ranges.prefixes = {prefix("198.51.100.0/24"), prefix("203.0.113.7"), prefix("2001:db8:1::/48")};
    what.entries.push_back(ranges);

    auto wildcard = entry("turn", Transport::udp, 5349, 5349);
    wildcard.names = {".turn.example.com"};
    wildcard.any_without_wildcards = true;
    what.entries.push_back(wildcard);

    auto unknown = entry("cdn", Transport::tcp, 80, 80);
    unknown.names = {"cdn-*.{region}.example.org"};
    unknown.need = "conditional: in Europe";
    what.entries.push_back(unknown);

    auto anywhere = entry("p2p", Transport::udp, 1024, 65535);
    anywhere.any = true;
    anywhere.direction = RuleDirection::both;
    what.entries.push_back(anywhere);

    auto own = entry("turn-host", Transport::tcp, 3478, 3478);
    own.reference = "customer:turn.host";
    what.entries.push_back(own);
    return what;
}

const base::Timestamp today{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};

class Exporter : public testing::TestWithParam<std::string> {};

TEST_P(Exporter, WritesTheGoldenFile) {
    const auto text = render_export(sample(), parse_firewall(GetParam()).value());
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
    EXPECT_NO_THROW(static_cast<void>(render_export({}, parse_firewall(GetParam()).value())));
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
            const bool live = requirement.rule->lifecycle_at(today) != Lifecycle::retired;
            requirements += live && requirement.port->stated ? 1U : 0U;
        }
    }
    const auto what = export_revisions(catalog.current(), today);
    EXPECT_EQ(what.entries.size(), requirements);
    for (const auto& word : firewall_words()) {
        EXPECT_FALSE(render_export(what, parse_firewall(word).value()).empty()) << word;
    }
}

TEST(Export, ProductsWithoutRulesAreRemarks) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    const auto what = export_revisions(catalog.select("agora/rtc-native@2020-09-15"), today);
    EXPECT_TRUE(what.entries.empty());
    EXPECT_THAT(what.remarks, testing::ElementsAre(testing::HasSubstr("Cloud Proxy")));
    EXPECT_THAT(render_export(what, Firewall::nftables), testing::HasSubstr("# agora/rtc-native"));
}

TEST(Export, RetiredRowsNeedNoRule) {
    Revision revision;
    revision.rules.resize(2);
    for (auto& rule : revision.rules) {
        rule.ports.push_back({Transport::udp, 3478, 3478, "3478", {}, {}, {}});
        rule.destinations.any = true;
    }
    revision.rules[0].id = "old";
    revision.rules[0].effective_until = today;
    revision.rules[1].id = "new";
    const auto what = export_revisions({&revision}, today);
    ASSERT_EQ(what.entries.size(), 1U);
    EXPECT_EQ(what.entries[0].rule_id, "new");
    EXPECT_THAT(what.remarks, testing::ElementsAre(testing::HasSubstr("old: retired")));
}

TEST(Export, BlocksThatLieInOthersAreWrittenOnce) {
    Export what;
    what.entries.push_back(entry("media", Transport::udp, 3478, 3478));
    what.entries[0].prefixes = {prefix("192.0.2.1"), prefix("192.0.2.0/24"),
                                prefix("192.0.2.128/25")};
    what.entries[0].names = {"a.example.com"};
    what.entries[0].seen = {{base::IpAddress::parse("192.0.2.9").value(), "a.example.com"}};
    const auto text = render_export(what, Firewall::iptables);
    EXPECT_THAT(text, testing::HasSubstr("-d 192.0.2.0/24 -p udp"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("-d 192.0.2.1")));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("-d 192.0.2.9")));
}

TEST(Export, UnknownWordIsNoFirewall) {
    EXPECT_FALSE(parse_firewall("nft"));
    EXPECT_FALSE(parse_firewall(""));
}

}  // namespace
}  // namespace turnpike::catalog
