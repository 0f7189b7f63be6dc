// The shapes that vendors' documents have, each shown on the vendor that has it: read from the
// shipped catalog, matched through the index, and filled in by settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/built_in.h"
#include "catalog/scratch_catalog.h"
#include "turnpike/catalog/carries.h"
#include "turnpike/catalog/index.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Revision& revision(const std::string& selector, const Catalog& catalog = built_in()) {
    return *catalog.select(selector).front();
}

const Rule& rule(const Revision& revision, const std::string& id) {
    const auto found = std::ranges::find(revision.rules, id, &Rule::id);
    EXPECT_NE(found, revision.rules.end()) << revision.selector() << ' ' << id;
    return *found;
}

bool has_rule(const Revision& revision, const std::string& id) {
    return std::ranges::find(revision.rules, id, &Rule::id) != revision.rules.end();
}

/// "agora/rtc-web tcp" of every rule of these revisions that a name or an address leads to.
std::vector<std::string> found_by(const std::vector<const Revision*>& revisions,
                                  const std::string& name_or_address) {
    const Index index(revisions);
    std::vector<std::string> result;
    const auto append = [&result](const auto& matches) {
        for (const auto& match : matches) {
            result.push_back(match.revision->vendor + '/' + match.revision->product + ' ' +
                             match.rule->id);
        }
    };
    if (const auto address = base::IpAddress::parse(name_or_address)) {
        append(index.match_address(*address));
    } else {
        append(index.match_name(name_or_address));
    }
    return result;
}

std::vector<std::string> shown_names(const Rule& rule) {
    std::vector<std::string> result;
    std::ranges::transform(rule.destinations.names, std::back_inserter(result), &NamePattern::text);
    return result;
}

// 1: a leading dot.
TEST(Shape, AgoraLeadingDotCoversTheApexToo) {
    const auto selected = built_in().select("agora/rtc-web@2018-11-06");
    EXPECT_THAT(found_by(selected, "agora.io"), Contains("agora/rtc-web tcp"));
    EXPECT_THAT(found_by(selected, "a.b.agora.io"), Contains("agora/rtc-web udp"));
}

// 2: stars inside labels, without a dot, behind a hyphen, in the middle.
TEST(Shape, AmazonConnectStarsInsideLabels) {
    const auto selected = built_in().select("amazon/connect");
    EXPECT_THAT(found_by(selected, "turnnlb-d76454ac48d20c1e.elb.us-east-1.amazonaws.com"),
                ElementsAre("amazon/connect turn"));
    EXPECT_THAT(found_by(selected, "rtc2.connect-telecom.us-east-1.amazonaws.com"),
                ElementsAre("amazon/connect signaling"));
}
TEST(Shape, WebexStarsWithoutADot) {
    const auto selected = built_in().select("cisco/webex");
    EXPECT_THAT(found_by(selected, "12345.dkr.ecr.us-east-1.amazonaws.com"),
                ElementsAre("cisco/webex hybrid"));
}
TEST(Shape, DailyHyphenBehindTheStar) {
    EXPECT_THAT(found_by(built_in().select("daily/calls"), "gs-wss.daily.co"),
                Contains("daily/calls web"));
}
TEST(Shape, ZoomStarInTheMiddleOfAName) {
    EXPECT_THAT(
        found_by(built_in().select("zoom/meeting-connector"), "monitoring.us-east-1.amazonaws.com"),
        ElementsAre("zoom/meeting-connector connector-to-cloud"));
}

