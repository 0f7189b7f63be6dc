// Several workers on one interface, in a network namespace of the test's own; needs root.
#include <map>
#include <set>
#include <string>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/support/live_reading.h"
#include "capture/support/network.h"
#include "capture/support/packets.h"
#include "turnpike/capture/fanout.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture {
namespace {

using testing::alice;
using testing::await_carrier;
using testing::Clock;
using testing::content;
using testing::ethernet;
using testing::FrameSender;
using testing::generous;
using testing::icmp_error;
using testing::ip;
using ::testing::IsEmpty;
using testing::notices;
using testing::OctetVector;
using testing::on;
using testing::OwnNetwork;
using ::testing::SizeIs;
using testing::tag;
using testing::udp;
using testing::udp_packet;
using testing::vxlan;

class LiveWorkers : public testing::NetworkTest, public ::testing::WithParamInterface<unsigned> {};

/// Everything that belongs to the call between alice and `peer`.
std::vector<OctetVector> frames_of(const std::string& peer) {
    const auto there = udp_packet(alice, 50000, peer, 3478);
    const auto back = udp_packet(peer, 3478, alice, 50000);
    const auto wrapped = [&](std::string_view outer, std::uint16_t port, const OctetVector& inner) {
        return ethernet(udp_packet(outer, port, "10.9.0.2", 4789, vxlan(7, ethernet(inner))));
    };
    const auto error = ip("203.0.113.1", alice, 1, icmp_error(3, there));
    return {ethernet(there),
            ethernet(back),
            ethernet(ip(alice, peer, 6, content(20))),
            ethernet(error),
            ethernet(0x8100, tag(3, 0x0800, back)),
            ethernet(0x88a8, tag(3, 0x8100, tag(4, 0x0800, there))),
            wrapped("10.9.0.1", 40001, there),
            wrapped("10.9.0.3", 51999, back),
            wrapped("10.9.0.3", 33333, error)};
}

TEST_P(LiveWorkers, GetAllOfAPairOfHostsAndAgreeWithTheReference) {
    auto options = on({"far"});
    options.workers = GetParam();
    const auto sources = open_live(options);
    ASSERT_THAT(sources, SizeIs(GetParam()));
    const FrameSender sender("near");
    std::map<std::string, unsigned> expected;
    for (int i = 0; i < 40; ++i) {
        const auto peer = fmt::format("198.51.100.{}", 10 + i);
        const auto there = udp_packet(alice, 50000, peer, 3478);
        for (const auto& frame : frames_of(peer)) {
            expected[{frame.begin(), frame.end()}] = fanout_hash(there, 0x0800) % GetParam();
            ASSERT_TRUE(sender.send(frame));
        }
    }
    std::map<std::string, unsigned> seen;
    std::set<std::uint64_t> numbers;
    std::size_t count = 0;
    const auto deadline = Clock::now() + generous;
    while (count < expected.size() && Clock::now() < deadline) {
        for (unsigned worker = 0; worker < sources.size(); ++worker) {
            for (const Frame& frame : sources[worker]->next_batch()) {
                seen[{frame.bytes.begin(), frame.bytes.end()}] = worker;
                numbers.insert(frame.number);
                ++count;
            }
        }
    }
    EXPECT_EQ(count, expected.size()) << "each once";
    EXPECT_EQ(seen, expected);
    EXPECT_THAT(numbers, SizeIs(count)) << "unique over all workers";
    EXPECT_EQ(*numbers.rbegin(), count);
    std::set<unsigned> used;
    for (const auto& [frame, worker] : seen) {
        used.insert(worker);
    }
    EXPECT_THAT(used, SizeIs(GetParam())) << "everybody has something to do";
}

TEST_P(LiveWorkers, GetFragmentsWithTheirFlow) {
    auto options = on({"far"});
    options.workers = GetParam();
    const auto sources = open_live(options);
    const FrameSender sender("near");
    std::size_t wanted = 0;
    for (int i = 0; i < 20; ++i) {
        const auto peer = fmt::format("198.51.100.{}", 10 + i);
        const auto whole = udp(50000, 3478, content(1600, static_cast<std::uint8_t>(i)));
        const auto middle = whole.begin() + 800;
        ASSERT_TRUE(sender.send(ethernet(ip(alice, peer, 17, {whole.begin(), middle}, 0x2000))));
        ASSERT_TRUE(sender.send(ethernet(ip(alice, peer, 17, {middle, whole.end()}, 100))));
        ++wanted;
    }
    std::size_t octets = 0;
    const auto deadline = Clock::now() + generous;
    while (octets < wanted * 1608 && Clock::now() < deadline) {
        for (unsigned worker = 0; worker < sources.size(); ++worker) {
            for (const Frame& frame : sources[worker]->next_batch()) {
                const auto packet = frame.bytes.subspan(14);
                EXPECT_EQ(fanout_hash(packet, 0x0800) % GetParam(), worker);
                octets += packet.size() - 20;
            }
        }
    }
    EXPECT_EQ(octets, wanted * 1608);
}

TEST_P(LiveWorkers, KeepTheirSharesAfterDownAndUp) {
    auto options = on({"far"});
    options.workers = GetParam();
    const auto sources = open_live(options);
    const FrameSender sender("near");
    ASSERT_TRUE(OwnNetwork::ip("link set far down"));
    ASSERT_TRUE(notices(*sources[0], "far: the interface went down"));
    ASSERT_TRUE(OwnNetwork::ip("link set far up"));
    ASSERT_TRUE(notices(*sources[0], "far: the interface is up again"));
    ASSERT_TRUE(await_carrier("near"));
    std::size_t count = 0;
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(sender.send(
            ethernet(udp_packet(alice, 50000, fmt::format("198.51.100.{}", 10 + i), 3478))));
    }
    const auto deadline = Clock::now() + generous;
    while (count < 40 && Clock::now() < deadline) {
        for (unsigned worker = 0; worker < sources.size(); ++worker) {
            for (const Frame& frame : sources[worker]->next_batch()) {
                EXPECT_EQ(fanout_hash(frame.bytes.subspan(14), 0x0800) % GetParam(), worker);
                ++count;
            }
        }
    }
    EXPECT_EQ(count, 40U);
    for (std::size_t worker = 1; worker < sources.size(); ++worker) {
        EXPECT_THAT(sources[worker]->take_notices(), IsEmpty()) << "one worker speaks for all";
    }
}

INSTANTIATE_TEST_SUITE_P(Workers, LiveWorkers, ::testing::Values(2U, 4U));

}  // namespace
}  // namespace turnpike::capture
