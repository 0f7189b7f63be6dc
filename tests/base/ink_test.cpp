// Colors of statuses, and how a terminal is told of them.
#include "turnpike/base/ink.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "turnpike/base/status_counts.h"

namespace turnpike::base {
namespace {

TEST(Ink, IsASequenceOfTheTerminal) {
    EXPECT_EQ(sequence_of(Ink::none), "");
    EXPECT_EQ(sequence_of(Ink::bad), "\x1b[1;38;5;166m");
    EXPECT_EQ(sequence_of(Ink::dim), "\x1b[2m");
}

// Relative luminance (WCAG 2.2) of a color of xterm's cube (numbers 16 to 231).
double luminance(int number) {
    constexpr std::array levels{0, 95, 135, 175, 215, 255};
    const auto linear = [&levels](int step) {
        const double value = levels.at(static_cast<std::size_t>(step)) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    const int place = number - 16;
    return 0.2126 * linear(place / 36) + 0.7152 * linear(place / 6 % 6) +
           0.0722 * linear(place % 6);
}

TEST(Ink, CanBeReadOnBlackAndOnWhite) {
    for (const auto ink : {Ink::bad, Ink::good, Ink::unsure}) {
        const std::string code(sequence_of(ink));
        const auto number = code.find("38;5;");
        ASSERT_NE(number, std::string::npos) << code.substr(1);
        const double light = luminance(std::atoi(code.c_str() + number + 5));
        constexpr double least = 3.5;
        EXPECT_GE(1.05 / (light + 0.05), least) << code.substr(1);
        EXPECT_GE((light + 0.05) / 0.05, least) << code.substr(1);
    }
}

TEST(Ink, StatusesDiffer) {
    EXPECT_EQ(ink_of_status("blocked"), Ink::bad);
    EXPECT_EQ(ink_of_status("observed"), Ink::good);
    EXPECT_EQ(ink_of_status("inconclusive"), Ink::unsure);
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