// 3: placeholders.
TEST(Shape, AmazonConnectPlaceholdersAreFilledBySettings) {
    const auto filled =
        built_in().apply({{"amazon/connect/region", "eu-west-2"}, {"s3-bucket", "calls-of-ours"}});
    const auto& connect = revision("amazon/connect", filled);
    EXPECT_THAT(shown_names(rule(connect, "turn")),
                ElementsAre("turnnlb-*.elb.eu-west-2.amazonaws.com"));
    const auto& bucket = rule(connect, "telemetry").destinations.names.back();
    EXPECT_EQ(bucket.text, "calls-of-ours.s3.eu-west-2.amazonaws.com");
    EXPECT_FALSE(bucket.shared) << "one's own bucket is shared with nobody";
    EXPECT_TRUE(rule(revision("amazon/connect"), "telemetry").destinations.names.back().shared)
        << "any bucket proves nothing";
    const auto selected = filled.select("amazon/connect");
    EXPECT_THAT(found_by(selected, "turnnlb-a.elb.us-east-1.amazonaws.com"), IsEmpty())
        << "another region than the given one";
}

// 4: names written as URLs.
TEST(Shape, EightByEightNamesWrittenAsUrls) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", one_rule("            ports: {tcp: [443]}\n"
                                           "            names: https://8x8.vc/\n"));
    EXPECT_THAT(scratch.mistakes(), HasSubstr("write the name only: \"8x8.vc\""));
    EXPECT_THAT(shown_names(rule(revision("8x8/meet"), "core")), Contains("8x8.vc"));
}

// 5: a name or a range for the same traffic.
TEST(Shape, SlackNameOrRange) {
    const auto selected = built_in().select("slack/huddles@earlier");
    EXPECT_THAT(found_by(selected, "x.chime.aws"), Contains("slack/huddles media"));
    EXPECT_THAT(found_by(selected, "99.77.130.1"), Contains("slack/huddles media"));
}
TEST(Shape, AgoraChatNameBoundToAddresses) {
    const auto& chat = rule(revision("agora/chat"), "api-virginia");
    EXPECT_EQ(chat.destinations.text(),
              "msync-api-41.chat.agora.io, 3.33.220.151/32, 15.197.222.199/32");
}

// 6: a range and no name.
TEST(Shape, TeamsId11HasNoName) {
    const auto& media = rule(revision("microsoft/teams@2022072800"), "id-11");
    EXPECT_THAT(media.destinations.names, IsEmpty());
    EXPECT_THAT(found_by(built_in().select("microsoft/teams"), "52.113.1.1"),
                Contains("microsoft/teams id-11"));
}

// 7: any destination, and ANY where a firewall has no wildcards.
TEST(Shape, SendbirdPeerToPeerGoesAnywhere) {
    const Index index(built_in().select("sendbird/calls"));
    const auto matches = index.match_any(Transport::udp, 40000);
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_EQ(matches.front().rule->id, "peer-to-peer");
    EXPECT_THAT(index.match_any(Transport::udp, 443), IsEmpty());
    EXPECT_TRUE(rule(revision("sendbird/calls"), "media").destinations.any_without_wildcards);
}

// 8: a feed elsewhere.
TEST(Shape, VoximplantFeedElsewhere) {
    const auto& media = rule(revision("voximplant/sdk"), "media");
    EXPECT_EQ(media.destinations.reference, "feed:voximplant/feed-media");
    EXPECT_TRUE(media.destinations.unknown());
}

