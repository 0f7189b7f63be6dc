// Feeds and lists: what becomes a rule, and how what is wrong is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "turnpike/base/error.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The import as the catalog that its YAML loads as: nothing may get lost on the way.
Catalog imported(ImportKind kind, const std::string& text, const ImportOptions& options = {}) {
    return parse_catalog(render_yaml(import_text(kind, text, "input", options)), "input.yaml");
}

ImportOptions service_and_region(std::string service, std::string region) {
    ImportOptions options;
    if (!service.empty()) {
        options.services.push_back(std::move(service));
    }
    options.region = std::move(region);
    return options;
}

ImportOptions named(std::string product, std::string revision, std::string vendor = {}) {
    ImportOptions options;
    options.vendor = std::move(vendor);
    options.product = std::move(product);
    options.revision = std::move(revision);
    return options;
}

std::string mistakes(ImportKind kind, const std::string& text) {
    try {
        static_cast<void>(import_text(kind, text, "input", {}));
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
        return error.what();
    }
    return {};
}

std::vector<std::string> ports_of(const Rule& rule) {
    std::vector<std::string> texts;
    texts.reserve(rule.ports.size());
    for (const auto& port : rule.ports) {
        texts.push_back(std::string(to_string(port.transport)) + ' ' + port.text);
    }
    return texts;
}

TEST(ImportMicrosoft365, KeepsIdsCategoriesNeedAndNotes) {
    const auto catalog = imported(ImportKind::microsoft365, R"([
      {"id": 11, "serviceArea": "Skype", "serviceAreaDisplayName": "Microsoft Teams",
       "ips": ["52.112.0.0/14", "52.122.0.0/15", "2603:1063::/38"],
       "udpPorts": "3478,3479,3480,3481", "expressRoute": true, "category": "Optimize",
       "required": true},
      {"id": 127, "serviceArea": "Skype", "urls": ["*.skype.com", "*cdn.onenote.net",
       "<tenant>.sharepoint.com"], "tcpPorts": "443,80,5000-5010", "category": "Default",
       "required": false, "notes": "only for \"guests\""}])",
                                  named("teams", "2026-01-31"));
    const auto* revision = catalog.select("microsoft/teams@2026-01-31").front();
    ASSERT_EQ(revision->rules.size(), 2U);
    const auto& media = revision->rules[0];
    EXPECT_EQ(media.id, "id-11");
    EXPECT_EQ(media.level, Level::required);
    EXPECT_THAT(media.notes, HasSubstr("Optimize"));
    EXPECT_THAT(ports_of(media), ElementsAre("udp 3478", "udp 3479", "udp 3480", "udp 3481"));
    EXPECT_EQ(media.destinations.text(), "52.112.0.0/14, 52.122.0.0/15, 2603:1063::/38");
    const auto& names = revision->rules[1];
    EXPECT_EQ(names.level, Level::optional);
    EXPECT_THAT(ports_of(names), ElementsAre("tcp 443", "tcp 80", "tcp 5000-5010"));
    EXPECT_EQ(names.destinations.text(), "*.skype.com, *cdn.onenote.net, {tenant}.sharepoint.com");
    EXPECT_THAT(names.notes, HasSubstr("only for \"guests\""));
    EXPECT_TRUE(revision->date);
}

TEST(ImportMicrosoft365, NamesEveryMistakeWithItsPlace) {
    const auto text = mistakes(ImportKind::microsoft365, R"([
      {"id": 1, "ips": ["52.112.0.0/33"], "tcpPorts": "443,70000", "shape": 2},
      {"id": 1, "urls": ["https://a.example.com/x", "b\u00fc.example.com", 7]},
      "stray"])");
    EXPECT_THAT(text, HasSubstr("input: [0].ips[0]: "));
    EXPECT_THAT(text, HasSubstr("input: [0].tcpPorts: "));
    EXPECT_THAT(text, HasSubstr("input: [1].urls[0]: "));
    EXPECT_THAT(text, HasSubstr("input: [1].urls[1]: "));
    EXPECT_THAT(text, HasSubstr("input: [1].urls[2]: "));
    EXPECT_THAT(text, HasSubstr("input: [1].id: is the id of [0], too"));
    EXPECT_THAT(text, HasSubstr("input: [2].: must be an object"));
}

