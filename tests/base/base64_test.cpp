// Octets as base64: the test vectors of RFC 4648 10, and the two signs of its alphabet.
#include "turnpike/base/base64.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace turnpike::base {
namespace {

TEST(Base64, FillsGroupsOfFourAsRfc4648Does) {
    const auto encoded = [](std::string_view text) { return base64(as_bytes(text)); };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foob"), "Zm9vYg==");
    EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, UsesPlusAndSlash) {
    EXPECT_EQ(base64(std::array<std::uint8_t, 3>{0xfb, 0xef, 0xff}), "++//");
}

TEST(Base64, BreaksNoLine) {
    const auto text = base64(as_bytes(std::string(300, 'x')));
    EXPECT_EQ(text.size(), 400U);
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace turnpike::base