// 9: the customer's own hosts, multicast, loopback.
TEST(Shape, ZoomHybridLeadsToTheCustomersOwnHosts) {
    const auto& hybrid = rule(revision("zoom/meetings-hybrid"), "client-to-node");
    EXPECT_TRUE(hybrid.destinations.unknown()) << "until the user says where they are";
    const auto placed = built_in().apply({{"mmr", "mmr.example.com, 192.0.2.0/24"}});
    const auto selected = placed.select("zoom/meetings-hybrid");
    for (const auto* place : {"mmr.example.com", "192.0.2.9"}) {
        EXPECT_THAT(
            found_by(selected, place),
            ElementsAre("zoom/meetings-hybrid node-to-node", "zoom/meetings-hybrid client-to-node",
                        "zoom/meetings-hybrid client-to-node-tcp"));
    }
}
// A desktop client's sign-in at *.zoom.us said that a node works.
TEST(Shape, ADesktopClientOfZoomProvesNoNode) {
    for (const auto* product : {"zoom/meetings-hybrid", "zoom/meeting-connector"}) {
        const Index index(built_in().select(product));
        for (const auto& match : index.match_name("us04web.zoom.us")) {
            EXPECT_TRUE(match.pattern->shared) << product << ' ' << match.rule->id;
        }
    }
}
// 52.84.151.0/24 is Amazon's CloudFront, 8.5.128.0/24 stands in the list of Zoom Phone only.
TEST(Shape, ZoomNetworksOfOthersProveNoMeeting) {
    const Index index(built_in().select("zoom/address-ranges"));
    const auto shared = [&index](const char* text) {
        const auto matches = index.match_address(*base::IpAddress::parse(text));
        EXPECT_EQ(matches.size(), 2U) << text;
        return std::ranges::all_of(matches, &AddressMatch::shared);
    };
    EXPECT_TRUE(shared("52.84.151.7"));
    EXPECT_TRUE(shared("8.5.128.7"));
    EXPECT_TRUE(shared("2600:9000:2600::7"));
    EXPECT_FALSE(shared("170.114.10.7"));
}
// One TLS handshake made a dead call "works, but over the fallback".
TEST(Shape, FallbacksThatCarrySignalingTellTheirMedia) {
    const auto media_by = [](const char* selector, const char* id) {
        const auto& document = revision(selector);
        const auto& row = rule(document, id);
        EXPECT_EQ(signaling_beside(document, row), &row) << selector;
        return row.media_by;
    };
    EXPECT_EQ(media_by("amazon/chime-sdk", "signaling"), MediaSign::volume);
    EXPECT_EQ(media_by("vonage/video", "minimum"), MediaSign::volume);
    EXPECT_EQ(media_by("vonage/video@tokbox", "minimum"), MediaSign::volume);
    EXPECT_EQ(media_by("zoom/address-ranges", "meetings-tcp"), MediaSign::volume);
    EXPECT_EQ(media_by("zoom/meetings", "meetings-tcp"), MediaSign::volume);
    EXPECT_EQ(media_by("zoom/mesh", "join"), MediaSign::volume);
    EXPECT_EQ(media_by("goto/desktop-v10", "setup"), MediaSign::volume);
}
TEST(Shape, TwilioVoiceKnowsTheNameOfTodaysSdk) {
    EXPECT_THAT(found_by(built_in().select("twilio/voice"), "voice-js.roaming.twilio.com"),
                ElementsAre("twilio/voice signaling-js"));
    EXPECT_EQ(rule(revision("twilio/voice"), "signaling-js-old").level, Level::conditional);
}
TEST(Shape, DailyNamesItsServersAndBothRelays) {
    const auto daily = built_in().with_includes(built_in().select("daily/calls"));
    EXPECT_THAT(found_by(daily, "a.wss.daily.co"),
                testing::AllOf(Contains("daily/calls sfu-udp"), Contains("daily/calls sfu-tcp"),
                               Contains("daily/calls signaling")));
    EXPECT_THAT(found_by(daily, "global.turn.twilio.com"),
                Contains("twilio/network-traversal turn-udp"));
    EXPECT_THAT(found_by(daily, "stun.cloudflare.com"), Contains("cloudflare/turn stun"));
    for (const auto& row : revision("daily/calls").rules) {
        EXPECT_FALSE(row.destinations.any) << row.id;
    }
}
TEST(Shape, TeamsBringsTheCommonSetThatProvesNothing) {
    const auto teams = built_in().with_includes(built_in().select("teams"));
    EXPECT_THAT(found_by(teams, "login.microsoftonline.com"), Contains("microsoft/common id-56"));
    for (const auto& row : revision("microsoft/common").rules) {
        for (const auto& name : row.destinations.names) {
            EXPECT_TRUE(name.shared) << name.text;
        }
        for (const auto& network : row.destinations.prefixes) {
            EXPECT_TRUE(network.shared) << base::to_string(network);
        }
    }
}
TEST(Shape, LiveKitsOwnSipServer) {
    const auto& server = revision("livekit/self-hosted");
    EXPECT_EQ(rule(server, "sip").ports.front().transport, Transport::tcp);
    EXPECT_EQ(rule(server, "sip-rtp").ports.front().text, "10000-20000");
}
TEST(Shape, ZoomMeshMulticast) {
    const auto& discovery = rule(revision("zoom/mesh"), "peer-discovery");
    ASSERT_EQ(discovery.destinations.prefixes.size(), 1U);
    EXPECT_TRUE(discovery.destinations.prefixes.front().address.is_multicast());
    EXPECT_EQ(discovery.direction, RuleDirection::both);
}
TEST(Shape, GenesysLoopback) {
    EXPECT_EQ(rule(revision("genesys/cloud"), "screen-recording").destinations.text(),
              "127.0.0.1/32");
}

