// Finding what happened near a time.
#include "verdict/span_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/doubling.h"
#include "support/observation.h"

namespace turnpike::verdict {
namespace {

using support::at;
using ::testing::Optional;

using Index = SpanIndex<int>;

TEST(SpanIndex, FindsASpanThatTouchesTheTime) {
    Index index;
    index.want(1);
    index.add(1, at(10), at(20), 0, 7);
    index.prepare();
    EXPECT_THAT(index.find(1, at(0), at(10)), Optional(7U));
    EXPECT_THAT(index.find(1, at(20), at(30)), Optional(7U));
    EXPECT_THAT(index.find(1, at(12), at(13)), Optional(7U));
    EXPECT_FALSE(index.find(1, at(0), at(9.9)));
    EXPECT_FALSE(index.find(1, at(20.1), at(30)));
}

TEST(SpanIndex, RemembersOnlyKeysThatWereWanted) {
    Index index;
    index.want(1);
    index.add(1, at(0), at(1), 0, 1);
    index.add(2, at(0), at(1), 0, 2);
    index.prepare();
    EXPECT_TRUE(index.find(1, at(0), at(1)));
    EXPECT_FALSE(index.find(2, at(0), at(1)));
    EXPECT_FALSE(index.find(3, at(0), at(1)));
}

TEST(SpanIndex, WantedButNeverAddedIsNothing) {
    Index index;
    index.want(1);
    index.prepare();
    EXPECT_FALSE(index.find(1, at(0), at(1)));
}

TEST(SpanIndex, ALongSpanIsNotHiddenByLaterShortOnes) {
    Index index;
    index.want(1);
    index.add(1, at(0), at(100), 0, 7);
    index.add(1, at(10), at(11), 0, 8);
    index.add(1, at(20), at(21), 0, 9);
    index.prepare();
    EXPECT_THAT(index.find(1, at(50), at(51)), Optional(7U));
}

TEST(SpanIndex, TheOwnersOwnDoNotCountWhereSomebodyElsesAreAskedFor) {
    Index index;
    index.want(1);
    index.add(1, at(0), at(10), 5, 1);
    index.add(1, at(5), at(20), 5, 2);
    index.prepare();
    EXPECT_TRUE(index.find(1, at(6), at(7)));
    EXPECT_FALSE(index.find(1, at(6), at(7), 5));
    EXPECT_TRUE(index.find(1, at(6), at(7), 6));
}

/// Against the plain search, with owners and spans in any order.
TEST(SpanIndex, FindsWhatAPlainSearchFinds) {
    struct Span {
        int key;
        base::Timestamp from;
        base::Timestamp to;
        std::uint64_t owner;
    };
    std::mt19937 random(1);
    const auto number = [&](unsigned most) { return static_cast<int>(random() % (most + 1)); };
    for (int round = 0; round < 200; ++round) {
        std::vector<Span> spans;
        Index index;
        index.want(0);
        index.want(1);
        for (int i = number(12); i > 0; --i) {
            const int from = number(30);
            spans.push_back({number(1), at(from), at(from + number(15)),
                             static_cast<std::uint64_t>(number(2))});
            const auto& span = spans.back();
            index.add(span.key, span.from, span.to, span.owner,
                      static_cast<std::uint32_t>(spans.size() - 1));
        }
        index.prepare();
        for (int question = 0; question < 50; ++question) {
            const int key = number(1);
            const int begin = number(45);
            const auto from = at(begin);
            const auto to = at(begin + number(5));
            // Owner 3 is nobody's, so it leaves nothing out, as no owner does.
            const bool of_anyone = number(1) == 0;
            const auto owner = static_cast<std::uint64_t>(of_anyone ? 3 : number(2));
            const auto fits = [&](const Span& span) {
                return span.key == key && span.from <= to && span.to >= from && span.owner != owner;
            };
            const auto found = of_anyone ? index.find(key, from, to, std::nullopt)
                                         : index.find(key, from, to, owner);
            ASSERT_EQ(found.has_value(), std::ranges::any_of(spans, fits));
            if (found) {
                ASSERT_TRUE(fits(spans.at(*found)));
            }
        }
    }
}

/// All under one key, and every question fails: the worst that an enemy can send.
void fill_and_ask(std::uint32_t count) {
    Index index;
    index.want(1);
    for (std::uint32_t i = 0; i < count; ++i) {
        index.add(1, at(count - i), at(count - i + 0.5), 3, i);
    }
    index.prepare();
    for (std::uint32_t i = 0; i < count; ++i) {
        ASSERT_FALSE(index.find(1, at(i), at(i + 0.9), 3));
    }
}

TEST(SpanIndex, TwiceAsMuchTakesTwiceAsLong) {
    constexpr std::uint32_t count = 1'000;
    EXPECT_LT(support::growth([] { fill_and_ask(count); }, [] { fill_and_ask(2 * count); }),
              support::no_more_than_twice);
}

}  // namespace
}  // namespace turnpike::verdict
