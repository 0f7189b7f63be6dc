// What `catalog check` finds, and that it finds nothing in the catalog that is shipped.
#include "turnpike/catalog/check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "catalog/scratch_catalog.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const base::Timestamp check_day = *base::parse_date("2025-06-01");

// The findings as text, of a catalog of one file.
std::string check_findings(const std::string& file) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", file);
    const auto catalog = scratch.load();
    std::string text;
    for (const auto& finding : check(catalog, check_day)) {
        text += std::string(to_string(finding.severity)) + ": " + finding.text + '\n';
    }
    return text;
}

std::string findings_of_rule(const std::string& lines) {
    return check_findings(one_rule(lines));
}

TEST(Check, AGoodEntryHasNoFindings) {
    EXPECT_EQ(findings_of_rule("            ports: {tcp: [443]}\n"
                               "            names: \"*.example.com\"\n"),
              "");
}

TEST(Check, OverWideNames) {
    EXPECT_THAT(findings_of_rule("            ports: {tcp: [443]}\n"
                                 "            names: [\"*.co.uk\", \"*.cloudfront.net\", "
                                 "\"*.amazonaws.com\"]\n"),
                AllOf(HasSubstr("error: *.co.uk covers everybody under the public suffix co.uk"),
                      HasSubstr("warning: *.cloudfront.net: many share cloudfront.net"),
                      HasSubstr("warning: *.amazonaws.com: many share amazonaws.com")));
    EXPECT_EQ(findings_of_rule("            ports: {tcp: [443]}\n"
                               "            names: [{name: \"*.cloudfront.net\", shared: true}, "
                               "turnnlb-*.elb.us-east-1.amazonaws.com]\n"),
              "");
}

// Such a row would never apply, whatever the user says.
TEST(Check, WhenNamesAValueOfItsSetting) {
    const auto findings_with = [](std::string_view region) {
        return check_findings(one_rule(
            fmt::format("            ports: {{tcp: [443]}}\n"
                        "            names: a.example.com\n"
                        "            condition: one region\n"
                        "            when: {{region: [eu, {}]}}\n",
                        region),
            "        settings: [{name: region, description: the region, values: [eu, us]}]\n"));
    };
    EXPECT_THAT(findings_with("ue"),
                HasSubstr("warning: \"ue\" is no value of the setting \"region\""));
    EXPECT_THAT(findings_with("us"), Not(HasSubstr("is no value")));
}

TEST(Check, NamesThatCannotExist) {
    EXPECT_THAT(findings_of_rule("            ports: {tcp: [443]}\n"
                                 "            names: a.example.cmo\n"),
                HasSubstr("warning: a.example.cmo: there is no top-level domain cmo"));
    EXPECT_THAT(findings_of_rule("            ports: {tcp: [443]}\n"
                                 "            names: xn--0.example.com\n"),
                HasSubstr("error: xn--0.example.com: xn--0 is no A-label of any name"));
}

// OpenTok wrote oscp.godaddy.com, Tencent signailing.
TEST(Check, OpenTokAndTencentSlipsOfThePen) {
    EXPECT_THAT(findings_of_rule("            ports: {tcp: [443]}\n"
                                 "            names: [oscp.godaddy.com, "
                                 "signailing.rtc.tencentcloud.com, signalling.example.com]\n"),
                AllOf(HasSubstr("oscp.godaddy.com: is oscp a slip for ocsp?"),
                      HasSubstr("is signailing a slip for signaling?"),
                      Not(HasSubstr("signalling.example.com"))));
}

// RingCentral lists 8801-8802 inside 8801-8810.
TEST(Check, RingCentralRangesThatSwallowOthers) {
    EXPECT_THAT(findings_of_rule("            ports: {udp: [8801-8802, 8801-8810]}\n"
                                 "            networks: [192.0.2.0/24, 192.0.2.128/25]\n"),
                AllOf(HasSubstr("warning: udp 8801-8802 lies within 8801-8810"),
                      HasSubstr("warning: 192.0.2.128/25 lies within 192.0.2.0/24")));
}

TEST(Check, VeryWideAndPrivateNetworks) {
    EXPECT_THAT(findings_of_rule("            ports: {udp: [3478]}\n"
                                 "            networks: [0.0.0.0/0, 10.1.0.0/16]\n"),
                AllOf(HasSubstr("warning: 0.0.0.0/0 is very wide"),
                      HasSubstr("warning: 10.1.0.0/16 is a private network")));
}

TEST(Check, ShadowedRules) {
    EXPECT_THAT(check_findings(
                    vendor_file("          - {id: wide, purpose: a, ports: {tcp: [1-1000]}, names: "
                                "\"*.example.com\"}\n"
                                "          - {id: narrow, purpose: b, ports: {tcp: [443]}, names: "
                                "a.example.com}\n"
                                "          - {id: other, purpose: c, ports: {tcp: [443]}, names: "
                                "example.com}\n")),
                "note: the rule wide already covers all of this\n");
}

TEST(Check, Alternatives) {
    EXPECT_THAT(findings_of_rule("            ports: {tcp: [443]}\n"
                                 "            names: a.example.com\n"
                                 "            alternative: {group: media, branch: tcp}\n"),
                HasSubstr("group media has one branch only"));
    EXPECT_THAT(check_findings(vendor_file(
                    "          - {id: a, purpose: a, ports: {tcp: [443]}, names: a.example.com, "
                    "alternative: {group: g, branch: x, preference: 1}}\n"
                    "          - {id: b, purpose: b, ports: {tcp: [444]}, names: a.example.com, "
                    "alternative: {group: g, branch: x, preference: 2}}\n"
                    "          - {id: c, purpose: c, ports: {tcp: [445]}, names: a.example.com, "
                    "alternative: {group: g, branch: y}}\n")),
                AllOf(HasSubstr("error: branch x has two preferences"),
                      HasSubstr("some branches have a preference, others none")));
}