// 10: addresses that the vendor issues per customer.
TEST(Shape, ZegocloudIssuesTheProxyPerCustomer) {
    const auto placed = built_in().apply({{"zegocloud/proxy", "198.51.100.7"}});
    EXPECT_THAT(found_by(placed.select("zegocloud"), "198.51.100.7"),
                ElementsAre("zegocloud/express-cloud-proxy proxy"));
    EXPECT_TRUE(rule(revision("volcengine", placed), "proxy").destinations.unknown())
        << "the setting was given to the other vendor only";
}

// 11: IPv6 beside IPv4, single hosts, odd lengths.
TEST(Shape, CloudflareHostsOfBothFamilies) {
    EXPECT_THAT(found_by(built_in().select("cloudflare/turn"), "2a06:98c1:3200::1"),
                Contains("cloudflare/turn turn-udp"));
    EXPECT_THAT(found_by(built_in().select("cloudflare/turn"), "141.101.90.1"),
                Contains("cloudflare/turn turn-tls"));
}
TEST(Shape, GoogleMeetNamesForTlsMedia) {
    EXPECT_THAT(found_by(built_in().select("google/meet"), "workspace.turns.goog"),
                ElementsAre("google/meet media-tls"));
}

// A transport without a port: Meet's fallback over TLS is a requirement that its names match.
TEST(Shape, GoogleMeetNamesNoPortForTls) {
    const auto& fallback = rule(revision("google/meet"), "media-tls");
    ASSERT_EQ(fallback.ports.size(), 1U);
    EXPECT_EQ(fallback.ports.front().text, "unstated");
    EXPECT_EQ(covering_port(fallback, Transport::tcp, 443), &fallback.ports.front());
    EXPECT_EQ(covering_port(fallback, Transport::udp, 443), nullptr);
    for (const auto* older : {"google/meet@2021", "google/meet@2022", "google/meet@2023-11-08"}) {
        const auto& tcp = rule(revision(older), "media-tcp");
        ASSERT_EQ(tcp.ports.size(), 1U) << older;
        EXPECT_EQ(tcp.ports.front().text, "unstated") << older;
    }
}

// 12: sets by account and by region.
TEST(Shape, GoogleMeetPersonalAccounts) {
    const auto& personal = rule(revision("google/meet"), "media-udp-personal");
    EXPECT_EQ(personal.level, Level::conditional);
    const auto mine = built_in().apply({{"account", "workspace"}});
    EXPECT_FALSE(has_rule(revision("google/meet", mine), "media-udp-personal"));
    EXPECT_TRUE(has_rule(revision("google/meet", mine), "media-udp"));
    const auto theirs = built_in().apply({{"account", "personal"}});
    EXPECT_EQ(rule(revision("google/meet", theirs), "media-udp-personal").level, Level::required);
}
TEST(Shape, TwilioPinnedRegion) {
    const auto pinned = built_in().apply({{"twilio/region", "ie1"}});
    const auto& turn = revision("twilio/network-traversal", pinned);
    EXPECT_TRUE(has_rule(turn, "turn-ie1"));
    EXPECT_FALSE(has_rule(turn, "turn-us1"));
    EXPECT_EQ(revision("amazon/chime-voice-connector", pinned).rules.size(),
              revision("amazon/chime-voice-connector").rules.size());
}

