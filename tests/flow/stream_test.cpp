// Segments in every order, overlapping, lost and cut.
#include "turnpike/flow/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

namespace turnpike::flow {
namespace {

using base::as_bytes;
using base::as_text;

class StreamTest : public testing::Test {
  protected:
    void add(std::uint32_t offset, std::string_view text, std::uint32_t acknowledged = 0) {
        stream.add(begin + offset, as_bytes(text), static_cast<std::uint32_t>(text.size()),
                   begin + acknowledged);
        stream.settle();
    }
    std::string read() {
        const std::string text(as_text(stream.readable()));
        stream.consume(text.size());
        return text;
    }
    void SetUp() override { stream.start(begin); }

    static constexpr std::uint32_t begin = 0xfffffffaU;  // wraps after six octets
    BufferPool pool{100'000};
    Stream stream{pool};
};

TEST_F(StreamTest, InOrder) {
    add(0, "hello ");
    add(6, "world");
    EXPECT_EQ(read(), "hello world");
    EXPECT_EQ(pool.held(), 0U);
}

TEST_F(StreamTest, EveryOrderOfFourSegments) {
    std::vector<std::uint32_t> order{0, 1, 2, 3};
    do {
        Stream each(pool);
        each.start(begin);
        for (const std::uint32_t i : order) {
            const std::string text = std::string("abcdefgh").substr(std::size_t{i} * 2, 2);
            each.add(begin + i * 2, as_bytes(text), 2, begin);
            each.settle();
        }
        EXPECT_EQ(as_text(each.readable()), "abcdefgh");
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(pool.held(), 0U);
}

TEST_F(StreamTest, OverlapsAndRetransmissionsAreTakenOnce) {
    add(0, "abcd");
    add(2, "cdef");
    add(0, "XXXX");
    add(8, "ij");
    add(4, "efghij");
    EXPECT_EQ(read(), "abcdefghij");
}

TEST_F(StreamTest, ConsumingInTheMiddleKeepsTheRest) {
    add(0, "abcdef");
    stream.consume(2);
    EXPECT_EQ(as_text(stream.readable()), "cdef");
    add(6, "gh");
    EXPECT_EQ(read(), "cdefgh");
}

TEST_F(StreamTest, GapIsWaitedForWhileItMayCome) {
    add(0, "ab");
    read();
    add(4, "ef");
    add(6, "gh");
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(stream.take_gap());
    add(2, "cd");
    EXPECT_EQ(read(), "cdefgh");
}

TEST_F(StreamTest, AcknowledgedGapIsSkipped) {
    add(0, "ab");
    add(4, "ef", 4);
    add(6, "gh", 4);
    add(8, "ij", 4);
    add(10, "kl", 4);
    EXPECT_TRUE(stream.take_gap());
    EXPECT_FALSE(stream.take_gap());
    EXPECT_EQ(read(), "efghijkl");
}

TEST_F(StreamTest, CutSegmentEndsInAGap) {
    stream.add(begin, as_bytes("abc"), 10, begin);
    EXPECT_EQ(as_text(stream.readable()), "abc");
    EXPECT_FALSE(stream.take_gap());
    stream.settle();
    add(10, "next");
    EXPECT_TRUE(stream.take_gap());
    EXPECT_EQ(read(), "next");
}

TEST_F(StreamTest, MemoryIsBoundedAndRefusalsAreCounted) {
    BufferPool small{10};
    Stream each(small);
    each.start(0);
    each.add(5, as_bytes("0123456789abcdef"), 16, 0);
    EXPECT_EQ(small.refused(), 1U);
    EXPECT_EQ(small.held(), 0U);
}

TEST_F(StreamTest, ClearGivesEverythingBack) {
    add(0, "abc");
    add(10, "later");
    EXPECT_GT(pool.held(), 0U);
    stream.clear();
    EXPECT_EQ(pool.held(), 0U);
    EXPECT_FALSE(stream.started());
}

}  // namespace
}  // namespace turnpike::flow
