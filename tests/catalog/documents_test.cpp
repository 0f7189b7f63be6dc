// The five seed documents, transcribed by hand from their text and kept apart from the YAML: every
// domain, port item, transport and condition of every revision, compared with what the catalog
// says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "catalog/built_in.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

/// A port item as the document prints it (spaces around a range's hyphen dropped).
struct Port {
    std::string transport;
    std::string text;
    std::string condition;
    auto operator<=>(const Port&) const = default;
};

void PrintTo(const Port& port, std::ostream* out) {
    *out << port.transport << ' ' << port.text;
    if (!port.condition.empty()) {
        *out << " (" << port.condition << ')';
    }
}

/// One row: its ports, and the names it leads to.
struct Row {
    std::vector<Port> ports;
    std::vector<std::string> names;
    bool any = false;
    auto operator<=>(const Row&) const = default;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << testing::PrintToString(row.ports) << " to " << testing::PrintToString(row.names)
         << (row.any ? " ANY" : "");
}

const Revision& revision(const std::string& selector) {
    const auto found = built_in().select(selector);
    EXPECT_EQ(found.size(), 1U) << selector;
    return *found.front();
}

std::vector<Row> rows_of(const Revision& revision) {
    std::vector<Row> rows;
    for (const auto& rule : revision.rules) {
        Row row;
        for (const auto& port : rule.ports) {
            row.ports.push_back(
                {std::string(to_string(port.transport)), port.text, port.condition});
        }
        for (const auto& name : rule.destinations.names) {
            row.names.push_back(name.text);
        }
        row.any = rule.destinations.any;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Port> tcp(const std::vector<std::string>& items) {
    std::vector<Port> ports;
    for (const auto& item : items) {
        ports.push_back({"tcp", item, ""});
    }
    return ports;
}

std::vector<Port> udp(const std::vector<std::string>& items) {
    std::vector<Port> ports;
    for (const auto& item : items) {
        ports.push_back({"udp", item, ""});
    }
    return ports;
}

TEST(SeedDocuments, SendbirdCalls) {
    const auto& calls = revision("sendbird/calls");
    EXPECT_FALSE(calls.date) << "the document is undated";
    EXPECT_THAT(rows_of(calls), UnorderedElementsAreArray(std::vector<Row>{
                                    {tcp({"443"}), {"*.calls.sendbird.com"}},
                                    {udp({"5349"}), {"*.calls.sendbird.com"}},
                                    {udp({"1024-65535"}), {}, true},
                                }));
    ASSERT_EQ(calls.rules.size(), 3U);
    // "If you cannot use wildcard FQDN as the destination address, set it to ANY."
    EXPECT_TRUE(calls.rules[0].destinations.any_without_wildcards);
    EXPECT_TRUE(calls.rules[1].destinations.any_without_wildcards);
    EXPECT_FALSE(calls.rules[0].destinations.any);
    EXPECT_FALSE(calls.rules[1].destinations.any);
    // "Requirements for Media Connectivity when using Direct Call"
    EXPECT_EQ(calls.rules[1].level, Level::conditional);
    // "to enable direct P2P connection with STUN"
    EXPECT_EQ(calls.rules[2].level, Level::optional);
}

const std::vector<std::string> whereby_signaling{
    "*.sfu.whereby.com", "*.sfu.svc.whereby.com", "*.srv.whereby.com",
    "*.svc.whereby.com", "*.appearin.net",
};
const std::vector<std::string> whereby_turn{
    "*.turn.whereby.com",
    "*.turn.svc.whereby.com",
    "turnserver.appearin.net",
};

TEST(SeedDocuments, WherebyMeetings2024) {
    EXPECT_THAT(rows_of(revision("whereby/meetings@2024-11-19")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"443"}), whereby_signaling},
                    {tcp({"443"}), whereby_turn},
                    {udp({"443"}), whereby_turn},
                    {udp({"1024-65535"}), {}, true},
                }));
}

