// Colors of statuses, and how a terminal is told of them.
#include "turnpike/base/ink.h"

#include <gtest/gtest.h>

#include "turnpike/base/status_counts.h"

namespace turnpike::base {
namespace {

TEST(Ink, IsASequenceOfTheTerminal) {
    EXPECT_EQ(sequence_of(Ink::none), "");
    EXPECT_EQ(sequence_of(Ink::red), "\x1b[1;31m");
    EXPECT_EQ(sequence_of(Ink::dim), "\x1b[2m");
}

TEST(Ink, StatusesDiffer) {
    EXPECT_EQ(ink_of_status("blocked"), Ink::red);
    EXPECT_EQ(ink_of_status("observed"), Ink::cyan);
    EXPECT_EQ(ink_of_status("inconclusive"), Ink::yellow);
    EXPECT_EQ(ink_of_status("unmatched"), Ink::dim);
}

TEST(StatusCounts, CountsEachWord) {
    StatusCounts counts;
    EXPECT_FALSE(counts.seen());
    counts.add("unmatched");
    EXPECT_FALSE(counts.seen());
    for (const auto* const status : {"blocked", "observed", "observed", "inconclusive"}) {
        counts.add(status);
    }
    EXPECT_TRUE(counts.seen());
    EXPECT_EQ(counts.observed, 2U);
    EXPECT_EQ(counts.blocked, 1U);
    EXPECT_EQ(counts.inconclusive, 1U);
    EXPECT_EQ(counts.unmatched, 1U);
}

}  // namespace
}  // namespace turnpike::base
