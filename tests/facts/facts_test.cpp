// Names of registered codes, and the time a flow was seen.
#include "turnpike/facts/facts.h"

#include <gtest/gtest.h>

namespace turnpike::facts {
namespace {

TEST(Names, RegistriesAndUnknownValues) {
    EXPECT_EQ(stun_method_name(0x003), "allocate");
    EXPECT_EQ(stun_method_name(0x0ab), "0x0ab");
    EXPECT_EQ(dns_type_name(65), "HTTPS");
    EXPECT_EQ(dns_type_name(1234), "TYPE1234");
    EXPECT_EQ(dns_rcode_name(3), "NXDOMAIN");
    EXPECT_EQ(dns_rcode_name(12), "RCODE12");
}

TEST(Flow, SeenFromTheFirstToTheLastPacketOfEitherDirection) {
    Flow flow;
    flow.server().first = {1, base::from_nanoseconds(10)};
    flow.server().last = {4, base::from_nanoseconds(40)};
    EXPECT_EQ(flow.first_seen(), base::from_nanoseconds(10));
    flow.client().first = {2, base::from_nanoseconds(5)};
    flow.client().last = {3, base::from_nanoseconds(30)};
    EXPECT_EQ(flow.first_seen(), base::from_nanoseconds(5));
    EXPECT_EQ(flow.last_seen(), base::from_nanoseconds(40));
}

}  // namespace
}  // namespace turnpike::facts
