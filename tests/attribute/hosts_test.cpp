// Which addresses belong to one client machine.
#include "turnpike/attribute/hosts.h"

#include <gtest/gtest.h>

#include "support/observation.h"

namespace turnpike::attribute {
namespace {

using support::ObservationBuilder;

constexpr std::uint64_t desk = 0x0200'0000'0001;
constexpr std::uint64_t router = 0x0200'0000'0002;

base::IpAddress address(const char* text) {
    return *base::IpAddress::parse(text);
}

/// One flow of each client, seen behind the link address beside it.
class HostsTest : public testing::Test {
  protected:
    void see(const char* client, std::uint64_t link_address) {
        const auto* server = address(client).is_v4() ? "203.0.113.1" : "2001:db8:f000::1";
        constexpr std::uint64_t octets = 0xffff'ffff'ffff;
        built_.flow(facts::Transport::tcp, client, server, 443).client().link_address =
            link_address & octets;
    }
    bool joined(const char* one, const char* other) {
        const Hosts hosts(built_.observation);
        return hosts.of(address(one)) == hosts.of(address(other));
    }

  private:
    ObservationBuilder built_;
};

TEST_F(HostsTest, OneIpv4AndTheIpv6AddressesOfALinkAddressAreOneHost) {
    see("192.168.10.21", desk);
    see("2001:db8:10::21", desk);
    see("2001:db8:10::7:21", desk);
    EXPECT_TRUE(joined("192.168.10.21", "2001:db8:10::21"));
    EXPECT_TRUE(joined("2001:db8:10::7:21", "2001:db8:10::21"));
    EXPECT_FALSE(joined("192.168.10.21", "192.168.10.22"));
}

TEST_F(HostsTest, TwoIpv4AddressesAreTwoClientsBehindARouter) {
    see("192.168.10.21", router);
    see("192.168.10.22", router);
    see("2001:db8:10::21", router);
    EXPECT_FALSE(joined("192.168.10.21", "2001:db8:10::21"));
}

TEST_F(HostsTest, WhoHasNoAddressYetIsNoSecondHost) {
    see("0.0.0.0", desk);
    see("192.168.10.21", desk);
    see("2001:db8:10::21", desk);
    EXPECT_TRUE(joined("192.168.10.21", "2001:db8:10::21"));
}

TEST_F(HostsTest, AnAddressBehindTwoLinkAddressesJoinsNothing) {
    see("2001:db8:10::21", desk);
    see("192.168.10.21", desk);
    see("2001:db8:10::21", router);
    see("192.168.10.22", router);
    EXPECT_FALSE(joined("192.168.10.21", "2001:db8:10::21"));
    EXPECT_FALSE(joined("192.168.10.21", "192.168.10.22"));
}

TEST_F(HostsTest, WithoutLinkAddressesEveryAddressIsItsOwn) {
    see("192.168.10.21", 0);
    see("2001:db8:10::21", 0);
    EXPECT_FALSE(joined("192.168.10.21", "2001:db8:10::21"));
}

}  // namespace
}  // namespace turnpike::attribute
