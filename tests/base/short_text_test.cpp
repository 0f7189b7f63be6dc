// Text in a fixed room.
#include "turnpike/base/short_text.h"

#include <gtest/gtest.h>

namespace turnpike::base {
namespace {

using Word = ShortText<4>;

TEST(ShortText, IsEmptyAtFirst) {
    EXPECT_TRUE(Word().empty());
    EXPECT_EQ(Word().view(), "");
}

TEST(ShortText, KeepsWhatFits) {
    const Word full("abcd");
    EXPECT_EQ(full.view(), "abcd");
    EXPECT_FALSE(full.empty());
    EXPECT_EQ(full, Word(std::string_view("abcd")));
    EXPECT_NE(full, Word("abc"));
}

TEST(ShortText, CutsOffWhatDoesNotFit) {
    EXPECT_EQ(Word("abcdef").view(), "abcd");
}

TEST(ShortText, AShorterTextReplacesALongerOne) {
    Word word("abcd");
    word = "x";
    EXPECT_EQ(word.view(), "x");
}

}  // namespace
}  // namespace turnpike::base
