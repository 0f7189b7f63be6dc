// What entries may say besides ports and destinations: shared networks, transports without a port,
// public names, what was inferred.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/scratch_catalog.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/export.h"
#include "turnpike/catalog/index.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const base::Timestamp today = *base::parse_date("2025-06-01");

Catalog catalog_of(const std::string& file) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", file);
    return scratch.load();
}

std::string mistakes_of(const std::string& lines) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(lines));
    return scratch.mistakes();
}

std::string findings(const Catalog& catalog) {
    std::string text;
    for (const auto& finding : check(catalog, today)) {
        text += std::string(to_string(finding.severity)) + ": " + finding.text + '\n';
    }
    return text;
}

TEST(SharedNetworks, AreToldByTheIndex) {
    const auto catalog = catalog_of(
        one_rule("            ports: {tcp: [443]}\n"
                 "            networks:\n"
                 "              - 192.0.2.0/24\n"
                 "              - {network: 198.51.100.0/24, shared: true, note: a CDN}\n"));
    const Index index(catalog.current());
    const auto own = index.match_address(*base::IpAddress::parse("192.0.2.1"));
    const auto shared = index.match_address(*base::IpAddress::parse("198.51.100.1"));
    ASSERT_EQ(own.size(), 1U);
    ASSERT_EQ(shared.size(), 1U);
    EXPECT_FALSE(own.front().shared);
    EXPECT_TRUE(shared.front().shared);
    EXPECT_EQ(shared.front().prefix->note, "a CDN");
    EXPECT_THAT(render_show(catalog.current(), Format::text, today),
                HasSubstr("198.51.100.0/24 (a CDN, shared with others)"));
    EXPECT_THAT(render_show(catalog.current(), Format::json, today),
                HasSubstr("\"shared_networks\": [\n"));
}

TEST(PortsUnstated, GiveARequirementThatNoPortMatchesByItself) {
    const auto catalog =
        catalog_of(one_rule("            ports: {tcp: unstated, udp: [3478]}\n"
                            "            names: a.example.com\n"
                            "            destination: any\n"));
    const auto& revision = catalog.revisions().front();
    const auto requirements = requirements_of(revision);
    ASSERT_EQ(requirements.size(), 2U);
    EXPECT_EQ(requirements.front().port->text, "unstated");
    EXPECT_EQ(requirements.front().port->transport, Transport::tcp);
    EXPECT_FALSE(requirements.front().port->stated);
    const auto& rule = revision.rules.front();
    EXPECT_EQ(covering_port(rule, Transport::tcp, 8443), requirements.front().port);
    EXPECT_EQ(covering_port(rule, Transport::udp, 8443), nullptr);
    const Index index(catalog.current());
    EXPECT_THAT(index.match_any(Transport::tcp, 443), IsEmpty());
    EXPECT_EQ(index.match_any(Transport::udp, 3478).size(), 1U);
    EXPECT_THAT(render_show(catalog.current(), Format::text, today),
                HasSubstr("tcp unstated; udp 3478"));
}

TEST(PortsUnstated, OpenNothing) {
    const auto catalog =
        catalog_of(one_rule("            ports: {tcp: unstated}\n"
                            "            networks: 192.0.2.0/24\n"));
    const auto exported = export_revisions(catalog.current(), today);
    ASSERT_EQ(exported.entries.size(), 1U);
    EXPECT_FALSE(exported.entries.front().has_ports());
    EXPECT_THAT(render_export(exported, Firewall::nftables, {{"lan0"}, {"wan0"}}).text,
                HasSubstr("the document states no ports"));
}

TEST(PortsUnstated, StandAlone) {
    EXPECT_THAT(mistakes_of("            ports: {tcp: [443, unstated]}\n"
                            "            names: a.example.com\n"),
                HasSubstr("\"unstated\" stands alone"));
    EXPECT_THAT(mistakes_of("            ports: {tcp: [443]}\n"
                            "            source_ports: {udp: unstated}\n"
                            "            names: a.example.com\n"),
                HasSubstr("source ports that are not stated are left out"));
}

TEST(Inferred, NamesKeysOfTheRule) {
    const auto catalog =
        catalog_of(one_rule("            ports: {tcp: [443]}\n"
                            "            names: a.example.com\n"
                            "            expects: [tls]\n"
                            "            inferred: [level, expects]\n"));
    EXPECT_THAT(render_show(catalog.current(), Format::text, today),
                HasSubstr("not stated      level, expects"));
    EXPECT_THAT(mistakes_of("            ports: {tcp: [443]}\n"
                            "            names: a.example.com\n"
                            "            inferred: levle\n"),
                HasSubstr("unknown word \"levle\"; did you mean \"level\"?"));
}

