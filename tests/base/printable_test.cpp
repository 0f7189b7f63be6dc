// Text that is shown moves no cursor, and takes the columns that it is said to take.
#include "turnpike/base/printable.h"

#include <gtest/gtest.h>

namespace turnpike::base {
namespace {

TEST(Printable, NothingFromTheNetworkReachesTheTerminalRaw) {
    EXPECT_EQ(from_network("a\x1b[2Jb\n\xc3\xa9\\x41"), "a\\x1b[2Jb\\x0a\\xc3\\xa9\\x41");
}

TEST(Printable, CatalogTextKeepsUtf8ButNoControls) {
    EXPECT_EQ(from_catalog("caf\xc3\xa9\t\x1b[0m"), "caf\xc3\xa9 \\x1b[0m");
    EXPECT_EQ(from_catalog("\xc2\x9b"), "\\xc2\\x9b") << "a C1 control is CSI to some terminals";
    EXPECT_EQ(from_catalog("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "right-to-left override";
}

TEST(Printable, IllFormedUtf8IsShownOctetByOctet) {
    EXPECT_EQ(from_catalog("\xc3"), "\\xc3") << "cut";
    EXPECT_EQ(from_catalog("\xe0\x80\x80"), "\\xe0\\x80\\x80") << "overlong";
    EXPECT_EQ(from_catalog("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
    EXPECT_EQ(from_catalog("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "past U+10FFFF";
}

TEST(Printable, ColumnsAreWhatATerminalMoves) {
    EXPECT_EQ(columns_of("caf\xc3\xa9"), 4U);
    EXPECT_EQ(columns_of("\xe4\xbc\x9a\xe8\xae\xae"), 4U) << "two wide characters";
    EXPECT_EQ(columns_of("e\xcc\x81"), 1U) << "a combining accent";
}

TEST(Printable, ShortenedNeverTakesMoreThanAsked) {
    const std::string wide = "\xe4\xbc\x9a\xe8\xae\xae\xe4\xbc\x9a\xe8\xae\xae";
    EXPECT_EQ(shortened("abcdef", 6), "abcdef");
    EXPECT_EQ(shortened("abcdefg", 6), "abc...");
    EXPECT_EQ(shortened(wide, 6), "\xe4\xbc\x9a...") << "half a character does not fit";
    for (std::size_t columns = 0; columns < 10; ++columns) {
        EXPECT_LE(columns_of(shortened(wide, columns)), columns);
    }
}

TEST(Printable, WidthsAreThoseOfUnicode) {
    EXPECT_EQ(columns_of("\u2705"), 2U);        // a symbol outside the blocks of wide scripts
    EXPECT_EQ(columns_of("\u0e01\u0e34"), 1U);  // Thai: a vowel stands above its consonant
}

TEST(Printable, WrappedBreaksAtSpacesAndWordsThatAreTooLong) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(wrapped("one two three", 9, 2), (Lines{"one two", "  three"}));
    EXPECT_EQ(wrapped("  one two", 7, 4), (Lines{"  one", "    two"}));
    EXPECT_EQ(wrapped("abcdefgh", 5, 2), (Lines{"abcde", "  fgh"}));
    EXPECT_EQ(wrapped("  abcdefgh", 5, 0), (Lines{"  abc", "defgh"}));
    EXPECT_EQ(wrapped("one two three", 5, 0, 2), (Lines{"one", "two three"}));
    EXPECT_EQ(wrapped("one", 5, 0, 0), Lines{});
    EXPECT_EQ(wrapped("", 5, 0), Lines{""});
    EXPECT_EQ(wrapped("\u4e00\u4e8c", 1, 3), (Lines{"\u4e00", "   \u4e8c"}));  // always goes on
}

TEST(Printable, CountsAndVolumes) {
    EXPECT_EQ(volume(1), "1 byte");
    EXPECT_EQ(volume(999), "999 bytes");
    EXPECT_EQ(volume(1'234), "1.2 kB");
    EXPECT_EQ(volume(2'500'000'000'000), "2.5 TB");
    EXPECT_EQ(join_nonzero({{1'000, "passed"}, {0, "blocked"}, {2, "inconclusive"}}),
              "1,000 passed, 2 inconclusive");
    EXPECT_EQ(join_nonzero({{0, "passed"}}), "");
}

}  // namespace
}  // namespace turnpike::base
