// After warm-up nothing is allocated per packet; and what waits is not told twice where memory runs
// out.
#include <gtest/gtest.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"
#include "support/counted_allocation.h"

namespace turnpike::inspect::test {
namespace {

using turnpike::test::allocations;

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint relay = endpoint("192.0.2.1", 3'478);
const base::Endpoint peer = endpoint("198.51.100.7", 41'000);

/// One round of what a call's flows carry while it lasts.
class Rounds {
  public:
    explicit Rounds(Scene& scene)
        : scene_(scene), turn_(scene, client, endpoint("192.0.2.2", 443)) {
        scene.udp(client, relay, stun_message(allocate_request, 1));
        scene.udp(relay, client, stun_message(allocate_success, 1));
        scene.udp(client, peer, stun_message(binding_request, 2));
        scene.udp(peer, client, stun_message(binding_success, 2));
        turn_.open();
        turn_.send(0, stun_message(allocate_request, 3));
        turn_.send(1, stun_message(allocate_success, 3));
    }
    void prepare(unsigned sequence) {
        media_ = rtp(0, sequence, sequence * 160, 7);
        relayed_ = channel_data(0x4000, media_);
        framed_ = channel_data(0x4000, media_, true);
        report_ = rtcp_receiver_report(7);
        first_ = slice(framed_, 0, 90);
        second_ = slice(framed_, 90, framed_.size());
    }
    void play() {
        scene_.udp(client, peer, media_);
        scene_.udp(peer, client, report_);
        scene_.udp(client, relay, relayed_);
        scene_.udp(relay, client, relayed_);
        turn_.send(0, first_);
        turn_.send(0, second_);
        turn_.ack(1);
    }

  private:
    Scene& scene_;
    Connection turn_;
    Octets media_;
    Octets relayed_;
    Octets framed_;
    Octets report_;
    Octets first_;
    Octets second_;
};

TEST(Allocation, NonePerPacketAfterWarmUp) {
    Scene scene({.look_ahead_packets = 50, .hash_seed = 1});
    Rounds rounds(scene);
    for (unsigned i = 0; i < 50; ++i) {
        rounds.prepare(i);
        rounds.play();
    }
    std::size_t allocated = 0;
    for (unsigned i = 50; i < 200; ++i) {
        rounds.prepare(i);
        const std::size_t before = allocations.made;
        rounds.play();
        allocated += allocations.made - before;
    }
    EXPECT_EQ(allocated, 0U);
    const facts::Observation& seen = scene.finish();
    EXPECT_EQ(seen.rtp.size(), 4U);
    EXPECT_EQ(seen.rtp.at(0).packets, 200U);
}

// Plays packets until the n-th allocation fails, as an enemy's file does; whether it came to that.
bool runs_out(Scene& scene, std::size_t n) {
    allocations.failing = allocations.made + n;
    bool failed = false;
    try {
        for (unsigned i = 0; i < 30; ++i) {
            const auto port = static_cast<std::uint16_t>(1 + i % 6);
            scene.udp(client, endpoint("192.0.2.7", port), {1, 2, 3, 4, 5, 6, 7, 8});
        }
    } catch (const std::bad_alloc&) {
        failed = true;
    }
    allocations.failing = 0;
    return failed;
}

TEST(Allocation, WhatWaitsIsTakenOnceWhereMemoryRunsOut) {
    std::size_t n = 1;
    for (bool failed = true; failed; ++n) {
        Scene scene({.look_ahead_packets = 20, .hash_seed = 1});
        failed = runs_out(scene, n);
        const std::uint64_t played = scene.number();
        std::uint64_t told = 0;
        for (const auto& flow : scene.finish().flows) {
            told += flow.ends[0].packets + flow.ends[1].packets;
        }
        EXPECT_LE(told, played) << n;
    }
    EXPECT_GT(n, 30U);
}

}  // namespace
}  // namespace turnpike::inspect::test
