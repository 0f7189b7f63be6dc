// feeds.yaml, products that are feeds, and rows that are filled from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scratch_catalog.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/import.h"
#include "turnpike/catalog/refresh.h"

namespace turnpike::catalog {
namespace {

using ::testing::HasSubstr;

constexpr const char* entry = R"(vendor: cloud
name: Cloud
products:
  - product: calls
    name: Calls
    revisions:
      - revision: 2026-01-01
        date: 2026-01-01
        source: {title: t, location: l, kind: vendor}
        settings: [{name: region, description: the region}]
        rules:
          - {id: media, purpose: media, ports: {udp: [3478]}, destination: "feed:cloud/ranges CALLS {region}"}
          - id: relay
            purpose: relay
            ports: {udp: [443]}
            networks: [{network: 9.9.1.0/24, shared: true, note: a CDN}, 9.9.9.0/24]
            destination: feed:cloud/ranges CALLS
          - {id: other, purpose: other, ports: {tcp: [443]}, destination: feed:the list on the page}
)";
constexpr const char* ranges = R"(vendor: cloud
name: Cloud
products:
  - product: ranges
    name: Ranges
    feed: true
    revisions:
      - revision: 2026-02-01
        date: 2026-02-01
        source: {title: t, location: l, kind: vendor, etag: '"x"'}
        rules:
          - {id: calls-eu, purpose: CALLS eu, ports: unstated, networks: 9.9.1.0/24}
          - {id: calls-us, purpose: CALLS us, ports: unstated, networks: 9.9.2.0/24}
          - {id: calls-all, purpose: CALLS GLOBAL, ports: unstated, networks: 9.9.3.0/24, names: relay.cloud.example}
          - {id: mail, purpose: MAIL eu, ports: unstated, networks: 9.9.4.0/24}
)";

std::vector<std::string> networks_of(const Catalog& catalog, std::size_t rule) {
    std::vector<std::string> texts;
    for (const auto& network :
         catalog.select("cloud/calls").front()->rules[rule].destinations.prefixes) {
        texts.push_back(to_string(network) + (network.shared ? " shared" : ""));
    }
    return texts;
}

class Feeds : public ::testing::Test {
  protected:
    Feeds() { scratch_.write("cloud.yaml", entry); }
    ScratchCatalog scratch_;
};

TEST_F(Feeds, ARowWhoseFeedWasNeverLoadedSaysSo) {
    const auto catalog = scratch_.load().apply({});
    const auto& rules = catalog.select("cloud/calls").front()->rules;
    EXPECT_TRUE(rules[0].destinations.unknown());
    EXPECT_EQ(rules[0].destinations.text(),
              "feed:cloud/ranges CALLS {region} (never loaded: turnpike catalog refresh "
              "cloud/ranges)");
    EXPECT_EQ(rules[1].destinations.text(), "9.9.1.0/24, 9.9.9.0/24, feed:cloud/ranges CALLS");
    EXPECT_EQ(rules[2].destinations.text(), "feed:the list on the page") << "nobody can refresh it";
}

TEST_F(Feeds, FillTheRowsThatReferToThem) {
    scratch_.write("ranges.yaml", ranges);
    const auto catalog = scratch_.load().apply({});
    EXPECT_THAT(networks_of(catalog, 0),
                ::testing::ElementsAre("9.9.1.0/24", "9.9.2.0/24", "9.9.3.0/24"));
    EXPECT_THAT(networks_of(catalog, 1),
                ::testing::ElementsAre("9.9.1.0/24 shared", "9.9.2.0/24", "9.9.3.0/24"))
        << "in the place of the row's own, whose marks stay";
    const auto& media = catalog.select("cloud/calls").front()->rules[0];
    EXPECT_EQ(media.destinations.names.front().text, "relay.cloud.example");
    EXPECT_THAT(media.destinations.text(),
                HasSubstr("feed:cloud/ranges CALLS {region} (3 networks)"));
}

TEST_F(Feeds, ASettingChoosesAmongTheirRows) {
    scratch_.write("ranges.yaml", ranges);
    const auto catalog = scratch_.load().apply({{"region", "eu"}});
    EXPECT_THAT(networks_of(catalog, 0), ::testing::ElementsAre("9.9.1.0/24", "9.9.3.0/24"));
}

TEST_F(Feeds, AreNoProductToJudge) {
    scratch_.write("ranges.yaml", ranges);
    const auto catalog = scratch_.load();
    ASSERT_EQ(catalog.select("cloud").size(), 1U);
    EXPECT_EQ(catalog.select("cloud").front()->product, "calls");
    EXPECT_EQ(catalog.select("cloud/ranges").size(), 1U);
    EXPECT_EQ(catalog.select("cloud/ranges").front()->etag, "\"x\"");
}

TEST_F(Feeds, AnOldStateIsNotTheOneThatCounts) {
    scratch_.write("ranges.yaml", ranges);
    std::string older = ranges;
    for (auto at = older.find("2026-02-01"); at != std::string::npos;
         at = older.find("2026-02-01")) {
        older.replace(at, 10, "2025-02-01");
    }
    older.replace(older.find("9.9.2.0"), 7, "9.8.2.0");
    scratch_.write("a-ranges.yaml", older);
    EXPECT_THAT(networks_of(scratch_.load().apply({}), 0),
                ::testing::ElementsAre("9.9.1.0/24", "9.9.2.0/24", "9.9.3.0/24"));
}

