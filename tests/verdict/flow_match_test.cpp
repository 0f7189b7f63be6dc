// What flows have in common, as one number.
#include "verdict/flow_match.h"

#include <gtest/gtest.h>

#include <set>

#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

base::IpAddress address(std::string_view text) {
    return *base::IpAddress::parse(text);
}

TEST(FlowFingerprint, EveryPartMatters) {
    const FlowMatch match{.kind = Kind::client_named,
                          .port = 443,
                          .number = 1,
                          .client = part(address("10.0.0.1")),
                          .server = part(address("192.0.2.1")),
                          .text = part("a"),
                          .more_text = part("b")};
    std::set<std::uint64_t> seen{FlowFingerprint{}(match)};
    const auto differs = [&](auto change) {
        FlowMatch other = match;
        change(other);
        return seen.insert(FlowFingerprint{}(other)).second;
    };
    EXPECT_TRUE(differs([](FlowMatch& m) { m.kind = Kind::name; }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.transport = facts::Transport::udp; }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.port = 444; }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.number = 2; }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.client = part(base::IpAddress()); }));
    EXPECT_TRUE(differs([](FlowMatch& m) { std::swap(m.client, m.server); }));
    EXPECT_TRUE(differs([](FlowMatch& m) { std::swap(m.text, m.more_text); }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.text = part("ab"), m.more_text = 0; }));
    EXPECT_TRUE(differs([](FlowMatch& m) { m.text = 0, m.more_text = part("ab"); }));
    EXPECT_FALSE(differs([](FlowMatch& m) { m.port = 443; }));
}

}  // namespace
}  // namespace turnpike::verdict
