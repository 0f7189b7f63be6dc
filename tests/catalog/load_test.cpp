// Loading a catalog: every key, every mistake with its place, and several folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/scratch_catalog.h"

namespace turnpike::catalog {
namespace {

using testing::HasSubstr;

constexpr std::string_view loadable_rule =
    "            ports: {tcp: [443]}\n"
    "            names: a.example.com\n";

TEST(Load, ReadsEveryKeyOfARule) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(R"(            direction: both
            simplex: true
            ports: {tcp: [443], udp: [{port: 5866 - 6000, condition: 2.9.0 or later, when: {version: ">= 2.9.0"}}]}
            source_ports: {udp: [1024-65535]}
            names: ["*.Example.com", {name: .example.net, note: avatars, shared: true}]
            networks: [192.0.2.0/24, "2001:db8::/32"]
            destination: [any-without-wildcards, feed:https://example.com/list]
            level: recommended
            condition: for the converter
            when: {feature: converter}
            expects: [stun, dtls]
            alternative: {group: media, branch: udp, preference: 1}
            tier: better
            without_it: video
            effective: {from: 2025-02-01, until: 2025-03-01}
            notes: a note
)"));
    const auto catalog = scratch.load();
    ASSERT_EQ(catalog.revisions().size(), 1U);
    const auto& revision = catalog.revisions().front();
    EXPECT_EQ(revision.selector(), "example/calls@2025-01-31");
    EXPECT_EQ(revision.vendor_name, "Example");
    EXPECT_EQ(revision.product_name, "Calls");
    EXPECT_TRUE(revision.current);
    ASSERT_EQ(revision.rules.size(), 1U);
    const auto& rule = revision.rules.front();
    EXPECT_EQ(rule.direction, RuleDirection::both);
    EXPECT_EQ(rule.duplex, Duplex::simplex);
    ASSERT_EQ(rule.ports.size(), 2U);
    EXPECT_EQ(rule.ports[1].transport, Transport::udp);
    EXPECT_EQ(rule.ports[1].text, "5866-6000");
    EXPECT_EQ(rule.ports[1].level, Level::conditional);
    EXPECT_EQ(rule.ports[1].when.at(0).values, std::vector<std::string>{">=2.9.0"});
    EXPECT_EQ(rule.source_ports.at(0).text, "1024-65535");
    EXPECT_EQ(rule.destinations.text(),
              "*.example.com, .example.net, 192.0.2.0/24, 2001:db8::/32, "
              "feed:https://example.com/list");
    EXPECT_TRUE(rule.destinations.names[1].shared);
    EXPECT_EQ(rule.destinations.names[1].note, "avatars");
    EXPECT_TRUE(rule.destinations.any_without_wildcards);
    EXPECT_EQ(rule.level, Level::recommended);
    EXPECT_EQ(rule.condition, "for the converter");
    EXPECT_EQ(rule.when.at(0).key, "feature");
    EXPECT_EQ(rule.expects, (std::vector{Expectation::stun, Expectation::dtls}));
    EXPECT_EQ(rule.alternative_group, "media");
    EXPECT_EQ(rule.alternative_branch, "udp");
    EXPECT_EQ(rule.preference, 1U);
    EXPECT_EQ(rule.tier, Tier::better);
    EXPECT_EQ(rule.lost_feature, "video");
    EXPECT_EQ(rule.notes, "a note");
    EXPECT_EQ(rule.lifecycle_at(*base::parse_date("2025-01-31")), Lifecycle::announced);
    EXPECT_EQ(rule.lifecycle_at(*base::parse_date("2025-02-01")), Lifecycle::retiring);
    EXPECT_EQ(rule.lifecycle_at(*base::parse_date("2025-03-01")), Lifecycle::retired);
}

TEST(Load, ReportsAllMistakesOfAllFilesAtOnceWithTheirPlaces) {
    const ScratchCatalog scratch;
    scratch.write("a.yaml", vendor_file(R"(          - id: one
            purpose: first
            ports: {tcp: [010, 0x1F, 1e3, +5, 0, 65536, 6000-5866]}
            names: https://example.com/path
          - id: one
            purpose: second
            purpose: third
            prots: {tcp: [443]}
            names: [a..example.com]
            level: conditional
            networks: [192.0.2.1/24]
)"));
    scratch.write("b.yaml", "vendor: Example\nname: Second\n");
    EXPECT_EQ(
        scratch.mistakes(),
        "a.yaml:13:27: \"010\" begins with 0, which some read as octal; write 10\n"
        "a.yaml:13:32: \"0x1F\" is hexadecimal; write it in decimal\n"
        "a.yaml:13:38: \"1e3\" is no plain decimal number\n"
        "a.yaml:13:43: \"+5\" has a sign; write digits only\n"
        "a.yaml:13:47: port 0 is impossible; for every port write all\n"
        "a.yaml:13:50: port 65536 is impossible; ports end at 65535\n"
        "a.yaml:13:57: the range \"6000-5866\" runs backwards\n"
        "a.yaml:14:20: \"https://example.com/path\" is a URL or has a port; write the name only: "
        "\"example.com\"\n"
        "a.yaml:15:13: a rule lacks \"ports\"\n"
        "a.yaml:15:13: the rule id \"one\" occurs twice in example/calls@2025-01-31\n"
        "a.yaml:17:13: duplicate key \"purpose\"\n"
        "a.yaml:18:13: a rule has no key \"prots\"; did you mean \"ports\"?\n"
        "a.yaml:19:21: \"a..example.com\": an empty label (two dots in a row)\n"
        "a.yaml:20:20: a conditional rule needs its \"condition\" in words\n"
        "a.yaml:21:24: \"192.0.2.1/24\" has host bits set; write 192.0.2.0/24 or the single "
        "address\n"
        "b.yaml:1:1: a vendor file lacks \"products\"\n"
        "b.yaml:1:9: \"Example\" is no identifier: lower case letters, digits, '-', '.' and '_' "
        "only");
}

TEST(Load, RefusesUnknownWords) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml",
                  one_rule(std::string(loadable_rule) + "            level: requried\n"
                                                        "            direction: up\n"
                                                        "            expects: [tlss]\n"
                                                        "            simplex: yes\n"
                                                        "            destination: anywhere\n"));
    const auto mistakes = scratch.mistakes();
    EXPECT_THAT(mistakes, HasSubstr("unknown word \"requried\"; did you mean \"required\"?"));
    EXPECT_THAT(mistakes, HasSubstr("unknown word \"up\""));
    EXPECT_THAT(mistakes, HasSubstr("unknown word \"tlss\"; did you mean \"tls\"?"));
    EXPECT_THAT(mistakes, HasSubstr("\"simplex\" is true or false"));
    EXPECT_THAT(mistakes, HasSubstr("unknown destination \"anywhere\""));
}

// Only one could be kept.
TEST(Load, RefusesTwoReferencesInOneRule) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml",
                  one_rule("            ports: {tcp: [443]}\n"
                           "            destination: [any, \"customer:server\", unstated]\n"));
    EXPECT_THAT(scratch.mistakes(),
                HasSubstr("example.yaml:14:51: \"unstated\" beside \"customer:server\""));
}