// A feed grows members; what it says in the old ones still holds.
TEST(ImportMicrosoft365, WarnsOfMembersThatItDoesNotKnow) {
    const auto result = import_text(
        ImportKind::microsoft365,
        R"([{"id": 1, "ips": ["52.112.0.0/14"], "shape": 2}, {"id": 2, "ips": ["52.122.0.0/15"], "shape": 3}])",
        "input", {});
    EXPECT_EQ(result.products[0].rules.size(), 2U);
    EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("member shape")));
}

TEST(ImportMicrosoft365, RefusesOtherShapes) {
    EXPECT_THAT(mistakes(ImportKind::microsoft365, "{\"sets\": []}"), HasSubstr("newer format"));
    EXPECT_THAT(mistakes(ImportKind::microsoft365, "[]"), HasSubstr("nothing to import"));
    EXPECT_THAT(mistakes(ImportKind::microsoft365, "[\n{\"id\": 1,\n}]"), HasSubstr("input:3: "));
    EXPECT_THAT(mistakes(ImportKind::microsoft365, "[] []"), HasSubstr("behind the JSON"));
    EXPECT_THAT(mistakes(ImportKind::microsoft365, ""), HasSubstr("input:1: is no JSON"));
    EXPECT_THAT(mistakes(ImportKind::microsoft365, std::string(100'000, '[')),
                HasSubstr("is no JSON"));
}

constexpr auto aws = R"({"syncToken": "1", "createDate": "2026-01-31-20-43-05", "prefixes": [
  {"ip_prefix": "99.77.128.0/18", "region": "GLOBAL", "service": "CHIME_MEETINGS",
   "network_border_group": "GLOBAL"},
  {"ip_prefix": "15.193.0.0/24", "region": "eu-central-1", "service": "AMAZON_CONNECT",
   "network_border_group": "eu-central-1"},
  {"ip_prefix": "15.193.1.0/24", "region": "us-east-1", "service": "AMAZON_CONNECT",
   "network_border_group": "us-east-1"}],
  "ipv6_prefixes": [{"ipv6_prefix": "2600:f0f0::/40", "region": "us-east-1",
   "service": "AMAZON_CONNECT", "network_border_group": "us-east-1"}]})";

TEST(ImportAws, GroupsByServiceAndRegion) {
    const auto catalog = imported(ImportKind::aws, aws, service_and_region("amazon_connect", ""));
    const auto& rules = catalog.select("amazon/aws-ranges@2026-01-31").front()->rules;
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].id, "amazon-connect-eu-central-1");
    EXPECT_EQ(rules[0].destinations.text(), "15.193.0.0/24");
    EXPECT_EQ(rules[1].destinations.text(), "15.193.1.0/24, 2600:f0f0::/40");
    EXPECT_THAT(rules[1].ports, IsEmpty());
}

// What Amazon announces as GLOBAL is needed in every region.
TEST(ImportAws, ARegionKeepsWhatIsGlobal) {
    const auto one =
        import_text(ImportKind::aws, aws, "input", service_and_region("", "us-east-1"));
    ASSERT_EQ(one.products[0].rules.size(), 2U);
    EXPECT_EQ(one.products[0].rules[0].id, "amazon-connect-us-east-1");
    EXPECT_EQ(one.products[0].rules[1].id, "chime-meetings-global");
}

TEST(ImportAws, RefusesServicesAndRegionsThatTheFeedDoesNotHave) {
    for (const auto& options :
         {service_and_region("CHIME_MEETING", ""), service_and_region("", "mars-1")}) {
        try {
            static_cast<void>(import_text(ImportKind::aws, aws, "input", options));
            ADD_FAILURE();
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
            EXPECT_THAT(error.what(), HasSubstr("is not in this feed; it has "));
        }
    }
}

// A day beyond what a Timestamp can hold once overflowed (found by fuzzing).
TEST(ImportAws, ADayThatCannotBeIsNoRevision) {
    for (const auto* day : {"5517-02-09-00-00-00", "1217-01-31-00-00-00", "soon"}) {
        auto text = std::string(aws);
        text.replace(text.find("2026-01-31-20-43-05"), 19, day);
        EXPECT_EQ(import_text(ImportKind::aws, text, "input", {}).revision, "undated") << day;
    }
}

TEST(ImportGoogle, TakesBothFamilies) {
    const auto catalog = imported(ImportKind::google, R"({"syncToken": "1",
      "creationTime": "2026-01-31T11:00:00.1", "prefixes": [
      {"ipv4Prefix": "8.8.4.0/24"}, {"ipv6Prefix": "2001:4860::/32"}]})");
    const auto* revision = catalog.revisions().data();
    EXPECT_EQ(revision->selector(), "google/google-ranges@2026-01-31");
    EXPECT_EQ(revision->rules[0].destinations.text(), "8.8.4.0/24, 2001:4860::/32");
}