// 13: every port, and ports that are not stated.
TEST(Shape, NfonOpensEveryPort) {
    const auto& voice = rule(revision("nfon/cloudya"), "voice-udp");
    ASSERT_EQ(voice.ports.size(), 1U);
    EXPECT_EQ(voice.ports.front().text, "1-65535");
}
TEST(Shape, RingExStatesTransportsWithoutPorts) {
    EXPECT_EQ(requirements_of(revision("ringcentral/ringex")).size(), 2U);
    EXPECT_THAT(render_show({&revision("ringcentral/ringex")}, Format::text, base::Timestamp{}),
                HasSubstr("ports           tcp unstated; udp unstated"));
}
TEST(Shape, ZegocloudStatesNoPorts) {
    EXPECT_THAT(requirements_of(revision("zegocloud/express-cloud-proxy")), IsEmpty());
    EXPECT_THAT(
        render_show({&revision("zegocloud/express-cloud-proxy")}, Format::text, base::Timestamp{}),
        HasSubstr("ports           not stated"));
}

// 14: one row over TCP and UDP.
TEST(Shape, TeamsId12OverTcpAndQuic) {
    const auto& signaling = rule(revision("microsoft/teams"), "id-12");
    std::vector<std::string> items;
    for (const auto& port : signaling.ports) {
        items.push_back(std::string(to_string(port.transport)) + ' ' + port.text);
    }
    EXPECT_THAT(items, ElementsAre("tcp 443", "tcp 80", "udp 443"));
}

// 15: a primary and an alternate port.
TEST(Shape, CloudflareAlternatePorts) {
    const auto& turn = rule(revision("cloudflare/turn"), "turn-tls");
    EXPECT_NE(covering_port(turn, Transport::tcp, 5349), nullptr);
    EXPECT_NE(covering_port(turn, Transport::tcp, 443), nullptr);
}

// 16: what is spoken on a port.
TEST(Shape, SendbirdSpeaksPlainUdpOn5349) {
    const auto& media = rule(revision("sendbird/calls"), "media");
    EXPECT_THAT(media.expects, Contains(Expectation::rtp));
    EXPECT_THAT(media.expects, Not(Contains(Expectation::turns)));
}

// 17: source ports.
TEST(Shape, WebexSipSourcePorts) {
    const auto& media = rule(revision("cisco/webex-sip"), "media-out");
    ASSERT_EQ(media.source_ports.size(), 1U);
    EXPECT_EQ(media.source_ports.front().text, "36000-59999");
    const auto& back = rule(revision("cisco/webex-sip"), "media-in");
    ASSERT_EQ(back.source_ports.size(), 1U);
    EXPECT_EQ(back.source_ports.front().text, "49152-59999");
}

// 18 and 26: what is demanded beside rules.
TEST(Shape, NfonDemandsIcmpAndATimeout) {
    const auto& demands = revision("nfon/cloudya").demands;
    EXPECT_THAT(demands, Contains(testing::Field(&Demand::kind, DemandKind::icmp)));
    const auto timeout = std::ranges::find(demands, DemandKind::udp_timeout, &Demand::kind);
    ASSERT_NE(timeout, demands.end());
    EXPECT_EQ(timeout->seconds, 70U);
    EXPECT_THAT(render_show({&revision("nfon/cloudya")}, Format::text, base::Timestamp{}),
                HasSubstr("udp-timeout 70 s: UDP bindings"));
}
TEST(Shape, WebexForbidsInspection) {
    EXPECT_THAT(revision("cisco/webex").demands,
                Contains(testing::Field(&Demand::kind, DemandKind::no_inspection)));
}