TEST(Load, RefusesBadDates) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(loadable_rule, "        date: 2025-02-30\n"));
    EXPECT_THAT(scratch.mistakes(), HasSubstr(":9:15: \"2025-02-30\" is no date"));
}

TEST(Load, RefusesTheSameRevisionTwice) {
    const ScratchCatalog scratch;
    scratch.write("a.yaml", one_rule(loadable_rule));
    scratch.write("b.yaml", one_rule(loadable_rule));
    EXPECT_THAT(scratch.mistakes(),
                HasSubstr("b.yaml:7:9: example/calls@2025-01-31 is already in"));
}

TEST(Load, ALaterDirectoryReplacesTheRevision) {
    const ScratchCatalog built_in;
    const ScratchCatalog mine;
    built_in.write("a.yaml", one_rule(loadable_rule));
    mine.write("a.yaml",
               one_rule("            ports: {tcp: [8443]}\n            names: b.example.com\n"));
    const auto catalog = load({built_in.directory(), mine.directory()});
    ASSERT_EQ(catalog.revisions().size(), 1U);
    EXPECT_EQ(catalog.revisions().front().rules.front().ports.front().text, "8443");
    EXPECT_EQ(catalog.revisions().front().file, mine.directory() / "a.yaml");
}

TEST(Load, ADirectoryThatIsNotThereCannotBeOpened) {
    try {
        static_cast<void>(load({"/nowhere/at/all"}));
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::cannot_open);
    }
}

TEST(Load, ADirectoryWithoutEntriesIsNoCatalog) {
    const ScratchCatalog scratch;
    EXPECT_THAT(scratch.mistakes(), HasSubstr("no .yaml file"));
}

TEST(Load, AnEmptyFileIsNoEntry) {
    const ScratchCatalog scratch;
    scratch.write("empty.yaml", "");
    scratch.write("null.yaml", "# nothing here\n");
    EXPECT_EQ(scratch.mistakes(),
              "empty.yaml:1:1: the file is empty\nnull.yaml:1:1: the file is "
              "empty");
}