TEST(ImportCidrs, ReadsAListAndNamesStrayLines) {
    const auto catalog = imported(ImportKind::cidrs, "# Zoom\n8.5.128.0/24\r\n\n2001:db8::/32\n",
                                  named("phone", "", "zoom"));
    EXPECT_EQ(catalog.select("zoom/phone").front()->rules[0].destinations.text(),
              "8.5.128.0/24, 2001:db8::/32");
    const auto text = mistakes(ImportKind::cidrs, "8.5.128.0/24\n<html>\n8.5.128.1/24\n");
    EXPECT_THAT(text, HasSubstr("input:2: "));
    EXPECT_THAT(text, HasSubstr("input:3: "));
}

TEST(ImportCsv, ReadsNamedColumns) {
    const auto catalog = imported(ImportKind::csv,
                                  "purpose,transport,ports,names,networks,destination,condition\r\n"
                                  "Signaling,TCP,\"443, 80\",*.example.com,,,\r\n"
                                  "\"Media, \"\"all\"\"\",tcp/udp,3478-3481,,192.0.2.0/24,,web\r\n"
                                  "Media,udp,1024-65535,,,ANY,\r\n");
    const auto& rules = catalog.revisions()[0].rules;
    ASSERT_EQ(rules.size(), 3U);
    EXPECT_THAT(ports_of(rules[0]), ElementsAre("tcp 443", "tcp 80"));
    EXPECT_EQ(rules[1].purpose, "Media, \"all\"");
    EXPECT_EQ(rules[1].id, "media-all");
    EXPECT_THAT(ports_of(rules[1]), ElementsAre("tcp 3478-3481", "udp 3478-3481"));
    EXPECT_EQ(rules[1].condition, "web");
    EXPECT_TRUE(rules[2].destinations.any);
}

TEST(ImportCsv, NamesEveryMistakeWithItsLine) {
    const auto text = mistakes(ImportKind::csv,
                               "purpose,transport,ports,colour\n"
                               "a,sctp,443,\n"
                               "b,tcp,70000\n"
                               "c,tcp,0,\n");
    EXPECT_THAT(text, HasSubstr("input:1: column colour: is not known"));
    EXPECT_THAT(text, HasSubstr("input:2: transport sctp"));
    EXPECT_THAT(text, HasSubstr("input:3: 3 fields, the head has 4"));
    EXPECT_THAT(text, HasSubstr("input:4: "));
}

// What spreadsheets write: a mark before the first octet, semicolons, heads of their own.
TEST(ImportCsv, ReadsSpreadsheets) {
    const auto catalog =
        imported(ImportKind::csv,
                 "\xEF\xBB\xBF"
                 "Service;Protocol;Port;Destinations\r\n"
                 "Media;UDP;3478, 10000 \u2013 20000;\"turn.example.com; 192.0.2.0/24\"\r\n"
                 "Peers;udp;1024-65535;ANY\r\n");
    const auto& rules = catalog.revisions()[0].rules;
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_THAT(ports_of(rules[0]), ElementsAre("udp 3478", "udp 10000-20000"));
    EXPECT_EQ(rules[0].destinations.text(), "turn.example.com, 192.0.2.0/24");
    EXPECT_TRUE(rules[1].destinations.any);
}

