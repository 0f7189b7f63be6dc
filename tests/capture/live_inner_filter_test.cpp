// Filters applied to the innermost packet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/packets.h"
#include "capture/support/reading.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::OctetVector;
using testing::udp_packet;

bool matches(const InnerFilter& filter, const OctetVector& packet) {
    return filter.matches(packet, static_cast<std::uint32_t>(packet.size()));
}

TEST(InnerFilter, SeesBothFamilies) {
    const InnerFilter filter("udp port 3478");
    EXPECT_TRUE(matches(filter, udp_packet("192.0.2.1", 50000, "198.51.100.7", 3478)));
    EXPECT_TRUE(matches(filter, udp_packet("2001:db8::1", 3478, "2001:db8::2", 50000)));
    EXPECT_FALSE(matches(filter, udp_packet("192.0.2.1", 50000, "198.51.100.7", 3479)));
    EXPECT_FALSE(matches(filter, {}));
}

TEST(InnerFilter, KnowsNetsAndLengths) {
    const InnerFilter filter("net 198.51.100.0/24 and greater 1000");
    const auto packet = udp_packet("192.0.2.1", 50000, "198.51.100.7", 3478);
    EXPECT_FALSE(matches(filter, packet));
    EXPECT_TRUE(filter.matches(packet, 1200)) << "cut by the snap length";
}

TEST(InnerFilter, EmptyMatchesAll) {
    EXPECT_TRUE(matches(InnerFilter(""), udp_packet("192.0.2.1", 1, "198.51.100.7", 2)));
}

TEST(InnerFilter, RefusesWhatIsNotThere) {
    const auto [text, status] = error_of([] { InnerFilter("ether host 02:00:00:00:00:01"); });
    EXPECT_EQ(status, 64);
    EXPECT_THAT(text, HasSubstr("'ether host 02:00:00:00:00:01'"));
    EXPECT_THAT(text, HasSubstr("without a link layer"));
    EXPECT_EQ(error_of([] { InnerFilter("udp prot 1"); }).second, 64);
    EXPECT_EQ(error_of([] { InnerFilter("vlan 5"); }).second, 64);
}

}  // namespace
}  // namespace turnpike::capture
