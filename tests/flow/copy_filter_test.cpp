// Which packets are taken for a mirror's copies.
#include "turnpike/flow/copy_filter.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace turnpike::flow {
namespace {

using std::chrono::microseconds;

wire::Packet datagram(std::uint16_t ip_id, base::Timestamp time, std::uint16_t checksum = 0x1234) {
    static const std::vector<std::uint8_t> payload(40, 0xd5);
    wire::Packet packet;
    packet.time = time;
    packet.transport = wire::TransportKind::udp;
    packet.protocol = 17;
    packet.udp_checksum = checksum;
    packet.payload = payload;
    packet.payload_length = 40;
    packet.ip_length = 68;
    packet.ip_id = ip_id;
    return packet;
}

Sighting see(CopyFilter& filter, const wire::Packet& packet, std::uint64_t flow_hash = 5) {
    return filter.see(packet, filter.fingerprint(packet, flow_hash, true));
}

TEST(CopyFilter, AnEqualPacketWithinMillisecondsIsACopy) {
    CopyFilter filter(base::HashKey{7});
    const base::Timestamp begin{std::chrono::seconds{100}};
    EXPECT_FALSE(see(filter, datagram(1, begin)).repeated);
    EXPECT_TRUE(see(filter, datagram(1, begin + microseconds{900})).repeated);
    EXPECT_FALSE(see(filter, datagram(1, begin + microseconds{30'000})).repeated) << "too late";
    EXPECT_FALSE(see(filter, datagram(2, begin + microseconds{30'100})).repeated) << "another id";
    EXPECT_FALSE(see(filter, datagram(2, begin + microseconds{30'200}), 6).repeated)
        << "another flow";
}

// More packets within the window than there is room for: which of them are still remembered must
// not depend on the secret of the run.
TEST(CopyFilter, WhatIsFoundDoesNotDependOnTheSecret) {
    CopyFilter one(base::HashKey{7});
    CopyFilter other(base::HashKey{8});
    std::mt19937 random(1);
    base::Timestamp now{std::chrono::seconds{100}};
    std::vector<wire::Packet> sent;
    unsigned found = 0;
    unsigned missed = 0;
    for (unsigned i = 0; i < 200'000; ++i) {
        const bool again = i > 60'000 && random() % 2 == 0;
        auto packet = again ? sent[sent.size() - 1 - random() % 40'000]
                            : datagram(static_cast<std::uint16_t>(random()), now,
                                       static_cast<std::uint16_t>(random()));
        packet.time = now;
        const Sighting sighting = see(one, packet);
        ASSERT_EQ(see(other, packet).repeated, sighting.repeated) << i;
        found += again && sighting.repeated ? 1 : 0;
        missed += again && !sighting.repeated ? 1 : 0;
        sent.push_back(packet);
        now += std::chrono::nanoseconds{100};
    }
    EXPECT_GT(found, 10'000U);
    EXPECT_GT(missed, 1'000U) << "else the room was never short";
}

}  // namespace
}  // namespace turnpike::flow
