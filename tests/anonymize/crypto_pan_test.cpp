// Crypto-PAn against published pairs of addresses, and its one property.
#include "turnpike/anonymize/crypto_pan.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

namespace turnpike::anonymize {
namespace {

/// The key of the sample trace that Crypto-PAn's authors published.
constexpr Key sample_key{21,  34,  23,  141, 51,  164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
                         216, 152, 143, 131, 121, 121, 101, 39,  98, 87, 76, 45, 42, 132, 34,  2};

base::IpAddress parsed(const char* text) {
    return base::IpAddress::parse(text).value();
}

std::string mapped(CryptoPan& pan, const char* text) {
    return to_string(pan.map(parsed(text)));
}

TEST(CryptoPan, MapsAsThePublishedSampleDoes) {
    CryptoPan pan(sample_key);
    EXPECT_EQ(mapped(pan, "128.11.68.132"), "135.242.180.132");
    EXPECT_EQ(mapped(pan, "129.118.74.4"), "134.136.186.123");
    EXPECT_EQ(mapped(pan, "130.132.252.244"), "133.68.164.234");
    EXPECT_EQ(mapped(pan, "141.223.7.43"), "141.167.8.160");
    EXPECT_EQ(mapped(pan, "152.163.225.39"), "151.140.114.167");
}

std::size_t common_prefix(const base::IpAddress& a, const base::IpAddress& b) {
    const auto x = a.octets();
    const auto y = b.octets();
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i] != y[i]) {
            return 8 * i + static_cast<std::size_t>(
                               std::countl_zero(static_cast<std::uint8_t>(x[i] ^ y[i])));
        }
    }
    return 8 * x.size();
}

TEST(CryptoPan, KeepsCommonPrefixesOfBothFamilies) {
    CryptoPan pan(random_key());
    for (const auto& list : {std::array{"10.0.0.1", "10.0.0.2", "10.0.7.9", "192.168.1.1"},
                             std::array{"2001:db8::1", "2001:db8::2", "2001:db8:7::", "fe80::1"}}) {
        for (const auto* a : list) {
            for (const auto* b : list) {
                EXPECT_EQ(common_prefix(pan.map(parsed(a)), pan.map(parsed(b))),
                          common_prefix(parsed(a), parsed(b)))
                    << a << ' ' << b;
            }
        }
    }
    EXPECT_FALSE(pan.map({}));
}

TEST(CryptoPan, AnotherKeyMapsOtherwise) {
    CryptoPan first(random_key());
    CryptoPan second(random_key());
    EXPECT_NE(first.map(parsed("192.0.2.77")), second.map(parsed("192.0.2.77")));
    EXPECT_EQ(first.map(parsed("192.0.2.77")), first.map(parsed("192.0.2.77")));
}

}  // namespace
}  // namespace turnpike::anonymize
