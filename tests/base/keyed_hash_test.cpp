// The keyed hash spreads, depends on its key, and resists keys that are made to collide.
#include "turnpike/base/keyed_hash.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"

namespace turnpike::base {
namespace {

/// How many of 2^24 buckets the hashes fall into.
std::size_t buckets(const std::vector<std::uint64_t>& hashes) {
    std::set<std::uint64_t> seen;
    for (const std::uint64_t hash : hashes) {
        seen.insert(hash >> 40U);
    }
    return seen.size();
}

TEST(HashKey, DependsOnTheSeedAndOnEveryWord) {
    const HashKey key(1);
    EXPECT_EQ(key.words(1, 2), HashKey(1).words(1, 2));
    EXPECT_NE(key.words(1, 2), HashKey(2).words(1, 2));
    EXPECT_NE(key.words(1, 2), key.words(2, 1));
    std::vector<std::uint64_t> hashes;
    for (std::uint64_t word = 0; word < 10'000; ++word) {
        hashes.push_back(key.words(std::array<std::uint64_t, 4>{0, 0, word, 0}));
    }
    EXPECT_GT(buckets(hashes), 9'950U);
}

TEST(HashKey, OctetsOfEveryNumberDiffer) {
    const HashKey key(1);
    std::set<std::uint64_t> seen;
    for (std::size_t size = 0; size < 100; ++size) {
        std::string text(size, '\0');
        EXPECT_TRUE(seen.insert(key.text(text)).second) << size;
        for (std::size_t at = 0; at < size; ++at) {
            text[at] = 'x';
            EXPECT_TRUE(seen.insert(key.text(text)).second) << size << ' ' << at;
            text[at] = '\0';
        }
    }
}

// An unkeyed hash can be turned round. These all had the same one while it was MurmurHash3's
// finaliser, which is why there is a key.
TEST(HashKey, AddressesMadeToCollideDoNot) {
    const auto finaliser = [](std::uint64_t value) {
        value ^= value >> 33U;
        value *= 0xff51afd7ed558ccdULL;
        value ^= value >> 33U;
        value *= 0xc4ceb9fe1a85ec53ULL;
        return value ^ (value >> 33U);
    };
    std::vector<std::uint64_t> hashes;
    for (std::uint64_t low = 0; low < 10'000; ++low) {
        const std::array<std::uint64_t, 2> words{finaliser(low ^ 6U), low};
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), words.data(), octets.size());
        hashes.push_back(IpAddress::from_octets(octets).hash());
    }
    EXPECT_GT(buckets(hashes), 9'950U);
}

}  // namespace
}  // namespace turnpike::base
