// Samples of ports and addresses, the same for the same seed.
#include "probe/sample.h"

#include <gmock/gmock.h>

namespace turnpike::probe {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(SamplePorts, HaveBothEndsAndAreTheSameForTheSameSeed) {
    const auto ports = sample_ports(1024, 65'535, 12, 7, "a row");
    EXPECT_THAT(ports, SizeIs(12));
    EXPECT_EQ(ports.front(), 1024);
    EXPECT_EQ(ports.back(), 65'535);
    EXPECT_TRUE(std::ranges::is_sorted(ports));
    EXPECT_EQ(ports, sample_ports(1024, 65'535, 12, 7, "a row"));
    EXPECT_NE(ports, sample_ports(1024, 65'535, 12, 8, "a row"));
    EXPECT_NE(ports, sample_ports(1024, 65'535, 12, 7, "another row"));
}

TEST(SamplePorts, OfASmallRangeAreAllOfIt) {
    EXPECT_THAT(sample_ports(443, 443, 12, 1, ""), ElementsAre(443));
    EXPECT_THAT(sample_ports(10, 12, 12, 1, ""), ElementsAre(10, 11, 12));
    EXPECT_THAT(sample_ports(10, 99, 2, 1, ""), ElementsAre(10, 99));
}

TEST(SampleAddresses, AreHostsOfTheNetwork) {
    const auto network = *base::Prefix::parse("192.0.2.0/28");
    for (const auto& address : sample_addresses(network, 14, 3)) {
        EXPECT_TRUE(network.contains(address));
        EXPECT_NE(base::to_string(address), "192.0.2.0");
        EXPECT_NE(base::to_string(address), "192.0.2.15");
    }
    EXPECT_THAT(sample_addresses(network, 14, 3), SizeIs(14));
    EXPECT_THAT(sample_addresses(*base::Prefix::parse("192.0.2.7/32"), 3, 1), SizeIs(1));
    const auto wide = *base::Prefix::parse("2001:db8::/32");
    EXPECT_TRUE(wide.contains(sample_addresses(wide, 1, 1).front()));
}

}  // namespace
}  // namespace turnpike::probe