// 19: alternatives in order and without, and tiers.
TEST(Shape, WebexThreeStepsInOrder) {
    const auto& webex = revision("cisco/webex");
    EXPECT_EQ(rule(webex, "media-udp").preference, 1U);
    EXPECT_EQ(rule(webex, "media-tcp").preference, 2U);
    EXPECT_EQ(rule(webex, "media-tls").preference, 3U);
    EXPECT_EQ(rule(webex, "media-udp").alternative_group,
              rule(webex, "media-tls").alternative_group);
}
TEST(Shape, SlackEitherOfTwoPorts) {
    const auto& slack = revision("slack/huddles");
    EXPECT_EQ(rule(slack, "media-3478").preference, 0U);
    EXPECT_EQ(rule(slack, "media-22466").preference, 0U);
}
// Whoever asks for Slack gets Slack's own three rows, and none of Amazon's.
TEST(Shape, SlackSignalsOnARowOfItsOwn) {
    const auto selected = built_in().with_includes(built_in().select("slack/huddles"));
    EXPECT_THAT(found_by(selected, "x.chime.aws"),
                ElementsAre("slack/huddles media-3478", "slack/huddles media-22466",
                            "slack/huddles signaling"));
    const auto& signaling = rule(revision("slack/huddles"), "signaling");
    EXPECT_TRUE(signaling.alternative_group.empty()) << "needed whichever port carries media";
    EXPECT_TRUE(signaling.destinations.names.front().shared) << "any call of Chime goes there";
}
TEST(Shape, AmazonConnectAlternativeSetsOfRules) {
    const auto& connect = revision("amazon/connect@2021-09-27");
    EXPECT_EQ(rule(connect, "turn").alternative_branch, "option1-names");
    EXPECT_EQ(rule(connect, "media").alternative_branch, "option2-ranges");
    const auto& older = revision("amazon/connect@2020-02-07");
    EXPECT_TRUE(rule(older, "media").alternative_group.empty()) << "both options need it";
    EXPECT_EQ(rule(older, "console").preference, 1U);
    EXPECT_EQ(rule(older, "service").preference, 2U);
}
TEST(Shape, OpenTokTiers) {
    const auto& video = revision("vonage/video@tokbox");
    EXPECT_EQ(rule(video, "minimum").tier, Tier::minimum);
    EXPECT_EQ(rule(video, "better").tier, Tier::better);
    EXPECT_EQ(rule(video, "best").tier, Tier::best);
}

// 20: conditions by version and by feature.
TEST(Shape, AgoraPortsByVersion) {
    const auto old =
        built_in().apply({{"agora/rtc-web/version", "2.8.1"}}, {"agora/rtc-web@2020-09-15"});
    const auto& udp = rule(revision("agora/rtc-web@2020-09-15", old), "udp");
    ASSERT_EQ(udp.ports.size(), 2U);
    EXPECT_EQ(udp.ports[1].text, "10000-65535");
    EXPECT_EQ(udp.ports[1].level, Level::required) << "the condition is known to hold";
    const auto recent = built_in().apply({{"version", "2.10.0"}}, {"agora/rtc-web@2020-09-15"});
    EXPECT_EQ(rule(revision("agora/rtc-web@2020-09-15", recent), "udp").ports.back().text,
              "5866-6000");
}
TEST(Shape, AgoraTwoVersionLinesAtOnce) {
    const auto names = [](const std::string& version) {
        const auto set = built_in().apply({{"agora/video-web-3x/version", version}});
        const auto& sdk = revision("agora/video-web-3x", set);
        return std::pair(has_rule(sdk, "tcp-new"), has_rule(sdk, "tcp-old"));
    };
    EXPECT_EQ(names("4.4.0"), std::pair(true, false));
    EXPECT_EQ(names("4.3.9"), std::pair(false, true));
    EXPECT_EQ(names("3.5.0"), std::pair(true, false));
    EXPECT_EQ(names("3.4.0"), std::pair(false, true));
}
TEST(Shape, TencentOldWebSdk) {
    const auto recent = built_in().apply({{"tencent/version", "4.12.0"}});
    EXPECT_FALSE(has_rule(revision("tencent/trtc-web", recent), "signaling-old"));
}
TEST(Shape, ZoomRoomsFeatures) {
    EXPECT_EQ(rule(revision("zoom/rooms"), "companion-audio").level, Level::conditional);
    const auto with = built_in().apply({{"zoom/feature", "companion-audio"}});
    EXPECT_EQ(rule(revision("zoom/rooms", with), "companion-audio").level, Level::required);
}