TEST(SeedDocuments, WherebyMeetings2025) {
    const auto& meetings = revision("whereby/meetings@2025-01-31");
    EXPECT_THAT(rows_of(meetings), UnorderedElementsAreArray(std::vector<Row>{
                                       {tcp({"443"}), whereby_signaling},
                                       {tcp({"443"}), whereby_turn},
                                       {udp({"443"}), whereby_turn},
                                       {udp({"1024-65535"}), {}, true},
                                       {tcp({"443"}),
                                        {"*.posthog.com", "*.sentry.io", "*.helpscout.net",
                                         "*.amazonaws.net", "*.cloudfront.net"}},
                                   }));
    for (const auto& rule : meetings.rules) {
        EXPECT_EQ(rule.direction, RuleDirection::outbound) << "outbound rules only";
        for (const auto& name : rule.destinations.names) {
            EXPECT_EQ(name.note, name.text == "*.amazonaws.net" ? "user avatars" : "");
        }
    }
}

// The list under "Domain Whitelisting" of both files, whatever row a name was put into.
TEST(SeedDocuments, WherebyDomainListsAreWhole) {
    const auto all_names = [](const std::string& selector) {
        std::set<std::string> names;
        for (const auto& row : rows_of(revision(selector))) {
            names.insert(row.names.begin(), row.names.end());
        }
        return names;
    };
    const std::set<std::string> of_2024{
        "*.sfu.whereby.com",      "*.sfu.svc.whereby.com",   "*.srv.whereby.com",
        "*.svc.whereby.com",      "*.appearin.net",          "*.turn.whereby.com",
        "*.turn.svc.whereby.com", "turnserver.appearin.net",
    };
    EXPECT_EQ(all_names("whereby/meetings@2024-11-19"), of_2024);
    auto of_2025 = of_2024;
    of_2025.insert(
        {"*.posthog.com", "*.sentry.io", "*.helpscout.net", "*.amazonaws.net", "*.cloudfront.net"});
    EXPECT_EQ(all_names("whereby/meetings@2025-01-31"), of_2025);
}

const std::vector<std::string> agora_native_2018{
    ".agora.io",      "vocs1.agora.io",     "vocs2.agora.io",  "vocs3.agora.io", "vocs4.agora.io",
    "vocs5.agora.io", "qoslbs.agoralab.co", "qos.agoralab.co", "ap1.agora.io",   "ap2.agora.io",
    "ap3.agora.io",   "ap4.agora.io",       "ap5.agora.io",
};
const std::vector<std::string> agora_recording_2018{
    ".agora.io",
    "vocs.agora.io",
    "qoslbs.agora.io",
    "qos.agora.io",
};

TEST(SeedDocuments, AgoraRtcNative2018) {
    EXPECT_THAT(rows_of(revision("agora/rtc-native@2018-11-06")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"1080", "8000", "9700", "25000", "30000"}), agora_native_2018},
                    {udp({"1080", "4000-4030", "7000", "8000", "8913", "9700", "25000"}),
                     agora_native_2018},
                }));
}

TEST(SeedDocuments, AgoraRtcWeb2018) {
    EXPECT_THAT(rows_of(revision("agora/rtc-web@2018-11-06")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"80", "443", "3433", "5668", "5669", "5866-5890", "6080", "6443", "8667",
                          "9667"}),
                     {".agora.io"}},
                    {udp({"3478", "10000-65535"}), {".agora.io"}},
                }));
}

TEST(SeedDocuments, AgoraSignaling2018) {
    EXPECT_THAT(rows_of(revision("agora/signaling@2018-11-06")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"1080", "8001-8199"}), {".agora.io"}},
                    {udp({"8180-8199"}), {".agora.io"}},
                }));
}

TEST(SeedDocuments, AgoraRecording2018) {
    const auto& recording = revision("agora/recording@2018-11-06");
    const std::string chosen =
        "the range that lowUdpPort and highUdpPort name; 40000-41000 or larger is recommended, and "
        "without the two parameters the ports are random";
    EXPECT_THAT(
        rows_of(recording),
        ElementsAre(Row{tcp({"1080", "8000"}), agora_recording_2018},
                    Row{udp({"1080", "4000-4030", "8000", "9700", "25000"}), agora_recording_2018},
                    Row{udp({"40000-41000"}), {}, false}));
    const auto& downstream = recording.rules.back();
    EXPECT_EQ(downstream.destinations.reference, "unstated") << "no source is named";
    EXPECT_EQ(downstream.duplex, Duplex::simplex);
    EXPECT_EQ(downstream.direction, RuleDirection::inbound);
    EXPECT_EQ(downstream.level, Level::conditional);
    EXPECT_EQ(downstream.condition, chosen);
}

