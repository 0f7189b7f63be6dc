// Rows as SQLite stores them, octet by octet (sqlite.org/fileformat2.html 2.1).
#include "store/record.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::store {
namespace {

using Octets = std::vector<std::uint8_t>;

template <typename... Values>
Octets written(const Values&... values) {
    Record record;
    (record.add(values), ...);
    Octets octets(record.size());
    record.write(octets.data());
    return octets;
}

TEST(Record, IntegersTakeAsManyOctetsAsTheyNeed) {
    struct Case {
        std::int64_t value;
        Octets expected;  ///< the header's length, the type, the value
    };
    const std::vector<Case> cases{
        {0, {2, 8}},
        {1, {2, 9}},
        {2, {2, 1, 2}},
        {-1, {2, 1, 0xff}},
        {127, {2, 1, 0x7f}},
        {128, {2, 2, 0, 0x80}},
        {-128, {2, 1, 0x80}},
        {-129, {2, 2, 0xff, 0x7f}},
        {0x7fff, {2, 2, 0x7f, 0xff}},
        {0x8000, {2, 3, 0, 0x80, 0}},
        {0x80'0000, {2, 4, 0, 0x80, 0, 0}},
        {0x8000'0000, {2, 5, 0, 0, 0x80, 0, 0, 0}},
        {0x8000'0000'0000, {2, 6, 0, 0, 0x80, 0, 0, 0, 0, 0}},
        {std::numeric_limits<std::int64_t>::max(),
         {2, 6, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {std::numeric_limits<std::int64_t>::min(), {2, 6, 0x80, 0, 0, 0, 0, 0, 0, 0}},
    };
    for (const auto& [value, expected] : cases) {
        EXPECT_EQ(written(value), expected) << value;
    }
}

TEST(Record, OtherValuesFollowOneAnother) {
    EXPECT_EQ(written(nullptr, std::string_view("ab"), 1.0, std::string_view{}, 300),
              (Octets{6, 0, 17, 7, 13, 2,  // types
                      'a', 'b', 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 1, 44}));
    EXPECT_EQ(written(std::optional<int>{}, std::optional<int>{7}), (Octets{3, 0, 1, 7}));
}

TEST(Record, GrowsForLongTextsAndIsUsedAgain) {
    Record record;
    for (const std::size_t length : {0U, 1U, 509U, 510U, 5'000U, 3U, 100'000U}) {
        record.clear();
        const std::string text(length, 'x');
        record.add(2);
        record.add(text);
        record.add(3);
        Octets octets(record.size());
        record.write(octets.data());
        ASSERT_GE(octets.size(), length + 2);
        EXPECT_EQ(octets.back(), 3);
        EXPECT_EQ(
            std::string(octets.end() - 1 - static_cast<std::ptrdiff_t>(length), octets.end() - 1),
            text);
        EXPECT_EQ(octets[octets.size() - length - 2], 2);
    }
}

}  // namespace
}  // namespace turnpike::store