// 21: optional, with what is lost.
TEST(Shape, MicrosoftNamesWhatIsLost) {
    const auto& pictures = rule(revision("microsoft/teams@2022072800"), "id-18");
    EXPECT_EQ(pictures.level, Level::optional);
    EXPECT_EQ(pictures.lost_feature, "Skype federation contact pictures");
}

// 22: lifecycle with and without days.
TEST(Shape, ChimeAnnouncedAndRetiringSideBySide) {
    const auto& chime = revision("amazon/chime@2019-09-06");
    const auto then = *base::parse_date("2019-09-10");
    EXPECT_EQ(rule(chime, "media-announced").lifecycle_at(then), Lifecycle::announced);
    EXPECT_EQ(rule(chime, "media-retiring").lifecycle_at(then), Lifecycle::retiring);
    EXPECT_EQ(rule(chime, "service").lifecycle_at(then), Lifecycle::active);
}
TEST(Shape, EightByEightSubnetFromADayOn) {
    const auto& media = rule(revision("8x8/x-series-meetings"), "media-japan");
    EXPECT_EQ(media.lifecycle_at(*base::parse_date("2021-12-16")), Lifecycle::announced);
    EXPECT_EQ(media.lifecycle_at(*base::parse_date("2021-12-17")), Lifecycle::active);
}

// 23: inbound rules and servers of one's own.
TEST(Shape, JitsiRulesPointAtOnesOwnServer) {
    const auto placed = built_in().apply({{"jitsi/server", "meet.example.com"}});
    const auto& media = rule(revision("jitsi/self-hosted-debian", placed), "media");
    EXPECT_EQ(media.direction, RuleDirection::inbound);
    EXPECT_EQ(media.destinations.text(), "meet.example.com, customer:server");
}
TEST(Shape, AmazonConnectForStatelessFirewalls) {
    const auto& back = rule(revision("amazon/connect"), "return-media");
    EXPECT_EQ(back.direction, RuleDirection::inbound);
    EXPECT_EQ(back.when.front().key, "firewall");
}

// 24: not possible by allow-listing.
TEST(Shape, AgoraNativeCannotBeAllowListed) {
    EXPECT_FALSE(revision("agora/rtc-native").allow_listable);
    EXPECT_THAT(render_show({&revision("agora/rtc-native")}, Format::text, base::Timestamp{}),
                HasSubstr("impossible by the vendor's word; use the Cloud Proxy"));
}

// 25: built on another vendor.
TEST(Shape, LiveAvatarRefersToLiveKit) {
    const auto with = built_in().with_includes(built_in().select("heygen"));
    ASSERT_EQ(with.size(), 2U);
    EXPECT_EQ(with[1]->vendor, "livekit");
    EXPECT_THAT(found_by(with, "eu.turn.livekit.cloud"), Contains("livekit/cloud turn-tls"));
}
TEST(Shape, RemoRefersToTwoVendors) {
    EXPECT_EQ(built_in().with_includes(built_in().select("remo")).size(), 3U);
    const Index index(built_in().select("remo"));
    const auto matches = index.match_name("anvil.tokbox.com");
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_TRUE(matches.front().pattern->shared) << "a call of Vonage's proves no Remo";
}
TEST(Shape, DailyTurnIsCloudflares) {
    EXPECT_THAT(
        found_by(built_in().with_includes(built_in().select("daily/media")), "turn.cloudflare.com"),
        Contains("cloudflare/turn turn-udp"));
}

// 27: rules in order, classes of service.
TEST(Shape, RingCentralClassesOfService) {
    const auto& office = revision("ringcentral/office");
    EXPECT_THAT(office.demands, Contains(testing::Field(&Demand::kind, DemandKind::dscp)));
    EXPECT_EQ(office.rules.front().id, "audio") << "first match wins, so the order is kept";
}