TEST(Load, AFileOfUnlikelySizeIsRefusedUnread) {
    const ScratchCatalog scratch;
    const auto file = scratch.write("huge.yaml", "vendor: x\n");
    std::filesystem::resize_file(file, std::uintmax_t{100} << 20U);
    EXPECT_THAT(scratch.mistakes(), HasSubstr("huge.yaml: 104857600 bytes are too many"));
}

TEST(Load, SaysThatNamesWithAStarNeedQuotes) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {tcp: [443]}\n"
                                           "            names: *.example.com\n"));
    EXPECT_THAT(scratch.mistakes(), HasSubstr("must be quoted"));
}

TEST(Load, ABlockOfNamesKeepsItsLineNumbers) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {tcp: [443]}\n"
                                           "            names: |\n"
                                           "              *.a.example.com  # the first\n"
                                           "\n"
                                           "              # a comment line\n"
                                           "              b.example.com c.example.com\n"
                                           "              bad_name\n"));
    EXPECT_EQ(scratch.mistakes(),
              "example.yaml:19:1: \"bad_name\" is a single label; a name has a domain");
}

TEST(Load, ListsOfNamesMayHoldLists) {
    const ScratchCatalog scratch;
    scratch.write(
        "example.yaml",
        one_rule("            ports: {tcp: [443]}\n"
                 "            names: [&web [a.example.com, b.example.com], c.example.com]\n"
                 "            networks: &nets |\n"
                 "              192.0.2.0/24\n"
                 "              198.51.100.4-198.51.100.6\n"));
    EXPECT_EQ(scratch.load().revisions().front().rules.front().destinations.text(),
              "a.example.com, b.example.com, c.example.com, 192.0.2.0/24, 198.51.100.4/31, "
              "198.51.100.6/32");
}

TEST(Load, AnIncludeMustNameSomething) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(loadable_rule, "        includes: [exampel/calls]\n"));
    EXPECT_THAT(scratch.mistakes(), HasSubstr("did you mean example/calls?"));
}

TEST(Load, NotAllowListableNeedsAWayOut) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(loadable_rule, "        allow_listing: impossible\n"));
    const auto mistakes = scratch.mistakes();
    EXPECT_THAT(mistakes, HasSubstr("\"use_instead\" must say"));
    EXPECT_THAT(mistakes, HasSubstr("rules contradict"));
}

TEST(Load, APlaceholderMustBeASetting) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {tcp: [443]}\n"
                                           "            names: \"turn.{region}.example.com\"\n"
                                           "            destination: customer:turn.host\n"));
    const auto mistakes = scratch.mistakes();
    EXPECT_THAT(mistakes, HasSubstr("the setting \"region\" is not among"));
    EXPECT_THAT(mistakes, HasSubstr("the setting \"turn.host\" is not among"));
}

TEST(Select, NewestWithoutRevisionAndTheNearestWhereNothingFits) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    const auto exact = catalog.select("whereby/meetings@2024-11-19");
    ASSERT_EQ(exact.size(), 1U);
    EXPECT_FALSE(exact.front()->current);
    for (const auto* revision : catalog.select("agora")) {
        EXPECT_TRUE(revision->current);
        EXPECT_EQ(revision->vendor, "agora");
    }
    ASSERT_EQ(catalog.select("agora/gaming").size(), 1U);
    EXPECT_EQ(catalog.select("agora/gaming").front()->revision, "2020-09-15");
    for (const auto& [asked, nearest] :
         {std::pair{"wherby", "whereby"},
          {"agora/rtc-wbe", "agora/rtc-web"},
          {"whereby/meetings@2024-11-18", "whereby/meetings@2024-11-19"}}) {
        try {
            static_cast<void>(catalog.select(asked));
            FAIL() << asked;
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::usage);
            EXPECT_THAT(error.what(), HasSubstr(std::string("did you mean ") + nearest + "?"));
        }
    }
}

TEST(Select, UndatedRevisionsKeepTheirPlaceInTheFile) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", R"(vendor: example
name: Example
products:
  - product: calls
    name: Calls
    revisions:
      - &first
        revision: 2024-01-01
        date: 2024-01-01
        source: {title: Guide, location: somewhere, kind: vendor}
        rules: &rules
          - {id: a, purpose: a, ports: {tcp: [443]}, names: a.example.com}
      - {revision: copy, source: {title: Guide, location: somewhere, kind: vendor}, rules: *rules}
)");
    const auto catalog = scratch.load();
    EXPECT_EQ(catalog.select("example").front()->revision, "copy");
}

}  // namespace
}  // namespace turnpike::catalog
