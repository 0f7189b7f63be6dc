// Large pieces of memory come from the system and go back to it.
#include "turnpike/base/own_pages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace turnpike::base {
namespace {

constexpr std::size_t large = std::size_t{2} << 20U;

bool is_mapped(void* address) {
    unsigned char resident = 0;
    return ::mincore(address, 1, &resident) == 0;
}

TEST(OwnPages, ALargePieceStandsOnALargePageAndGoesBackToTheSystem) {
    if (!OwnPages<char>::maps) {
        GTEST_SKIP() << "sanitizers have it from the heap";
    }
    OwnPages<std::uint64_t> pages;
    constexpr std::size_t count = large / sizeof(std::uint64_t);
    auto* const values = pages.allocate(count);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(values) % large, 0U);
    values[0] = 1;
    values[count - 1] = 2;
    EXPECT_EQ(values[0] + values[count - 1], 3U);
    pages.deallocate(values, count);
    EXPECT_FALSE(is_mapped(values));
}

TEST(OwnPages, WhatTheSystemHasNotIsRefused) {
    if (!OwnPages<char>::maps) {
        GTEST_SKIP() << "sanitizers end the process";
    }
    OwnPages<char> pages;
    EXPECT_THROW(static_cast<void>(pages.allocate(std::numeric_limits<std::size_t>::max() / 4)),
                 std::bad_alloc);
}
TEST(OwnPages, ContainersGrowAndMove) {
    std::vector<std::uint32_t, OwnPages<std::uint32_t>> values;
    for (std::uint32_t i = 0; i < large; ++i) {
        values.push_back(i);
    }
    const auto moved = std::move(values);
    for (std::uint32_t i = 0; i < large; i += 4'097) {
        ASSERT_EQ(moved[i], i);
    }
}

}  // namespace
}  // namespace turnpike::base
