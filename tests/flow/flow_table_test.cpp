// Flow keys and their hash, and the table: full, swept and used again.
#include "turnpike/flow/flow_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace turnpike::flow {
namespace {

base::Endpoint endpoint(std::string_view address, std::uint16_t port) {
    return {base::IpAddress::parse(address).value(), port};
}

struct State {
    base::Timestamp last_seen;
    bool in_use = false;
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
        EXPECT_EQ(there.key.hash(base::HashKey(9)), back.key.hash(base::HashKey(9)));
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
        seen.insert(make_key(endpoint("10.0.0.1", port), server, 6).key.hash(base::HashKey(1)) >>
                    40U);
    }
    // 65,535 keys over 2^24 buckets: about 128 collisions are expected.
    EXPECT_GT(seen.size(), 65'200U);
    const FlowKey key = make_key(endpoint("10.0.0.1", 1), server, 6).key;
    EXPECT_NE(key.hash(base::HashKey(1)), key.hash(base::HashKey(2)));
}

// Where a hash multiplies words that are not blinded, one value of a word makes the product zero
// whatever the others are. These were the constants that this one was mixed with.
TEST(FlowKey, NoNetworkCollidesWithItself) {
    for (const auto* network : {"d308:a385:886a:3f24", "4573:702e:8a19:1913", "0:0:0:0"}) {
        std::set<std::uint64_t> seen;
        for (unsigned host = 0; host < 10'000; ++host) {
            const auto client =
                base::IpAddress::parse(std::string(network) + "::" + std::to_string(host % 10'000));
            const base::Endpoint from{client.value(), 1024};
            const FlowKey key = make_key(from, endpoint("ffff::1", 443), 6).key;
            seen.insert(key.hash(base::HashKey(1)) >> 40U);
        }
        EXPECT_GT(seen.size(), 9'950U) << network;
    }
}

TEST(FlowTable, FindsWhatWasInserted) {
    FlowTable<State> table(10);
    const FlowHash flow =
        make_key(endpoint("10.0.0.1", 5), endpoint("10.0.0.2", 4), 17).key.hash(base::HashKey(1));
    EXPECT_EQ(table.find(flow), nullptr);
    table.insert(flow, [](State&) {}).value = 7;
    ASSERT_NE(table.find(flow), nullptr);
    EXPECT_EQ(table.find(flow)->value, 7);
    table.erase(flow);
    EXPECT_EQ(table.find(flow), nullptr);
    EXPECT_EQ(table.size(), 0U);
}

FlowHash flow_of(std::uint16_t port) {
    return make_key(endpoint("10.0.0.1", port), endpoint("10.0.0.2", 4), 17)
        .key.hash(base::HashKey(1));
}

TEST(FlowTable, FindsInStepsWhatItFindsAtOnce) {
    FlowTable<State> table(1'000);
    // Another flow whose hash is the same as far as the index knows it.
    const FlowHash twin = flow_of(1) ^ (FlowHash{1} << 40U);
    table.insert(flow_of(1), [](State&) {}).value = 1;
    table.insert(twin, [](State&) {}).value = 2;
    for (const FlowHash flow : {flow_of(1), twin, flow_of(3)}) {
        table.fetch(flow);
        EXPECT_EQ(table.find(flow, table.guess(flow)), table.find(flow));
    }
    EXPECT_EQ(table.find(twin, table.guess(twin))->value, 2);
    EXPECT_EQ(table.find(flow_of(3), table.guess(flow_of(3))), nullptr);
}

TEST(FlowTable, FullTableGivesUpTheLongestIdle) {
    FlowTable<State> table(50);
    int retired = 0;
    for (std::uint16_t port = 1; port <= 60; ++port) {
        State& state = table.insert(flow_of(port), [&](State& old) { retired += old.value; });
        state.value = port;
        state.last_seen = base::from_nanoseconds(port);
    }
    EXPECT_EQ(table.size(), 50U);
    EXPECT_EQ(table.evicted(), 10U);
    EXPECT_EQ(retired, 55);  // the ports 1 to 10
    EXPECT_EQ(table.find(flow_of(10)), nullptr);
    EXPECT_NE(table.find(flow_of(11)), nullptr);
}

TEST(FlowTable, LargeFullTableGivesUpSeveralOfTheLongestIdleAtATime) {
    constexpr std::uint16_t limit = 4'096;
    FlowTable<State> table(limit);
    std::set<int> retired;
    const auto insert = [&](std::uint16_t port) {
        State& state = table.insert(flow_of(port), [&](State& old) {
            EXPECT_TRUE(retired.insert(old.value).second) << "once each";
        });
        EXPECT_EQ(state.value, 0) << "fresh";
        state.value = port;
        state.last_seen = base::from_nanoseconds(port);
    };
    for (std::uint16_t port = 1; port <= limit + 100; ++port) {
        insert(port);
        ASSERT_LE(table.size(), limit);
    }
    EXPECT_GE(table.evicted(), 100U);
    EXPECT_LE(table.evicted(), 100U + limit / 128U);
    EXPECT_EQ(retired.size(), table.evicted());
    for (std::uint16_t port = 1; port <= limit + 100; ++port) {
        EXPECT_EQ(table.find(flow_of(port)) == nullptr, retired.contains(port)) << port;
    }
    // A sample of 128 goes round the table in order of age.
    EXPECT_LT(*retired.rbegin(), 512);
}

/// A table of `count` states with the values 1 ...
FlowTable<State> filled(std::uint16_t count) {
    FlowTable<State> table(1'000);
    for (std::uint16_t port = 1; port <= count; ++port) {
        table.insert(flow_of(port), [](State&) {}).value = port;
    }
    return table;
}

TEST(FlowTableSweep, LooksAtAsManyPlacesAsItIsToldAndComesRoundToAll) {
    auto table = filled(10);
    std::multiset<int> looked_at;
    const auto look = [&](const State& state) {
        looked_at.insert(state.value);
        return false;
    };
    const auto nobody = [](State&) { FAIL() << "nothing was over"; };
    for (std::size_t seen = 3; seen <= 9; seen += 3) {
        table.sweep(3, look, nobody);
        EXPECT_EQ(looked_at.size(), seen);
    }
    table.sweep(1, look, nobody);
    for (int value = 1; value <= 10; ++value) {
        EXPECT_EQ(looked_at.count(value), 1U) << value;
    }
    table.sweep(100, look, nobody);
    EXPECT_EQ(looked_at.size(), 20U) << "once round is enough";
    EXPECT_EQ(table.size(), 10U);
}

TEST(FlowTableSweep, RetiresWhatIsOverBeforeItIsGone) {
    auto table = filled(10);
    std::set<int> retired;
    table.sweep(
        table.places(), [](const State& state) { return state.value % 2 == 0; },
        [&](State& state) { retired.insert(state.value); });
    EXPECT_EQ(retired, (std::set{2, 4, 6, 8, 10}));
    EXPECT_EQ(table.size(), 5U);
    EXPECT_EQ(table.evicted(), 0U) << "nobody had to make room";
    for (std::uint16_t port = 1; port <= 10; ++port) {
        EXPECT_EQ(table.find(flow_of(port)) != nullptr, port % 2 == 1) << port;
    }
}

TEST(FlowTableSweep, PlacesAreTakenAgainAndLookedAtAgain) {
    auto table = filled(10);
    const auto all = [](const State&) { return true; };
    table.sweep(table.places(), all, [](State&) {});
    EXPECT_EQ(table.size(), 0U);
    int retired = 0;
    const auto count = [&](State& state) { retired += state.value; };
    table.sweep(table.places(), all, count);
    EXPECT_EQ(retired, 0) << "places that are free hold nothing to retire";
    for (std::uint16_t port = 21; port <= 25; ++port) {
        State& state = table.insert(flow_of(port), [](State&) {});
        EXPECT_EQ(state.value, 0) << "nothing is left of who was there before";
        state.value = port;
    }
    EXPECT_EQ(table.places(), 10U);
    table.sweep(table.places(), all, count);
    EXPECT_EQ(retired, 21 + 22 + 23 + 24 + 25);
}

TEST(FlowTableSweep, AnEmptyTableIsSweptWithoutHarm) {
    FlowTable<State> table(10);
    table.sweep(5, [](const State&) { return true; }, [](State&) { FAIL(); });
    EXPECT_EQ(table.places(), 0U);
}

}  // namespace
}  // namespace turnpike::flow
