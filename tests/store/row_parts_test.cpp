// Parts of rows that two threads make.
#include "store/row_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace turnpike::store {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using ::testing::Pair;

using Keyed = std::vector<std::pair<std::int64_t, std::vector<std::uint8_t>>>;

Keyed rows_of(const EncodedRows& rows) {
    Keyed all;
    rows.for_each([&](std::int64_t key, std::span<const std::uint8_t> record) {
        all.emplace_back(key, std::vector(record.begin(), record.end()));
    });
    return all;
}

TEST(EncodedRows, KeepsRecordsInOrder) {
    EncodedRows rows;
    rows.put(5, std::string_view("ab"));
    rows.put(9, 1, 300);
    // Header: its length, the types (NULL, text of 2; NULL, one, 16 bits), then the values.
    EXPECT_THAT(rows_of(rows), ElementsAre(Pair(5, ElementsAre(3, 0, 17, 'a', 'b')),
                                           Pair(9, ElementsAre(4, 0, 9, 2, 1, 44))));
}

TEST(RowParts, ThereAreNoneAtFirst) {
    RowParts parts;
    EXPECT_EQ(parts.take(), std::nullopt);
    EXPECT_EQ(parts.take_ahead(), std::nullopt);
}

TEST(RowParts, ThereAreNoneWhenTheWriterGaveUp) {
    RowParts parts;
    {
        const RowParts::Dealing dealing(parts, 3);
        EXPECT_THAT(parts.take(), Optional(0U));
    }
    EXPECT_EQ(parts.take_ahead(), std::nullopt);
}

TEST(RowParts, EachIsDealtOnceInOrder) {
    RowParts parts;
    const RowParts::Dealing dealing(parts, 3);
    EXPECT_THAT(parts.take(), Optional(0U));
    EXPECT_THAT(parts.take_ahead(), Optional(1U));
    EXPECT_THAT(parts.take(), Optional(2U));
    EXPECT_EQ(parts.take(), std::nullopt);
    EXPECT_EQ(parts.take_ahead(), std::nullopt);
}

TEST(RowParts, TheHelperWaitsWhileManyWaitForTheWriter) {
    RowParts parts;
    const RowParts::Dealing dealing(parts, 10);
    for (std::size_t part = 0; part < 4; ++part) {
        ASSERT_THAT(parts.take_ahead(), Optional(part));
        parts.give(part, EncodedRows());
    }
    std::atomic<std::size_t> taken = 0;
    std::jthread helper([&] { taken = parts.take_ahead().value_or(0); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(taken, 0U);
    static_cast<void>(parts.wait_for(0));
    helper.join();
    EXPECT_EQ(taken, 4U);
}

TEST(RowParts, TheWriterWaitsForWhatTheHelperTook) {
    RowParts parts;
    const RowParts::Dealing dealing(parts, 2);
    ASSERT_THAT(parts.take_ahead(), Optional(0U));
    ASSERT_THAT(parts.take_ahead(), Optional(1U));
    const std::jthread helper([&] {
        EncodedRows rows;
        rows.put(7);
        parts.give(0, std::move(rows));
        parts.give(1, std::nullopt);
    });
    const auto made = parts.wait_for(0);
    ASSERT_TRUE(made);
    EXPECT_THAT(rows_of(*made), ElementsAre(Pair(7, ElementsAre(2, 0))));
    EXPECT_FALSE(parts.wait_for(1)) << "the helper could not";
}

}  // namespace
}  // namespace turnpike::store