constexpr std::string_view good_rule =
    "            ports: {tcp: [443]}\n            names: a.example.com\n";

std::string read_on(const std::string& day, const std::string& date) {
    auto text = one_rule(
        good_rule, date.empty() ? "        notes: no date\n" : "        date: " + date + '\n');
    const auto kind = text.find("kind: vendor}");
    return text.insert(kind, "read_on: " + day + ", ");
}

// Without it, nobody can clear the warning about an undated document.
TEST(ReadOn, ClearsAnUndatedDocumentForAYear) {
    EXPECT_EQ(findings(catalog_of(read_on("2025-05-01", ""))), "");
    EXPECT_THAT(findings(catalog_of(read_on("2024-05-01", ""))),
                HasSubstr("warning: last known to be right on 2024-05-01, 396 days ago"));
}

TEST(ReadOn, StalenessCountsFromTheLastReading) {
    auto text = read_on("2025-05-01", "2023-01-31");
    text.replace(text.find("revision: 2025-01-31"), 20, "revision: 2023-01-31");
    EXPECT_EQ(findings(catalog_of(text)), "");
    EXPECT_THAT(findings(catalog_of(read_on("2025-01-01", "2025-01-31"))),
                HasSubstr("error: read on 2025-01-01, before its date 2025-01-31"));
    EXPECT_THAT(findings(catalog_of(read_on("2026-01-01", ""))),
                HasSubstr("error: read on a day in the future"));
}

// The vendor's own slip stays in the entry; the check must not ask for ever.
TEST(AsPrinted, TurnsSlipsIntoNotes) {
    const std::string rule =
        "            ports: {udp: [8801-8802, 8801-8810]}\n"
        "            names: oscp.example.com\n";
    EXPECT_THAT(findings(catalog_of(one_rule(rule))), HasSubstr("warning: udp 8801-8802"));
    const auto cleared = findings(catalog_of(one_rule(rule + "            as_printed: true\n")));
    EXPECT_THAT(cleared, Not(HasSubstr("warning")));
    EXPECT_THAT(cleared, HasSubstr("note: oscp.example.com: is oscp a slip for ocsp?"));
}

TEST(Owners, NamesEveryNetworkMeetsMustSayShared) {
    EXPECT_THAT(findings(catalog_of(one_rule("            ports: {tcp: [443]}\n"
                                             "            names: [\"*.google.com\", "
                                             "{name: docs.google.com, shared: true}]\n"))),
                "warning: *.google.com: every network has traffic to google.com; say shared: "
                "true\n");
}

TEST(Owners, TwoVendorsDoNotOwnOneDomain) {
    const ScratchCatalog scratch;
    auto other = one_rule("            ports: {tcp: [443]}\n            names: b.example.com\n");
    other.replace(other.find("vendor: example"), 15, "vendor: another");
    scratch.write("example.yaml", one_rule(good_rule));
    scratch.write("other.yaml", other);
    EXPECT_THAT(findings(scratch.load()),
                HasSubstr("warning: b.example.com: example/calls@2025-01-31 calls example.com its "
                          "own, too"));
    other.insert(other.find("        rules:"), "        includes: [example/calls]\n");
    scratch.write("other.yaml", other);
    EXPECT_EQ(findings(scratch.load()), "");
}

TEST(PublicNames, AreReadBesideTheVendors) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(good_rule));
    scratch.write("public-names.yaml",
                  "public_ech_names:\n"
                  "  - {name: ech.example.net, note: a CDN, location: somewhere}\n");
    const auto catalog = scratch.load();
    const Index index(catalog.current(), catalog.public_ech_names());
    EXPECT_TRUE(index.is_public_ech_name("ech.example.net"));
    EXPECT_FALSE(index.is_public_ech_name("cloudflare-ech.com"));
    EXPECT_FALSE(index.is_public_ech_name("www.example.net"));
}

TEST(PublicNames, OfTheBuiltInCatalogOutliveSettings) {
    const auto catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    const Index index(catalog.current(), catalog.public_ech_names());
    EXPECT_TRUE(index.is_public_ech_name("cloudflare-ech.com"));
    EXPECT_EQ(catalog.apply({}).public_ech_names().size(), catalog.public_ech_names().size());
}

TEST(PublicNames, MistakesHaveTheirPlaces) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule(good_rule));
    scratch.write("public-names.yaml", "public_ech_names:\n  - {name: https://a.example}\n");
    EXPECT_THAT(scratch.mistakes(), HasSubstr("public-names.yaml:2:12: \"https://a.example\" is a "
                                              "URL"));
}

}  // namespace
}  // namespace turnpike::catalog