TEST(Check, Dates) {
    constexpr std::string_view rule =
        "            ports: {tcp: [443]}\n            names: a.example.com\n";
    EXPECT_THAT(check_findings(one_rule(rule, "        notes: no date\n")),
                HasSubstr("warning: the source has no date"));
    EXPECT_THAT(check_findings(one_rule(rule, "        date: 2026-01-01\n")),
                AllOf(HasSubstr("error: the date lies in the future"),
                      HasSubstr("error: called 2025-01-31 but dated 2026-01-01")));
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(rule));
    const auto catalog = scratch.load();
    const auto later = check(catalog, *base::parse_date("2026-03-01"));
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later.front().severity, Severity::warning);
    EXPECT_THAT(later.front().text, HasSubstr("2025-01-31, 394 days ago; read it again (read_on)"));
}

TEST(Check, RevisionsOutOfOrder) {
    EXPECT_THAT(check_findings(R"(vendor: example
name: Example
products:
  - product: calls
    name: Calls
    revisions:
      - revision: 2025-02-01
        date: 2025-02-01
        source: &guide {title: Guide, location: somewhere, kind: vendor}
        rules: &rules
          - {id: a, purpose: a, ports: {tcp: [443]}, names: a.example.com}
      - {revision: 2025-01-01, date: 2025-01-01, source: *guide, rules: *rules}
)"),
                "warning: listed behind a newer revision; the oldest comes first\n");
}

TEST(Check, IncludesThatComeBack) {
    EXPECT_THAT(
        check_findings(one_rule("            ports: {tcp: [443]}\n"
                                "            names: a.example.com\n",
                                "        date: 2025-01-31\n        includes: [example/calls]\n")),
        HasSubstr("error: it includes itself"));
}

// Whereby warned in 2026 that rules by name do not work for UDP.
TEST(Check, WherebyNamesCannotHoldUdp) {
    EXPECT_THAT(findings_of_rule("            ports: {udp: [443]}\n"
                                 "            names: \"*.turn.example.com\"\n"),
                HasSubstr("note: UDP carries no names: a firewall needs addresses or open UDP for "
                          "row"));
}

TEST(Check, TheShippedCatalogHasNoErrors) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    // The day does not matter for errors as long as it is behind every revision.
    for (const auto& finding : check(catalog, *base::parse_date("2030-01-01"))) {
        EXPECT_NE(finding.severity, Severity::error)
            << finding.revision->selector() << ": " << finding.text;
    }
}

// Whatever the check doubts must have been cleared in the entries. Their age is nothing that a user
// could clear, so it does not count, however long the program is in use.
TEST(Check, TheShippedCatalogHasNoWarnings) {
    const auto shipped = std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog";
    const auto catalog = load({shipped});
    const auto much_later = *base::parse_date("2036-01-01");
    for (const auto& finding :
         check(catalog, much_later, {.after = std::chrono::days(366), .exempt = shipped})) {
        EXPECT_NE(finding.severity, Severity::warning)
            << finding.revision->selector() << ' '
            << (finding.rule == nullptr ? "" : finding.rule->id) << ": " << finding.text;
    }
    EXPECT_TRUE(std::ranges::any_of(check(catalog, much_later), [](const Finding& finding) {
        return finding.text.starts_with("last known to be right on");
    })) << "a maintainer asks for ages";
}

TEST(Staleness, CountsFromAnyAgeAndNotInAnExemptFolder) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {tcp: [443]}\n"
                                           "            names: a.example.com\n"));
    const auto catalog = scratch.load();
    EXPECT_EQ(check(catalog, check_day).size(), 0U) << "121 days";
    EXPECT_EQ(check(catalog, check_day, {.after = std::chrono::days(121), .exempt = {}}).size(),
              0U);
    EXPECT_EQ(check(catalog, check_day, {.after = std::chrono::days(120), .exempt = {}}).size(),
              1U);
    EXPECT_EQ(check(catalog, check_day, {.after = std::chrono::days(120), .exempt = "/"}).size(),
              1U);
    const auto folder = catalog.revisions().front().file.parent_path();
    EXPECT_EQ(
        check(catalog, check_day, {.after = std::chrono::days(120), .exempt = folder / "."}).size(),
        0U);
}

TEST(RenderCheck, CountsAndFormats) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {udp: [443]}\n"
                                           "            names: \"*.example.com\"\n"));
    const auto catalog = scratch.load();
    const auto found = check(catalog, check_day);
    EXPECT_THAT(render_check(catalog, found, Format::text),
                AllOf(HasSubstr("note: example/calls@2025-01-31: UDP carries no names"),
                      HasSubstr("1 revision checked: 0 errors, 0 warnings, 1 note\n")));
    EXPECT_THAT(render_check(catalog, found, Format::json), HasSubstr("\"severity\": \"note\""));
    EXPECT_THAT(
        render_check(catalog, found, Format::csv),
        HasSubstr("severity,revision,rule_id,file,text\r\nnote,example/calls@2025-01-31,,"));
    EXPECT_THAT(render_check(catalog, found, Format::markdown), HasSubstr("| note |"));
}

}  // namespace
}  // namespace turnpike::catalog
