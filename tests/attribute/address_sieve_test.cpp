// The sieve never denies an address that was added, and rarely takes another for one.
#include "turnpike/attribute/address_sieve.h"

#include <gtest/gtest.h>

namespace turnpike::attribute {
namespace {

base::IpAddress nth_address(std::uint32_t number) {
    return base::IpAddress::v4(number);
}

TEST(AddressSieve, HoldsWhatWasAddedAndLittleElse) {
    constexpr std::uint32_t added = 10'000;
    AddressSieve sieve(added);
    for (std::uint32_t i = 0; i < added; ++i) {
        sieve.add(nth_address(i));
    }
    std::uint32_t taken = 0;
    for (std::uint32_t i = 0; i < added; ++i) {
        ASSERT_TRUE(sieve.may_hold(nth_address(i)));
        taken += sieve.may_hold(nth_address(added + i)) ? 1U : 0U;
    }
    EXPECT_LT(taken, added / 10);
}

TEST(AddressSieve, HoldsNothingAtFirst) {
    const AddressSieve sieve(0);
    EXPECT_FALSE(sieve.may_hold(nth_address(1)));
    EXPECT_FALSE(sieve.may_hold({}));
}

TEST(AddressSieve, StillDeniesNothingThatWasAddedBeyondItsNumber) {
    AddressSieve sieve(1);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        sieve.add(nth_address(i));
    }
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        ASSERT_TRUE(sieve.may_hold(nth_address(i)));
    }
}

}  // namespace
}  // namespace turnpike::attribute
