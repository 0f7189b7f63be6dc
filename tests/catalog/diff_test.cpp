// What changed between revisions of real documents, in every format.
#include "turnpike/catalog/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/built_in.h"
#include "catalog/coverage.h"
#include "catalog/scratch_catalog.h"

namespace turnpike::catalog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

RevisionDiff between(const std::string& before, const std::string& after) {
    return diff(*built_in().select(before).front(), *built_in().select(after).front());
}

TEST(Diff, WherebyGainsItsSupportingServices) {
    const auto change = between("whereby/meetings@2024-11-19", "whereby/meetings@2025-01-31");
    ASSERT_THAT(change.add, SizeIs(1));
    EXPECT_EQ(change.add.front().rule->id, "supporting-services");
    EXPECT_THAT(change.add.front().destinations,
                ElementsAre("*.posthog.com", "*.sentry.io", "*.helpscout.net", "*.amazonaws.net",
                            "*.cloudfront.net"));
    EXPECT_THAT(change.remove, IsEmpty());
    EXPECT_THAT(between("whereby/meetings@2025-01-31", "whereby/meetings@2024-11-19").remove,
                SizeIs(1));
}

TEST(Diff, SendbirdChangedInWordsOnly) {
    const auto change = between("sendbird/calls@draft", "sendbird/calls@undated");
    EXPECT_THAT(change.add, IsEmpty());
    EXPECT_THAT(change.remove, IsEmpty());
    EXPECT_THAT(change.words, Not(IsEmpty()));
}

TEST(Diff, JitsiTransportsWereSwapped) {
    const auto text = render_diff(
        {between("jitsi/self-hosted-debian@2020-10-26", "jitsi/self-hosted-debian@2020-11-12")},
        Format::text);
    EXPECT_THAT(text, AllOf(HasSubstr("must be opened\n"
                                      "    inbound udp 3478 at customer:server (stun)\n"
                                      "    inbound tcp 5349 at customer:server (turn-tls)\n"),
                            HasSubstr("may be closed\n"
                                      "    inbound tcp 3478 at customer:server (stun)\n"
                                      "    inbound udp 5349 at customer:server (turn-tls)\n")));
}

TEST(Diff, AgoraNarrowedItsUdpRange) {
    const auto change = between("agora/rtc-web@2018-11-06", "agora/rtc-web@2020-09-15");
    for (const auto& opening : change.remove) {
        ADD_FAILURE() << "nothing may be closed: old SDKs keep the range, " << opening.rule->id;
    }
    const auto text = render_diff({change}, Format::text);
    EXPECT_THAT(text, HasSubstr("outbound tcp 80, 443, 3433, 5668, 5669 to .agoraio.cn"));
    EXPECT_THAT(text, HasSubstr("udp 5866-6000 (2.9.0 or later)"));
    EXPECT_THAT(text, Not(HasSubstr("80 to .agora.io"))) << "was open already";
}

TEST(Diff, OfCatalogs) {
    const ScratchCatalog one;
    const ScratchCatalog two;
    one.write("a.yaml", one_rule("            ports: {tcp: [443]}\n"
                                 "            names: a.example.com\n"));
    two.write("a.yaml", one_rule("            ports: {tcp: [443]}\n"
                                 "            names: \"*.example.com\"\n"));
    const auto before = one.load();
    const auto after = two.load();
    const auto changes = diff(before, after);
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_THAT(changes.front().add, SizeIs(1));
    EXPECT_THAT(changes.front().remove, IsEmpty()) << "the star still covers the old name";
    EXPECT_THAT(diff(before, before), IsEmpty());
    EXPECT_EQ(render_diff({}, Format::text), "no difference\n");
    const auto nothing = diff(Catalog(), after);
    ASSERT_THAT(nothing, SizeIs(1));
    EXPECT_EQ(nothing.front().before, nullptr);
    EXPECT_THAT(render_diff(nothing, Format::text), HasSubstr("example/calls@2025-01-31 is new"));
    EXPECT_THAT(render_diff(diff(after, Catalog()), Format::csv), HasSubstr(",gone,"));
}

TEST(Diff, Formats) {
    const std::vector changes{
        between("whereby/meetings@2024-11-19", "whereby/meetings@2025-01-31")};
    EXPECT_THAT(render_diff(changes, Format::json),
                AllOf(HasSubstr("\"before\": \"whereby/meetings@2024-11-19\""),
                      HasSubstr("\"tcp 443\""), HasSubstr("\"*.sentry.io\"")));
    EXPECT_THAT(render_diff(changes, Format::csv),
                HasSubstr("before,after,change,text\r\nwhereby/meetings@2024-11-19,"));
    EXPECT_THAT(render_diff(changes, Format::markdown), HasSubstr("| add |"));
}

bool covers_name(const std::string& outer, const std::string& inner) {
    return covers(NamePattern{outer, {}, false}, NamePattern{inner, {}, false});
}

TEST(Coverage, OfNames) {
    EXPECT_TRUE(covers_name("*.example.com", "a.example.com"));
    EXPECT_TRUE(covers_name("*.example.com", "*.b.example.com"));
    EXPECT_TRUE(covers_name(".example.com", "*.example.com"));
    EXPECT_TRUE(covers_name(".agora.io", ".edge.agora.io"));
    EXPECT_FALSE(covers_name("*.example.com", ".example.com")) << "not itself";
    EXPECT_FALSE(covers_name("*.example.com", "example.com"));
    EXPECT_FALSE(covers_name("a.*.example.com", "*.example.com"));
    EXPECT_FALSE(covers_name("x-*.example.com", "*.example.com"));
    EXPECT_TRUE(covers_name("*cdn.example.com", "*.cdn.example.com"));
    EXPECT_FALSE(covers_name("a.example.com", "*.example.com"));
}

}  // namespace
}  // namespace turnpike::catalog
