// Strings as JSON whatever octets they hold, and the decoding of UTF-8.
#include "turnpike/base/json_text.h"

#include <gtest/gtest.h>

#include <string>

#include "turnpike/base/utf8.h"

namespace turnpike::base {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "before ";
    append_json_string(out, text);
    return out.substr(7);
}

TEST(JsonText, EscapesWhatMustBe) {
    EXPECT_EQ(quoted(""), R"("")");
    EXPECT_EQ(quoted("a \"b\" \\ c/"), R"("a \"b\" \\ c/")");
    EXPECT_EQ(quoted("a\nb\tc\x01"), R"("a\nb\u0009c\u0001")");
    EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
    EXPECT_EQ(quoted("<b>\x7f"), "\"<b>\x7f\"");
}

TEST(JsonText, IsValidUtf8WhateverItIsGiven) {
    EXPECT_EQ(quoted("gr\u00fc\u00df \u65e5 \U0001f600"), "\"gr\u00fc\u00df \u65e5 \U0001f600\"");
    EXPECT_EQ(quoted("a\xff"
                     "b"),
              R"("a\\xffb")");
    EXPECT_EQ(quoted("\xc3"), R"("\\xc3")") << "cut short";
    EXPECT_EQ(quoted("\xc0\xaf"), R"("\\xc0\\xaf")") << "overlong";
    EXPECT_EQ(quoted("\xed\xa0\x80"), R"("\\xed\\xa0\\x80")") << "a surrogate";
    EXPECT_EQ(quoted("\xf4\x90\x80\x80"), R"("\\xf4\\x90\\x80\\x80")") << "beyond U+10FFFF";
}

TEST(JsonText, OpensNoTagInAScript) {
    std::string out;
    append_script_string(out, "</script>\"");
    EXPECT_EQ(out, R"("\u003c/script>\"")");
}

TEST(JsonText, AnOctetIsTheSameWhereverItStands) {
    const std::string around(15, 'a');
    for (void (*const append)(std::string&, std::string_view) :
         {&append_json_string, &append_script_string}) {
        for (int octet = 0; octet < 256; ++octet) {
            std::string alone;
            (*append)(alone, std::string(1, static_cast<char>(octet)));
            const auto inner = alone.substr(1, alone.size() - 2);
            for (std::size_t at = 0; at <= around.size(); ++at) {
                auto text = around;
                auto expected = '"' + around + '"';
                text.insert(at, 1, static_cast<char>(octet));
                expected.insert(at + 1, inner);
                std::string out;
                (*append)(out, text);
                ASSERT_EQ(out, expected) << octet << " at " << at;
            }
        }
    }
}

TEST(Utf8, IsDecoded) {
    EXPECT_EQ(utf8_character("a").code, U'a');
    EXPECT_EQ(utf8_character("\u65e5x").code, U'\u65e5');
    EXPECT_EQ(utf8_character("\u65e5x").octets, 3U);
    EXPECT_EQ(utf8_character("\U0010ffff").code, U'\U0010ffff');
    EXPECT_EQ(utf8_character("\x80").octets, 0U);
    EXPECT_EQ(utf8_character("\xe6\x97").octets, 0U);
    EXPECT_EQ(utf8_character("\xe0\x9f\xbf").octets, 0U);
}

}  // namespace
}  // namespace turnpike::base
