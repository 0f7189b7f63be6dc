// Tests of PieceBuffer: pieces in any order, overlapping, within bounds.
#include "turnpike/proto/piece_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "hellos.h"

namespace turnpike::proto::test {
namespace {

using base::Bytes;
using base::ParseError;

Octets counting(std::size_t size) {
    Octets octets(size);
    for (std::size_t i = 0; i < size; ++i) {
        octets[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    }
    return octets;
}

TEST(PieceBuffer, GrowsItsPrefix) {
    const Octets all = counting(30);
    PieceBuffer buffer;
    EXPECT_TRUE(buffer.empty());
    ASSERT_TRUE(buffer.add(10, slice(all, 10, 20)).has_value());
    EXPECT_TRUE(buffer.prefix().empty());
    ASSERT_TRUE(buffer.add(0, slice(all, 0, 5)).has_value());
    EXPECT_EQ(buffer.prefix().size(), 5U);
    ASSERT_TRUE(buffer.add(5, slice(all, 5, 10)).has_value());
    EXPECT_EQ(buffer.prefix().size(), 20U);
    ASSERT_TRUE(buffer.add(20, slice(all, 20, 30)).has_value());
    EXPECT_TRUE(std::ranges::equal(buffer.prefix(), all));
    buffer.reset();
    EXPECT_TRUE(buffer.prefix().empty());
    buffer.release();
    EXPECT_TRUE(buffer.empty());
}

TEST(PieceBuffer, FirstOctetsStay) {
    PieceBuffer buffer;
    ASSERT_TRUE(buffer.add(2, wire("0a 0b")).has_value());
    ASSERT_TRUE(buffer.add(0, wire("11 11 11 11 11 11")).has_value());
    EXPECT_TRUE(std::ranges::equal(buffer.prefix(), wire("11 11 0a 0b 11 11")));
}

TEST(PieceBuffer, AnyOrderOfOverlappingPiecesGivesTheSame) {
    const Octets all = counting(5000);
    std::mt19937 random{7};  // NOLINT(bugprone-random-generator-seed): repeatable on purpose
    for (int round = 0; round < 200; ++round) {
        PieceBuffer buffer;
        std::vector<std::pair<std::size_t, std::size_t>> pieces;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t size = 1 + random() % 700;
            const std::size_t end = std::min(all.size(), at + size);
            pieces.emplace_back(at > 50 ? at - random() % 50 : at, end);
            at = end;
        }
        std::ranges::shuffle(pieces, random);
        for (const auto& [begin, end] : pieces) {
            ASSERT_TRUE(buffer.add(begin, slice(all, begin, end)).has_value());
        }
        EXPECT_TRUE(std::ranges::equal(buffer.prefix(), all));
    }
}

TEST(PieceBuffer, IsBounded) {
    PieceBuffer buffer;
    const Octets one(1, 0);
    EXPECT_EQ(buffer.add(PieceBuffer::max_octets, one).error(), ParseError::limit);
    EXPECT_EQ(buffer.add(~std::uint64_t{0}, one).error(), ParseError::limit);
    ASSERT_TRUE(buffer.add(0, Octets(60000, 1)).has_value());
    EXPECT_TRUE(buffer.add(PieceBuffer::max_octets - 1, one).has_value());
    buffer.reset();
    for (std::size_t i = 0; i < PieceBuffer::max_pieces; ++i) {
        EXPECT_TRUE(buffer.add(2 * i, one).has_value());
    }
    EXPECT_EQ(buffer.add(2 * PieceBuffer::max_pieces, one).error(), ParseError::limit);
    EXPECT_TRUE(buffer.add(1, one).has_value());  // closing a hole is always possible
    EXPECT_EQ(buffer.prefix().size(), 3U);
    EXPECT_TRUE(buffer.add(1000, {}).has_value());
}

// A packet of one octet used to reserve room for all that might come before it.
TEST(PieceBuffer, CostsWhatHasArrived) {
    base::OctetBudget budget{100};
    PieceBuffer buffer{&budget};
    const Octets one(1, 0);
    ASSERT_TRUE(buffer.add(60000, one).has_value());
    EXPECT_LT(budget.held(), 20U);
    ASSERT_TRUE(buffer.add(60001, one).has_value());
    ASSERT_TRUE(buffer.add(60000, one).has_value());  // again: costs nothing
    EXPECT_LT(budget.held(), 20U);
    EXPECT_EQ(buffer.add(0, Octets(200, 0)).error(), ParseError::limit);
    EXPECT_EQ(budget.refused(), 1U);
    EXPECT_TRUE(buffer.add(0, Octets(40, 0)).has_value());
    EXPECT_EQ(buffer.prefix().size(), 40U);
    PieceBuffer moved = std::move(buffer);
    EXPECT_GT(budget.held(), 40U);
    moved.reset();
    EXPECT_EQ(budget.held(), 0U);
}

TEST(PieceBuffer, HolesThatAreClosedCostNothingMore) {
    base::OctetBudget budget{10'000};
    PieceBuffer buffer{&budget};
    const Octets one(1, 0);
    for (unsigned i = 0; i < 1'000; ++i) {  // a hole, and its end
        ASSERT_TRUE(buffer.add(2 * i + 1, one).has_value());
        ASSERT_TRUE(buffer.add(2 * i, one).has_value());
    }
    EXPECT_LE(budget.held(), 2'000U + PieceBuffer::max_pieces * 8);
}

TEST(PieceBuffer, GivesItsShareBackAtItsEnd) {
    base::OctetBudget budget{100};
    {
        PieceBuffer buffer{&budget};
        ASSERT_TRUE(buffer.add(5, Octets(10, 0)).has_value());
        EXPECT_GT(budget.held(), 0U);
    }
    EXPECT_EQ(budget.held(), 0U);
}

}  // namespace
}  // namespace turnpike::proto::test
