// Escapes, lower case, edit distance, and times as text.
#include "turnpike/base/text.h"

#include <gtest/gtest.h>

#include "turnpike/base/time.h"

namespace turnpike::base {
namespace {

TEST(Text, EscapesEverythingThatCouldMoveATerminal) {
    EXPECT_EQ(escape("plain name.example"), "plain name.example");
    EXPECT_EQ(escape("\x1b[2J\n\x7f\xc3\xa9\\"), "\\x1b[2J\\x0a\\x7f\\xc3\\xa9\\\\");
}

TEST(Text, LowerCaseIsAsciiOnly) {
    EXPECT_EQ(to_lower("WWW.Example-\xc3\x89.COM"), "www.example-\xc3\x89.com");
    EXPECT_TRUE(equals_ignoring_case("Whereby.COM", "whereby.com"));
    EXPECT_FALSE(equals_ignoring_case("whereby.com", "whereby.co"));
}

TEST(Text, CopiesNothingThatIsInLowerCaseAlready) {
    std::string room = "before";
    const std::string_view lower_case = "www.example-\xc3\x89.com";
    EXPECT_EQ(lowered(lower_case, room).data(), lower_case.data());
    EXPECT_EQ(room, "before");
    EXPECT_EQ(lowered("wwW.Example.COM", room), "www.example.com");
    EXPECT_EQ(room, "www.example.com");
    EXPECT_EQ(lowered("", room), "");
}

TEST(Text, CountsEdits) {
    EXPECT_EQ(edit_distance("whereby", "whereby"), 0U);
    EXPECT_EQ(edit_distance("wherby", "whereby"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(most_slips("pdf"), 1U);
    EXPECT_EQ(most_slips("json"), 2U);
    EXPECT_EQ(most_slips("whereby"), 3U);
}

TEST(Time, FormatsMicrosecondsInUtc) {
    EXPECT_EQ(format_iso8601(from_nanoseconds(0)), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_iso8601(from_nanoseconds(1'700'000'000'123'456'789)),
              "2023-11-14T22:13:20.123456Z");
    EXPECT_EQ(format_iso8601(from_nanoseconds(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, ParsesDatesOnly) {
    ASSERT_TRUE(parse_date("2020-02-29"));
    EXPECT_EQ(format_iso8601(*parse_date("2020-02-29")), "2020-02-29T00:00:00.000000Z");
    for (const auto* text :
         {"2019-02-29", "2020-13-01", "2020-1-1", "20200101", "2020-01-01T00", "today"}) {
        EXPECT_FALSE(parse_date(text)) << text;
    }
}

}  // namespace
}  // namespace turnpike::base
