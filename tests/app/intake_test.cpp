// A frame's way to the inspector: what is counted as what, and what a filter inside lets through.
#include "app/intake.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "turnpike/base/error.h"
#include "wire/frames.h"

namespace turnpike::app {
namespace {

using namespace wire::test;

constexpr std::uint32_t ethernet_link = 1;
constexpr std::uint32_t user0 = 147;

class IntakeTest : public ::testing::Test {
  protected:
    void take(const capture::Frame& frame) {
        packets_.begin();
        reader_->read({&frame, 1}, packets_);
        reader_->finish(packets_);
        intake_.take(packets_);
    }
    void take(const Octets& octets, std::uint32_t link_type = ethernet_link) {
        ++number_;
        take(
            {base::from_nanoseconds(1'790'000'000'000'000'000 + static_cast<std::int64_t>(number_)),
             number_, link_type, static_cast<std::uint32_t>(octets.size()), 0, octets});
    }
    const facts::CaptureQuality& quality() {
        inspector_.finish();
        return inspector_.observation().quality;
    }
    /// How many frames a filter lets through.
    std::uint64_t through(const std::string& expression, const std::vector<Octets>& frames) {
        const InnerFilter filter(expression);
        reader_.emplace(inspector_.placer(), &filter);
        for (const auto& frame : frames) {
            take(frame);
        }
        return quality().packets;
    }

    inspect::Inspector inspector_;
    std::optional<PacketReader> reader_{std::in_place, inspector_.placer()};
    PacketBatch packets_;
    Intake intake_{inspector_};
    std::uint64_t number_ = 0;
};

TEST_F(IntakeTest, EveryFrameIsCountedAsWhatItIs) {
    take(call_frame());
    take(ethernet(0x0806, zeros(28)));  // ARP
    take(ethernet(0x0800, {0x45, 0x00}));
    take(ethernet(0x0800, ipv4(17, zeros(16), {.fragmentation = 0x2000})));
    take(call(), user0);
    const auto& counted = quality();
    EXPECT_EQ(counted.packets, 5U);
    EXPECT_EQ(counted.ip_packets, 2U) << "the fragment is one";
    EXPECT_EQ(counted.non_ip, 2U);
    EXPECT_EQ(counted.malformed, 1U);
    EXPECT_EQ(counted.fragments, 1U);
    EXPECT_EQ(intake_.unknown_link_types().size(), 1U);
    EXPECT_EQ(intake_.unknown_link_types().at(user0), 1U);
}

TEST_F(IntakeTest, DamagedTransportHeadersStartNoFlowAndAreCounted) {
    const auto segment = [](std::uint8_t header_length) {
        return ethernet(
            0x0800,
            ipv4(6,
                 join({be16(client_port), be16(443), zeros(8), {header_length, 0x02}, zeros(6)})));
    };
    take(segment(0x40));  // shorter than a TCP header can be
    take(segment(0xb0));  // longer than the packet
    auto datagram = udp(client_port, server_port, stun());
    datagram[4] = 0;
    datagram[5] = 7;  // shorter than a UDP header
    take(ethernet(0x0800, ipv4(17, datagram)));
    const auto& counted = quality();
    EXPECT_TRUE(inspector_.observation().flows.empty());
    EXPECT_EQ(counted.packets, 3U);
    EXPECT_EQ(counted.malformed, 3U);
    ASSERT_EQ(counted.problems.size(), 2U);
    for (const auto& problem : counted.problems) {
        EXPECT_EQ(problem.count, problem.protocol == "tcp" ? 2U : 1U) << problem.protocol;
    }
}

TEST_F(IntakeTest, ADamagedHeaderChangesNothingInTheFlowItNames) {
    take(call_frame());
    auto datagram = udp(server_port, client_port, stun());
    datagram[4] = 0;
    datagram[5] = 7;
    take(ethernet(
        0x0800, ipv4(17, datagram, {.source = {198, 51, 100, 7}, .destination = {192, 0, 2, 1}})));
    inspector_.finish();
    const auto& flows = inspector_.observation().flows;
    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].client().packets, 1U);
    EXPECT_EQ(flows[0].server().packets, 0U) << "it is no answer";
}

TEST_F(IntakeTest, TheTapGoesWithTheFrame) {
    const auto octets = call_frame();
    take({base::from_nanoseconds(1'790'000'000'000'000'000), 1, ethernet_link,
          static_cast<std::uint32_t>(octets.size()), 3, octets});
    inspector_.finish();
    EXPECT_EQ(inspector_.observation().flows.at(0).tap, 3U);
    const auto& recordings = inspector_.observation().quality.recordings;
    ASSERT_EQ(recordings.size(), 4U);
    EXPECT_EQ(recordings[3].link_type, ethernet_link);
    EXPECT_EQ(recordings[3].stretches.size(), 1U);
    EXPECT_TRUE(recordings[0].stretches.empty());
}

TEST_F(IntakeTest, AFilterLooksBehindTags) {
    const auto tag = [](const Octets& inner) { return join({be16(5), inner}); };
    const auto tagged = ethernet(0x8100, tag(join({be16(0x0800), call()})));
    const auto twice =
        ethernet(0x88a8, tag(join({be16(0x8100), tag(join({be16(0x0800), call()}))})));
    EXPECT_EQ(through("udp port 3478", {call_frame(), tagged, twice}), 3U);
}

TEST_F(IntakeTest, WhatAFilterDoesNotMatchIsAsIfItHadNotCome) {
    EXPECT_EQ(through("udp port 53",
                      {call_frame(), ethernet(0x0806, zeros(28)), ethernet(0x0800, {0x45, 0x00})}),
              0U);
    EXPECT_EQ(inspector_.observation().quality.malformed, 0U);
}

TEST_F(IntakeTest, AFilterSeesADatagramThatCameInPieces) {
    const auto datagram = udp(client_port, server_port, stun());
    const auto piece = [&](std::size_t begin, std::size_t end, bool more) {
        const Octets part(datagram.begin() + static_cast<std::ptrdiff_t>(begin),
                          datagram.begin() + static_cast<std::ptrdiff_t>(end));
        return ethernet(
            0x0800,
            ipv4(17, part,
                 {.fragmentation = static_cast<std::uint16_t>((more ? 0x2000U : 0U) | begin / 8)}));
    };
    const std::vector<Octets> pieces{piece(0, 24, true), piece(24, datagram.size(), false)};
    EXPECT_EQ(through("udp dst port 3478 and src host 192.0.2.1", pieces), 1U)
        << "once it is whole";
}

TEST_F(IntakeTest, AFilterSeesTheHeaderOfADatagramThatCameInPieces) {
    const auto datagram = udp(client_port, server_port, stun());
    const Octets first(datagram.begin(), datagram.begin() + 24);
    const Octets second(datagram.begin() + 24, datagram.end());
    EXPECT_EQ(through("udp port 53 or tcp or dst host 192.0.2.1",
                      {ethernet(0x0800, ipv4(17, first, {.fragmentation = 0x2000})),
                       ethernet(0x0800, ipv4(17, second, {.fragmentation = 0x0003}))}),
              0U);
}

TEST(InnerFilter, ThatDoesNotCompileIsWrongUsage) {
    try {
        const InnerFilter filter("udp prot 53");
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::usage);
    }
}

TEST(LinkType, HasANameWhereItIsKnown) {
    EXPECT_EQ(link_type_text(user0), "USER0 (147)");
    EXPECT_EQ(link_type_text(65'432), "65432");
}

}  // namespace
}  // namespace turnpike::app
