// Addresses, prefixes and endpoints: how they are written, and what is refused.
#include "turnpike/base/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace turnpike::base {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(IpAddress{});
}

TEST(IpAddress, PrintsCanonically) {
    EXPECT_EQ(to_string(address("192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(to_string(address("2001:0DB8:0:0:0:0:0:1")), "2001:db8::1");  // RFC 5952 4.2, 4.3
    EXPECT_EQ(to_string(address("2001:db8:0:1:1:1:1:1")), "2001:db8:0:1:1:1:1:1");  // 4.2.2
    EXPECT_EQ(to_string(address("2001:0:0:1:0:0:0:1")), "2001:0:0:1::1");           // 4.2.3
    EXPECT_EQ(to_string(address("::ffff:192.0.2.1")), "::ffff:192.0.2.1");          // 5
    EXPECT_EQ(to_string(IpAddress{}), "");
}

// The C library has the same rules; every pattern of zero groups, and all octets of IPv4.
TEST(IpAddress, PrintsAsTheCLibraryDoes) {
    const auto expected = [](int family, Bytes octets) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        return std::string(::inet_ntop(family, octets.data(), text.data(), text.size()));
    };
    for (unsigned pattern = 0; pattern < 256; ++pattern) {
        for (const unsigned value : {0x0001U, 0x0d0eU, 0xffffU, 0x0b00U}) {
            std::array<std::uint8_t, 16> octets{};
            for (unsigned group = 0; group < 8; ++group) {
                if (((pattern >> group) & 1U) != 0) {
                    octets[2 * group] = static_cast<std::uint8_t>(value >> 8U);
                    octets[2 * group + 1] = static_cast<std::uint8_t>(value);
                }
            }
            EXPECT_EQ(to_string(IpAddress::from_octets(octets)), expected(AF_INET6, octets));
        }
        const std::array<std::uint8_t, 4> v4{static_cast<std::uint8_t>(pattern), 0, 10,
                                             static_cast<std::uint8_t>(255 - pattern)};
        EXPECT_EQ(to_string(IpAddress::from_octets(v4)), expected(AF_INET, v4));
    }
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
    for (const auto* text : {"", "192.0.2", "192.0.2.256", "1.2.3.4.5", "fe80::1%eth0",
                             "192.0.2.1:80", "example.com", "2001:db8::1::2"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(IpAddress, KnowsItsKind) {
    EXPECT_TRUE(address("0.0.0.0").is_unspecified());
    EXPECT_TRUE(address("::").is_unspecified());
    EXPECT_TRUE(address("127.5.5.5").is_loopback());
    EXPECT_TRUE(address("::1").is_loopback());
    EXPECT_FALSE(address("::2").is_loopback());
    EXPECT_TRUE(address("239.1.1.1").is_multicast());
    EXPECT_TRUE(address("ff02::fb").is_multicast());
    EXPECT_TRUE(address("255.255.255.255").is_broadcast());
    for (const auto* text : {"10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "169.254.1.1",
                             "fd00::1", "fe80::1"}) {
        EXPECT_TRUE(address(text).is_private()) << text;
    }
    for (const auto* text : {"11.0.0.1", "172.32.0.1", "100.128.0.1", "2001:db8::1"}) {
        EXPECT_FALSE(address(text).is_private()) << text;
    }
}

TEST(IpAddress, OfANat64IsTheHostBehindIt) {
    EXPECT_EQ(address("64:ff9b::192.0.2.33").behind_nat64(), address("192.0.2.33"));
    for (const auto* other :
         {"64:ff9b:1::192.0.2.33", "2001:db8::1", "::ffff:192.0.2.33", "192.0.2.33"}) {
        EXPECT_EQ(address(other).behind_nat64(), address(other)) << other;
    }
    EXPECT_FALSE(IpAddress{}.behind_nat64());
}

TEST(Prefix, ContainsItsAddressesOnly) {
    const auto prefix = Prefix::parse("203.0.112.0/23");
    ASSERT_TRUE(prefix);
    EXPECT_TRUE(prefix->contains(address("203.0.113.255")));
    EXPECT_FALSE(prefix->contains(address("203.0.114.0")));
    EXPECT_FALSE(prefix->contains(address("2001:db8::1")));
    const auto v6 = Prefix::parse("2603:1063::/38");
    ASSERT_TRUE(v6);
    EXPECT_TRUE(v6->contains(address("2603:1063:3ff::1")));
    EXPECT_FALSE(v6->contains(address("2603:1063:400::1")));
    EXPECT_TRUE(Prefix::parse("0.0.0.0/0")->contains(address("8.8.8.8")));
}

TEST(Prefix, RefusesHostBitsAndImpossibleLengths) {
    for (const auto* text : {"192.0.2.1/24", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/",
                             "192.0.2.0/-1", "192.0.2.0/24x", "/24"}) {
        EXPECT_FALSE(Prefix::parse(text)) << text;
    }
    EXPECT_EQ(to_string(*Prefix::parse("192.0.2.7")), "192.0.2.7/32");
}

TEST(Endpoint, PrintsBracketsOnlyForIpv6) {
    EXPECT_EQ(to_string(Endpoint{address("192.0.2.1"), 3478}), "192.0.2.1:3478");
    EXPECT_EQ(to_string(Endpoint{address("2001:db8::1"), 443}), "[2001:db8::1]:443");
    EXPECT_EQ(to_string(Endpoint{}), "");
}

}  // namespace
}  // namespace turnpike::base