TEST(SeedDocuments, AgoraGaming2018) {
    EXPECT_THAT(rows_of(revision("agora/gaming@2018-11-06")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"1080", "8000"}), agora_recording_2018},
                    {udp({"1080", "4000-4030", "8000", "9700", "25000"}), agora_recording_2018},
                }));
}

TEST(SeedDocuments, AgoraSaysIn2018ThatUdpMustBeUsed) {
    for (const auto* product : {"rtc-native", "rtc-web", "signaling", "recording", "gaming"}) {
        EXPECT_THAT(revision(std::string("agora/") + product + "@2018-11-06").notes,
                    testing::HasSubstr("rather than TCP ports"));
    }
}

TEST(SeedDocuments, AgoraRtcWeb2020) {
    const std::vector<std::string> names{".agora.io", ".edge.agora.io", ".agoraio.cn",
                                         ".edge.agoraio.cn"};
    auto over_tcp =
        tcp({"80", "443", "3433", "5668", "5669", "5866-6000", "6080", "6443", "8667", "9667"});
    over_tcp.push_back({"tcp", "30011-30013", "for the RTMP converter"});
    const std::vector<Port> over_udp{{"udp", "3478", ""},
                                     {"udp", "5866-6000", "2.9.0 or later"},
                                     {"udp", "10000-65535", "before 2.9.0"}};
    EXPECT_THAT(rows_of(revision("agora/rtc-web@2020-09-15")),
                ElementsAre(Row{over_tcp, names}, Row{over_udp, names}));
}

// A note box, and no demand on the network.
TEST(SeedDocuments, Agora2020SpeaksOfVpnsInANote) {
    for (const auto* product : {"rtc-native", "rtc-web", "rtm-native", "rtm-web"}) {
        const auto& sdk = revision(std::string("agora/") + product + "@2020-09-15");
        EXPECT_THAT(sdk.demands, IsEmpty()) << product;
        EXPECT_THAT(sdk.notes, testing::HasSubstr("VPN")) << product;
    }
}

// Superseded by the messaging SDKs of 2020, so nobody's current document any more.
TEST(SeedDocuments, AgoraSignalingIsNotCurrent) {
    EXPECT_FALSE(revision("agora/signaling").current);
    for (const auto* current : built_in().select("agora")) {
        EXPECT_NE(current->product, "signaling");
    }
}

TEST(SeedDocuments, AgoraRtmNative2020) {
    EXPECT_THAT(rows_of(revision("agora/rtm-native@2020-09-15")),
                UnorderedElementsAreArray(std::vector<Row>{
                    {tcp({"9130", "9131"}), {".agora.io"}},
                    {udp({"8000", "1080", "25000"}), {".agora.io"}},
                }));
}

TEST(SeedDocuments, AgoraRtmWeb2020) {
    EXPECT_THAT(rows_of(revision("agora/rtm-web@2020-09-15")),
                ElementsAre(Row{
                    tcp({"443", "6443", "9591", "9593"}),
                    {".agora.io", ".agoraio.cn", ".edge.agora.io", ".edge.agoraio.cn",
                     "ap-web-1.agora.io", "ap-web-1.agoraio.cn", "ap-web-2.agora.io",
                     "ap-web-2.agoraio.cn", "webcollector-rtm.agora.io", "logservice-rtm.agora.io",
                     "webcollector-rtm.agoraio.cn", "logservice-rtm.agoraio.cn"}}));
}

TEST(SeedDocuments, AgoraProductsThatCannotBeAllowListed) {
    for (const auto* product : {"rtc-native", "recording", "gaming"}) {
        const auto& closed = revision(std::string("agora/") + product + "@2020-09-15");
        EXPECT_FALSE(closed.allow_listable) << product;
        EXPECT_THAT(closed.use_instead, testing::HasSubstr("Cloud Proxy")) << product;
        EXPECT_THAT(closed.rules, IsEmpty()) << product;
        EXPECT_THAT(requirements_of(closed), IsEmpty()) << product;
    }
}

TEST(SeedDocuments, UnstatedLevelsAreRequired) {
    for (const auto* selector :
         {"agora/rtc-native@2018-11-06", "agora/rtc-web@2018-11-06", "agora/rtc-web@2020-09-15",
          "agora/rtm-web@2020-09-15", "whereby/meetings@2024-11-19"}) {
        for (const auto& rule : revision(selector).rules) {
            EXPECT_EQ(rule.level, Level::required) << selector << ' ' << rule.id;
        }
    }
}

}  // namespace
}  // namespace turnpike::catalog