// The columns of `catalog export --format csv`: a line a port item, and everything comes back.
TEST(ImportCsv, ReadsWhatTheExporterWrites) {
    const auto catalog = imported(
        ImportKind::csv,
        "vendor,product,revision,rule,purpose,level,condition,when,direction,duplex,transport,"
        "ports,"
        "port_level,port_condition,port_when,source_ports,destinations,reference,shared,"
        "destination_notes,expects,alternative_group,alternative_branch,preference,tier,without_it,"
        "effective_from,effective_until,lifecycle,notes,addresses_seen\n"
        "example,calls,2025-01-31,media,media of calls,conditional,in "
        "Europe,region=eu|us,both,simplex,"
        "udp,3478,,,,udp:4000-4100,*.example.com 192.0.2.0/24 any-without-wildcards,,*.example.com,"
        "*.example.com for pictures,stun "
        "turn,media,udp,2,better,video,2025-02-01,2025-06-30,retiring,"
        "\"a note, quoted\",192.0.2.10=a.example.com\n"
        "example,calls,2025-01-31,media,media of calls,conditional,in "
        "Europe,region=eu|us,both,simplex,"
        "udp,5866-6000,optional,2.9.0 or later,version=>=2.9.0,udp:4000-4100,"
        "*.example.com 192.0.2.0/24 any-without-wildcards,,*.example.com,*.example.com for "
        "pictures,"
        "stun turn,media,udp,2,better,video,2025-02-01,2025-06-30,retiring,\"a note, quoted\",\n"
        "example,calls,2025-01-31,relay,relay,required,,,outbound,duplex,tcp,443,,,,,,customer:"
        "turn.host,"
        ",,,,,,,,,,active,,\n"
        "example,rooms,2024-01-01,relay,relay,required,,,outbound,duplex,,unstated,,,,,any,,,,,,,,,"
        ",,,"
        "active,,\n");
    const auto* const calls = catalog.select("example/calls@2025-01-31").front();
    ASSERT_EQ(calls->rules.size(), 2U);
    const auto& media = calls->rules[0];
    EXPECT_THAT(ports_of(media), ElementsAre("udp 3478", "udp 5866-6000"));
    EXPECT_EQ(media.ports[1].level, Level::optional);
    EXPECT_EQ(media.ports[1].condition, "2.9.0 or later");
    ASSERT_EQ(media.ports[1].when.size(), 1U);
    EXPECT_THAT(media.ports[1].when[0].values, ElementsAre(">=2.9.0"));
    EXPECT_EQ(media.level, Level::conditional);
    EXPECT_EQ(media.condition, "in Europe");
    ASSERT_EQ(media.when.size(), 1U);
    EXPECT_THAT(media.when[0].values, ElementsAre("eu", "us"));
    EXPECT_EQ(media.direction, RuleDirection::both);
    EXPECT_EQ(media.duplex, Duplex::simplex);
    ASSERT_EQ(media.source_ports.size(), 1U);
    EXPECT_EQ(media.source_ports[0].text, "4000-4100");
    EXPECT_TRUE(media.destinations.any_without_wildcards);
    EXPECT_TRUE(media.destinations.names[0].shared);
    EXPECT_EQ(media.destinations.names[0].note, "for pictures");
    EXPECT_THAT(media.expects, ElementsAre(Expectation::stun, Expectation::turn));
    EXPECT_EQ(media.alternative_group, "media");
    EXPECT_EQ(media.alternative_branch, "udp");
    EXPECT_EQ(media.preference, 2U);
    EXPECT_EQ(media.tier, Tier::better);
    EXPECT_EQ(media.lost_feature, "video");
    EXPECT_TRUE(media.effective_from && media.effective_until);
    EXPECT_EQ(media.notes, "a note, quoted");
    EXPECT_EQ(calls->rules[1].destinations.reference, "customer:turn.host");
    const auto* const rooms = catalog.select("example/rooms@2024-01-01").front();
    EXPECT_THAT(rooms->rules[0].ports, IsEmpty());
    EXPECT_TRUE(rooms->rules[0].destinations.any);
}

TEST(ImportCsv, TakesTheRowsOfTheVendorThatIsAsked) {
    const auto* const text = "vendor,id,tcp,names\na,x,443,a.example.com\nb,y,443,b.example.com\n";
    const auto one = import_text(ImportKind::csv, text, "input", named("", "", "b"));
    EXPECT_EQ(one.vendor, "b");
    ASSERT_EQ(one.products[0].rules.size(), 1U);
    EXPECT_EQ(one.products[0].rules[0].id, "y");
}

TEST(ImportCsv, HoldsOneVendor) {
    EXPECT_THAT(mistakes(ImportKind::csv,
                         "vendor,id,tcp,names\na,x,443,a.example.com\n"
                         "b,y,443,b.example.com\n"),
                HasSubstr("input:3: vendor b: the rows above are of a"));
}

TEST(Import, SameIdsAreNumbered) {
    const auto all = import_text(ImportKind::csv, "id,tcp\nmedia,1\nmedia,2\n", "input", {});
    ASSERT_EQ(all.products[0].rules.size(), 2U);
    EXPECT_EQ(all.products[0].rules[1].id, "media-2");
}

TEST(Import, UnknownWordIsNoKind) {
    EXPECT_FALSE(parse_import_kind("xml"));
    EXPECT_EQ(parse_import_kind("csv"), ImportKind::csv);
}

}  // namespace
}  // namespace turnpike::catalog
