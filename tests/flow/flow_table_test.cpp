#include "turnpike/flow/flow_table.h"

#include <gtest/gtest.h>

#include <set>

namespace turnpike::flow {
namespace {

base::Endpoint endpoint(std::string_view address, std::uint16_t port) {
    return {base::IpAddress::parse(address).value(), port};
}

struct State {
    base::Timestamp last_seen;
    int value = 0;
};

TEST(FlowKey, BothDirectionsHaveOneKey) {
    for (const auto& [a, b] : {std::pair{endpoint("10.0.0.1", 5), endpoint("10.0.0.2", 4)},
                               std::pair{endpoint("10.0.0.1", 5), endpoint("10.0.0.1", 4)},
                               std::pair{endpoint("2001:db8::1", 5), endpoint("2001:db8::2", 5)}}) {
        const OrientedKey there = make_key(a, b, 17);
        const OrientedKey back = make_key(b, a, 17);
        EXPECT_EQ(there.key, back.key);
        EXPECT_NE(there.source_is_low, back.source_is_low);
        EXPECT_EQ(hash(there.key, 9), hash(back.key, 9));
    }
}

TEST(FlowKey, EveryPartMatters) {
    const base::Endpoint a = endpoint("10.0.0.1", 5);
    const base::Endpoint b = endpoint("10.0.0.2", 4);
    const FlowKey key = make_key(a, b, 17).key;
    EXPECT_NE(key, make_key(a, b, 6).key);
    EXPECT_NE(key, make_key(endpoint("10.0.0.1", 6), b, 17).key);
    EXPECT_NE(key, make_key(a, endpoint("10.0.0.3", 4), 17).key);
    // 10.0.0.1 and the IPv6 address with the same first octets are not the same.
    EXPECT_NE(make_key(endpoint("10.0.0.1", 5), endpoint("10.0.0.2", 5), 17).key,
              make_key(endpoint("a00:1::", 5), endpoint("a00:2::", 5), 17).key);
}

TEST(FlowKey, HashDependsOnTheSeedAndSpreads) {
    const base::Endpoint server = endpoint("192.0.2.1", 443);
    std::set<std::uint64_t> seen;
    for (std::uint16_t port = 1; port != 0; ++port) {
        seen.insert(hash(make_key(endpoint("10.0.0.1", port), server, 6).key, 1) >> 40U);
    }
    // 65,535 keys over 2^24 buckets: about 128 collisions are expected.
    EXPECT_GT(seen.size(), 65'200U);
    const FlowKey key = make_key(endpoint("10.0.0.1", 1), server, 6).key;
    EXPECT_NE(hash(key, 1), hash(key, 2));
}

TEST(FlowTable, FindsWhatWasInserted) {
    FlowTable<State> table(10);
    const HashedKey key(make_key(endpoint("10.0.0.1", 5), endpoint("10.0.0.2", 4), 17).key, 1);
    EXPECT_EQ(table.find(key), nullptr);
    table.insert(key, [](State&) {}).value = 7;
    ASSERT_NE(table.find(key), nullptr);
    EXPECT_EQ(table.find(key)->value, 7);
    table.erase(key);
    EXPECT_EQ(table.find(key), nullptr);
    EXPECT_EQ(table.size(), 0U);
}

TEST(FlowTable, FullTableGivesUpTheLongestIdle) {
    FlowTable<State> table(50);
    const auto key_of = [](std::uint16_t port) {
        return HashedKey(make_key(endpoint("10.0.0.1", port), endpoint("10.0.0.2", 4), 17).key, 1);
    };
    int retired = 0;
    for (std::uint16_t port = 1; port <= 60; ++port) {
        State& state = table.insert(key_of(port), [&](State& old) { retired += old.value; });
        state.value = port;
        state.last_seen = base::from_nanoseconds(port);
    }
    EXPECT_EQ(table.size(), 50U);
    EXPECT_EQ(table.evicted(), 10U);
    EXPECT_EQ(retired, 55);  // the ports 1 to 10
    EXPECT_EQ(table.find(key_of(10)), nullptr);
    EXPECT_NE(table.find(key_of(11)), nullptr);
}

}  // namespace
}  // namespace turnpike::flow
