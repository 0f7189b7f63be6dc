// Names, networks, ports, versions and counts as entries write them.
#include "catalog/syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::catalog {
namespace {

using testing::HasSubstr;

TEST(Syntax, Names) {
    EXPECT_EQ(parse_name_pattern("TurnNlb-*.ELB.{region}.amazonaws.com"),
              "turnnlb-*.elb.{region}.amazonaws.com");
    EXPECT_EQ(parse_name_pattern("_sip._tcp.example.com"), "_sip._tcp.example.com");
    EXPECT_EQ(parse_name_pattern(".agora.io"), ".agora.io");
    EXPECT_EQ(parse_name_pattern("xn--bcher-kva.example"), "xn--bcher-kva.example");
    EXPECT_EQ(parse_name_pattern(std::string(63, 'a') + ".example.com"),
              std::string(63, 'a') + ".example.com");
}

TEST(Syntax, NamesThatAreNone) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"", "empty"},
        {"https://x.example.com/a", "write the name only: \"x.example.com\""},
        {"x.example.com:443", "write the name only: \"x.example.com\""},
        {"192.0.2.1", "belong under networks"},
        {"*", "destination: any"},
        {"example.com.", "ends with a dot"},
        {"localhost", "single label"},
        {"a..b.com", "empty label"},
        {"..b.com", "empty label"},
        {std::string(64, 'a') + ".com", "longer than 63"},
        {std::string(127, 'a') + "." + std::string(130, 'b') + ".com", "at most 253"},
        {"-a.example.com", "hyphen"},
        {"a-.example.com", "hyphen"},
        {"a b.example.com", "cannot stand in a name"},
        {"a,example.com", "cannot stand in a name"},
        {"example.123", "number"},
        {"example.*", "top-level domain must be written out"},
        {"**.example.com", "two stars"},
        {"{region.example.com", "placeholder"},
        {"a}.example.com", "placeholder"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
    };
    for (const auto& [text, reason] : bad) {
        const auto name = parse_name_pattern(text);
        ASSERT_FALSE(name) << text;
        EXPECT_THAT(name.error(), HasSubstr(reason)) << text;
    }
}

TEST(Syntax, Ports) {
    const auto range = parse_port_item(" 5866 - 6000 ");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->text, "5866-6000");
    EXPECT_EQ(range->first, 5866);
    EXPECT_EQ(range->last, 6000);
    const auto all = parse_port_item("all");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->text, "1-65535");
    EXPECT_TRUE(parse_port_item("65535"));
    for (const auto* text : {"0",    "65536", "010", "0x1F",   "1e3",     "+5",
                             "-5",   "4.0",   "",    "443,80", "80;443",  "40000 ~ 41000",
                             "1-",   "-1-2",  "5-5", "6-5",    "1-65536", "99999999999999999999",
                             "443 ", "a"}) {
        if (std::string(text) == "443 ") {
            EXPECT_TRUE(parse_port_item(text));
            continue;
        }
        EXPECT_FALSE(parse_port_item(text)) << text;
    }
}

std::vector<std::string> networks(const std::string& text) {
    std::vector<std::string> result;
    if (const auto prefixes = parse_network(text)) {
        for (const auto& prefix : *prefixes) {
            result.push_back(base::to_string(prefix));
        }
    }
    return result;
}

TEST(Syntax, Networks) {
    using List = std::vector<std::string>;
    EXPECT_EQ(networks("192.0.2.0/24"), List{"192.0.2.0/24"});
    EXPECT_EQ(networks("2001:db8::/32"), List{"2001:db8::/32"});
    EXPECT_EQ(networks("192.0.2.7"), List{"192.0.2.7/32"});
    EXPECT_EQ(networks("0.0.0.0/0"), List{"0.0.0.0/0"});
}

// Twilio prints first and last address.
TEST(Syntax, TwilioPairsBecomeTheFewestBlocks) {
    using List = std::vector<std::string>;
    EXPECT_EQ(networks("54.172.60.0-54.172.61.255"), List{"54.172.60.0/23"});
    EXPECT_EQ(networks("192.0.2.1-192.0.2.6"),
              (List{"192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"}));
    EXPECT_EQ(networks("0.0.0.0-255.255.255.255"), List{"0.0.0.0/0"});
    EXPECT_EQ(networks("255.255.255.254 - 255.255.255.255"), List{"255.255.255.254/31"});
    EXPECT_EQ(networks("2001:db8::-2001:db8::ffff"), List{"2001:db8::/112"});
}

TEST(Syntax, NetworksThatAreNone) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"192.0.2.1/24", "write 192.0.2.0/24"},
        {"2001:db8::1/32", "write 2001:db8::/32"},
        {"192.0.2.0/33", "0 to 32"},
        {"192.0.2.0/", "0 to 32"},
        {"192.0.2.0/024", "begins with 0"},
        {"192.0.2/24", "no network"},
        {"example.com", "no network"},
        {"192.0.2.9-192.0.2.1", "backwards"},
        {"192.0.2.9-2001:db8::1", "no pair"},
    };
    for (const auto& [text, reason] : bad) {
        const auto network = parse_network(text);
        ASSERT_FALSE(network) << text;
        EXPECT_THAT(network.error(), HasSubstr(reason)) << text;
    }
}

TEST(Syntax, VersionBounds) {
    EXPECT_EQ(parse_version_bounds(">= 4.0.0 < 4.2.1"), ">=4.0.0 <4.2.1");
    EXPECT_EQ(parse_version_bounds(">=2"), ">=2");
    for (const auto* text : {"", "2.9.0", ">=", ">=x", "1.x", ">=1..2", ">=1."}) {
        EXPECT_FALSE(parse_version_bounds(text)) << text;
    }
    EXPECT_TRUE(version_within("2.10.0", ">=2.9.0"));
    EXPECT_FALSE(version_within("2.8.9", ">=2.9.0"));
    EXPECT_TRUE(version_within("2.9", ">=2.9.0"));
    EXPECT_TRUE(version_within("4.2.0", ">=4.0.0 <4.2.1"));
    EXPECT_FALSE(version_within("4.2.1", ">=4.0.0 <4.2.1"));
    EXPECT_TRUE(version_within("5.0", ">4.9.9"));
    EXPECT_TRUE(version_within("1.0", "<=1"));
    EXPECT_TRUE(version_within("01.0", "=1"));
}

TEST(Syntax, CountsAndIdentifiers) {
    EXPECT_EQ(parse_count("30"), 30U);
    for (const auto* text : {"030", "0x10", "3s", "", "4294967296"}) {
        EXPECT_FALSE(parse_count(text)) << text;
    }
    EXPECT_TRUE(parse_identifier("rtc-web"));
    for (const auto* text : {"", "RTC", "-a", "a b", "a/b", "a@b"}) {
        EXPECT_FALSE(parse_identifier(text)) << text;
    }
}

}  // namespace
}  // namespace turnpike::catalog
