// Finding slots by hash while others come and go.
#include "turnpike/flow/slot_index.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <utility>

#include "turnpike/flow/slots.h"

namespace turnpike::flow {
namespace {

bool holds(const SlotIndex& index, std::uint32_t hash, std::uint32_t slot) {
    return index.find(hash, [slot](std::uint32_t candidate) { return candidate == slot; }) == slot;
}

TEST(SlotIndex, EmptyHoldsNothing) {
    const SlotIndex index;
    EXPECT_FALSE(index.find(1, [](std::uint32_t) { return true; }));
    EXPECT_EQ(index.size(), 0U);
}

TEST(SlotIndex, TellsSlotsOfOneHashApart) {
    SlotIndex index;
    index.insert(7, 0);
    index.insert(7, 1);
    EXPECT_TRUE(holds(index, 7, 0));
    EXPECT_TRUE(holds(index, 7, 1));
    EXPECT_FALSE(holds(index, 7, 2));
    EXPECT_FALSE(holds(index, 8, 0));
    index.erase(7, 0);
    EXPECT_FALSE(holds(index, 7, 0));
    EXPECT_TRUE(holds(index, 7, 1));
}

TEST(SlotIndex, WhatStoodBehindAGapIsStillFoundAlsoAroundTheEnd) {
    // The last places of a table of 512, the first of which is wanted by hashes of all three.
    for (std::uint32_t gone = 0; gone < 6; ++gone) {
        SlotIndex index;
        constexpr std::array<std::uint32_t, 6> hashes{510, 511, 510, 0, 511, 510};
        for (std::uint32_t slot = 0; slot < hashes.size(); ++slot) {
            index.insert(hashes[slot], slot);
        }
        index.erase(hashes[gone], gone);
        for (std::uint32_t slot = 0; slot < hashes.size(); ++slot) {
            EXPECT_EQ(holds(index, hashes[slot], slot), slot != gone) << gone << " " << slot;
        }
    }
}

TEST(SlotIndex, HoldsWhatASetHoldsHoweverItGrowsAndShrinks) {
    std::mt19937 random(1);
    SlotIndex index;
    std::set<std::pair<std::uint32_t, std::uint32_t>> expected;
    for (std::uint32_t slot = 0; slot < 20'000; ++slot) {
        const std::uint32_t hash = random() % 4'096 * 1'048'576;  // many of each, far apart
        index.insert(hash, slot);
        expected.emplace(hash, slot);
        if (random() % 3 == 0) {
            const auto gone = expected.lower_bound({random(), 0});
            if (gone != expected.end()) {
                index.erase(gone->first, gone->second);
                expected.erase(gone);
            }
        }
    }
    EXPECT_EQ(index.size(), expected.size());
    for (const auto& [hash, slot] : expected) {
        ASSERT_TRUE(holds(index, hash, slot));
    }
    index.clear();
    EXPECT_EQ(index.size(), 0U);
    EXPECT_FALSE(holds(index, expected.begin()->first, expected.begin()->second));
}

TEST(Slots, StayWhereTheyAre) {
    Slots<std::uint64_t> slots;
    const std::uint32_t first = slots.add();
    const std::uint64_t* const place = &slots[first];
    constexpr std::uint32_t more_than_a_block = 300'000;
    for (std::uint32_t i = 1; i < more_than_a_block; ++i) {
        ASSERT_EQ(slots.add(), i);
        slots[i] = i;
    }
    EXPECT_EQ(&slots[first], place);
    EXPECT_EQ(slots.size(), more_than_a_block);
    EXPECT_EQ(slots[more_than_a_block - 1], more_than_a_block - 1);
    slots.clear();
    EXPECT_EQ(slots.size(), 0U);
}

}  // namespace
}  // namespace turnpike::flow
