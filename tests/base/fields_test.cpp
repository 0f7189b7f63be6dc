// Fields of a header are read where they stand, whatever stands before the header.
#include "turnpike/base/fields.h"

#include <gtest/gtest.h>

#include <array>

namespace turnpike::base::test {
namespace {

constexpr std::array<std::uint8_t, 9> octets{0xff, 1, 2, 3, 4, 5, 6, 0xfe, 0xfd};
using Header = Fields<8>;

TEST(Fields, AreBigEndian) {
    const Header header(Bytes(octets).subspan(1));
    EXPECT_EQ(header.u8<0>(), 1U);
    EXPECT_EQ(header.u8<7>(), 0xfdU);
    EXPECT_EQ(header.u16<1>(), 0x0203U);
    EXPECT_EQ(header.u32<2>(), 0x03040506U);
    EXPECT_EQ(header.u48<0>(), 0x010203040506U);
    const Bytes last = header.octets<6, 2>();
    EXPECT_EQ(last.data(), octets.data() + 7);
    EXPECT_EQ(last.size(), 2U);
}

TEST(Fields, FitOnlyWhereAllOctetsAre) {
    EXPECT_TRUE(Header::fit(Bytes(octets)));
    EXPECT_TRUE(Header::fit(Bytes(octets).first(8)));
    EXPECT_FALSE(Header::fit(Bytes(octets).first(7)));
    EXPECT_FALSE(Header::fit(Bytes{}));
}

}  // namespace
}  // namespace turnpike::base::test