TEST_F(Feeds, ThatCanBeRefreshedAreListed) {
    scratch_.write(
        "feeds.yaml",
        "feeds:\n"
        "  - {feed: cloud/ranges, name: Ranges, kind: aws, location: 'https://a.example/', "
        "services: [CALLS, MAIL], shared: MAIL}\n"
        "  - {feed: cloud/list, name: List, kind: cidrs, location: 'https://b.example/'}\n");
    const auto catalog = scratch_.load();
    ASSERT_EQ(catalog.feeds().size(), 2U);
    EXPECT_EQ(catalog.feeds()[0].selector(), "cloud/ranges");
    EXPECT_THAT(catalog.feeds()[0].services, ::testing::ElementsAre("CALLS", "MAIL"));
    EXPECT_EQ(select_feeds(catalog, {"cloud/list"}).size(), 1U);
    EXPECT_EQ(select_feeds(catalog, {"cloud", "cloud/list"}).size(), 2U) << "each once";
    EXPECT_THROW(select_feeds(catalog, {"cloudy"}), base::Error);
}

TEST_F(Feeds, OfAnotherFormAreRefusedWithTheirPlaces) {
    scratch_.write("feeds.yaml",
                   "feeds:\n"
                   "  - {feed: cloud, name: x, kind: csv, location: 'http://a.example/'}\n");
    const auto mistakes = scratch_.mistakes();
    EXPECT_THAT(mistakes, HasSubstr("feeds.yaml:2:12: must be vendor/product"));
    EXPECT_THAT(mistakes, HasSubstr("must begin with https://"));
    EXPECT_THAT(mistakes, HasSubstr("csv"));
}

TEST_F(Feeds, OfTheBuiltInCatalogAreWhatItsRowsReferTo) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    std::size_t references = 0;
    for (const auto& revision : catalog.revisions()) {
        for (const auto& rule : revision.rules) {
            const auto& text = rule.destinations.reference;
            if (!text.starts_with("feed:") || text.find('/') == std::string::npos) {
                continue;
            }
            const auto selector = text.substr(5, text.find(' ') - 5);
            EXPECT_EQ(select_feeds(catalog, {selector}).size(), 1U)
                << revision.selector() << rule.id;
            ++references;
        }
    }
    EXPECT_GE(references, 30U);
}

// A list of JSON that nobody promised the form of.
TEST(JsonList, IsReadByTheMembersThatLeadToItsAddresses) {
    const auto imported = import_text(
        ImportKind::json,
        R"({"version": "2.1", "updated": "2026-11-01T10:00:00Z", "sfu": {"eu-west": {"ips": ["192.0.2.1", "192.0.2.128/25"],
            "hosts": ["a.wss.example.com"], "ports": [443]}}, "sip": [{"ip": "198.51.100.7", "name": "Frankfurt"}]})",
        "list", {});
    const auto& rules = imported.products.front().rules;
    ASSERT_EQ(rules.size(), 3U);
    EXPECT_EQ(rules[0].purpose, "sfu eu-west hosts");
    EXPECT_EQ(rules[0].names.front().text, "a.wss.example.com");
    EXPECT_EQ(rules[1].purpose, "sfu eu-west ips");
    EXPECT_EQ(rules[1].networks.size(), 2U);
    EXPECT_EQ(rules[2].purpose, "sip ip");
}

// What is known of Daily's list: the guide names sfu and web, programs that read it name sip.hosts.
TEST(JsonList, DailysMediaServersFillTheRowsOfDaily) {
    ScratchCatalog scratch;
    const auto built_in = std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog";
    const auto known = load({built_in});
    FeedInput input;
    input.today = *base::parse_date("2026-11-22");
    input.file = "ip-info.json";
    input.text =
        R"({"sfu": {"hosts": [{"host": "a.wss.daily.co", "ip": "203.0.113.10", "region": "sa-east-1"},
                              {"host": "b.wss.daily.co", "ip": "203.0.113.11", "region": "sa-saopaulo-1"}]},
            "web": {"hosts": [{"host": "www.daily.co", "ip": "198.51.100.1"}]},
            "sip": {"hosts": [{"host": "sip.daily.co", "ip": "198.51.100.9"}]}})";
    const auto state = refresh(known, *select_feeds(known, {"daily/feed-ip-info"}).front(), input);
    scratch.write("daily-feed.yaml", state.yaml);
    const auto catalog = load({built_in, scratch.directory()}).apply({});
    std::size_t rows = 0;
    for (const auto& rule : catalog.select("daily/calls").front()->rules) {
        if (rule.destinations.reference == "feed:daily/feed-ip-info sfu") {
            std::string networks;
            for (const auto& network : rule.destinations.prefixes) {
                networks += to_string(network) + ' ';
            }
            EXPECT_EQ(networks, "203.0.113.10/32 203.0.113.11/32 ") << rule.id;
            ++rows;
        }
    }
    EXPECT_EQ(rows, 3U);
}

}  // namespace
}  // namespace turnpike::catalog
