// Which rows carry signaling, which media, and what the check says of rows that do not tell.
#include "turnpike/catalog/carries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/scratch_catalog.h"
#include "turnpike/catalog/check.h"

namespace turnpike::catalog {
namespace {

using testing::HasSubstr;
using testing::Not;

Catalog catalog_of(const std::string& rules) {
    const ScratchCatalog scratch;
    scratch.write("example.yaml", vendor_file(rules));
    return scratch.load();
}

std::string findings(const Catalog& catalog) {
    std::string text;
    for (const auto& finding : check(catalog, *base::parse_date("2025-06-01"))) {
        text += std::string(to_string(finding.severity)) + ": " +
                (finding.rule == nullptr ? "" : finding.rule->id + ": ") + finding.text + '\n';
    }
    return text;
}

std::string carried_rule(const std::string& id, const std::string& rest) {
    return "          - {id: " + id + ", purpose: x, " + rest + "}\n";
}

TEST(Carries, WhatARowSpeaksSaysIt) {
    const auto catalog = catalog_of(
        carried_rule("wss",
                     "ports: {tcp: [443]}, names: a.example.com, expects: [tls, wss, turns]") +
        carried_rule("turns", "ports: {tcp: [443]}, names: b.example.com, expects: [tls, turns]") +
        carried_rule("tls", "ports: {tcp: [443]}, names: c.example.com, expects: [tls]") +
        carried_rule("silent", "ports: {tcp: [443]}, names: d.example.com") +
        carried_rule("said",
                     "ports: {tcp: [443]}, names: e.example.com, expects: [tls], carries: media"));
    const auto& rules = catalog.revisions().front().rules;
    EXPECT_TRUE(carries_signaling(rules[0]));
    EXPECT_FALSE(carries_signaling(rules[1]));
    EXPECT_TRUE(carries_signaling(rules[2])) << "TLS alone may be anything";
    EXPECT_FALSE(tells_what_it_carries(rules[2]));
    EXPECT_TRUE(carries_signaling(rules[3]));
    EXPECT_FALSE(carries_signaling(rules[4]));
    EXPECT_TRUE(tells_what_it_carries(rules[4]));
}

// Amazon Connect lists alternatives for its web pages: no call is carried there.
TEST(Carries, MediaUnlessTheRowSpeaksSignalingOnly) {
    const auto catalog = catalog_of(
        carried_rule("web",
                     "ports: {tcp: [443]}, names: a.example.com, expects: [tls, https, wss]") +
        carried_rule("both",
                     "ports: {tcp: [443]}, names: b.example.com, expects: [tls, https, turns]") +
        carried_rule("silent", "ports: {tcp: [443]}, names: c.example.com") +
        carried_rule("said", "ports: {tcp: [443]}, names: d.example.com, carries: signaling"));
    const auto& rules = catalog.revisions().front().rules;
    EXPECT_FALSE(carries_media(rules[0]));
    EXPECT_TRUE(carries_media(rules[1]));
    EXPECT_TRUE(carries_media(rules[2]));
    EXPECT_FALSE(carries_media(rules[3]));
}

TEST(Carries, ARowBesideSignalingAtTheSamePlaceAndPort) {
    const auto catalog = catalog_of(
        carried_rule("web", "ports: {tcp: [80-443]}, names: \"*.example.com\", expects: [https]") +
        carried_rule("same", "ports: {tcp: [443]}, names: \"*.example.com\", expects: [turns]") +
        carried_rule("port", "ports: {tcp: [5349]}, names: \"*.example.com\", expects: [turns]") +
        carried_rule("name",
                     "ports: {tcp: [443]}, names: \"*.turn.example.com\", expects: [turns]") +
        carried_rule("net", "ports: {tcp: [443]}, networks: 192.0.2.0/24, expects: [https]") +
        carried_rule("inner", "ports: {tcp: [443]}, networks: 192.0.2.128/25, expects: [turns]"));
    const auto& revision = catalog.revisions().front();
    const auto beside = [&revision](std::size_t i) {
        const auto* found = signaling_beside(revision, revision.rules.at(i));
        return found == nullptr ? std::string{} : found->id;
    };
    EXPECT_EQ(beside(0), "web");
    EXPECT_EQ(beside(1), "web");
    EXPECT_EQ(beside(2), "");
    EXPECT_EQ(beside(3), "") << "the more specific name wins the flow";
    EXPECT_EQ(beside(5), "net");
}

// Amazon Chime's fallback: one row for signaling and for media over TLS.
TEST(Carries, CheckFlagsABranchThatDoesNotTellItsMedia) {
    const std::string udp =
        carried_rule("udp",
                     "ports: {udp: [3478]}, names: a.example.com, expects: [stun, turn], "
                     "alternative: {group: media, branch: udp, preference: 1}");
    EXPECT_THAT(findings(catalog_of(
                    udp + carried_rule("tcp",
                                       "ports: {tcp: [443]}, names: a.example.com, expects: [wss, "
                                       "turns], alternative: {group: media, branch: tcp, "
                                       "preference: 2}"))),
                HasSubstr("warning: tcp: a branch that carries signaling as well; say how media is "
                          "told apart"));
    EXPECT_THAT(findings(catalog_of(
                    udp + carried_rule("tcp",
                                       "ports: {tcp: [443]}, names: a.example.com, alternative: "
                                       "{group: media, branch: tcp, preference: 2}"))),
                HasSubstr("says neither what it carries nor what it speaks"));
    EXPECT_THAT(
        findings(catalog_of(
            udp +
            carried_rule("web", "ports: {tcp: [443]}, names: a.example.com, expects: [https]") +
            carried_rule(
                "tcp",
                "ports: {tcp: [443]}, names: a.example.com, expects: [turns], alternative: "
                "{group: media, branch: tcp, preference: 2}"))),
        HasSubstr("warning: tcp: a branch that shares destination and port with web"));
    EXPECT_THAT(findings(catalog_of(
                    udp + carried_rule("tcp",
                                       "ports: {tcp: [443]}, names: a.example.com, carries: "
                                       "[signaling, media], alternative: {group: media, branch: "
                                       "tcp, preference: 2, media_by: volume}"))),
                Not(HasSubstr("branch")));
}

}  // namespace
}  // namespace turnpike::catalog