TEST(Settings, AreRefusedWhereNobodyKnowsThem) {
    const auto refused = [](const Settings& settings) -> std::string {
        try {
            static_cast<void>(built_in().apply(settings));
        } catch (const base::Error& error) {
            EXPECT_EQ(error.status(), base::ExitStatus::usage);
            return error.what();
        }
        return {};
    };
    EXPECT_THAT(refused({{"regoin", "eu"}}), HasSubstr("did you mean region?"));
    EXPECT_THAT(refused({{"version", "latest"}}), HasSubstr("no version number"));
    EXPECT_THAT(refused({{"twilio/region", "eu9"}}), HasSubstr("does not know \"eu9\""));
    EXPECT_THAT(refused({{"mmr", "bad name"}}), HasSubstr("--set mmr"));
    EXPECT_THAT(refused({{"myinstancename", "a b"}}), HasSubstr("--set"));
}

// "--require amazon/connect --set region=eu-west-2" failed, for Agora knows other regions.
TEST(Settings, AreCheckedAgainstWhatIsConsidered) {
    const auto set = built_in().apply({{"region", "eu-west-2"}}, {"amazon/connect"});
    EXPECT_THAT(shown_names(rule(revision("amazon/connect", set), "turn")),
                ElementsAre("turnnlb-*.elb.eu-west-2.amazonaws.com"));
    const auto refused = [](const Settings& settings, const std::string& selector) -> std::string {
        try {
            static_cast<void>(built_in().apply(settings, {selector}));
        } catch (const base::Error& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_THAT(refused({{"mmr", "192.0.2.1"}}, "amazon/connect"),
                HasSubstr("no product that is considered knows this setting"));
    EXPECT_THAT(refused({{"region", "eu9"}}, "twilio/network-traversal"),
                HasSubstr("does not know \"eu9\"; it knows au1"));
    // A word that one of several knows is meant for that one.
    const auto mixed = built_in().apply({{"region", "ie1"}}, {});
    EXPECT_FALSE(has_rule(revision("twilio/network-traversal", mixed), "turn-us1"));
    EXPECT_EQ(revision("amazon/chime-voice-connector", mixed).rules.size(),
              revision("amazon/chime-voice-connector").rules.size());
}

TEST(RenderShow, FormatsHoldEveryRequirement) {
    const auto selected = built_in().select("whereby/meetings@2025-01-31");
    const auto csv = render_show(selected, Format::csv, base::Timestamp{});
    EXPECT_EQ(std::ranges::count(csv, '\n'), 6) << "a head and five requirements";
    EXPECT_THAT(csv, HasSubstr("whereby,meetings,2025-01-31,high-ports,"));
    EXPECT_THAT(render_show(selected, Format::json, base::Timestamp{}),
                HasSubstr("\"ports\": \"1024-65535\""));
    EXPECT_THAT(render_show(selected, Format::markdown, base::Timestamp{}),
                HasSubstr("| tcp | 443 |"));
    const auto text = render_show(built_in().current(), Format::text, base::Timestamp{});
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        const std::string_view line(text.data() + start, end - start);
        const bool one_word = line.find_last_of(' ') < 20;  // an address cannot be broken
        EXPECT_TRUE(line.size() <= 100 || one_word || line.find("http") != line.npos) << line;
        start = end + 1;
    }
}

TEST(RenderList, NamesEveryRevisionAndItsFile) {
    const auto text = render_list(built_in(), Format::text);
    EXPECT_THAT(text, HasSubstr("whereby/meetings@2024-11-19"));
    EXPECT_THAT(text, HasSubstr("whereby.yaml"));
    const auto json = render_list(built_in(), Format::json);
    EXPECT_THAT(json, HasSubstr("\"selector\": \"sendbird/calls@undated\""));
    EXPECT_THAT(json, HasSubstr("\"date\": null"));
    const auto csv = render_list(built_in(), Format::csv);
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(csv, '\n')),
              built_in().revisions().size() + 1);
}

}  // namespace
}  // namespace turnpike::catalog
