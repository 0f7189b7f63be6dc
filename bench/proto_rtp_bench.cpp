// RTP and RTCP packets and the state of a stream: what one packet costs. Every benchmark checks its
// answer before it is timed.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/rtcp.h"
#include "turnpike/proto/rtp.h"
#include "turnpike/proto/rtp_stream.h"

namespace {

using namespace turnpike::proto;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

// G.711 with a header extension, as browsers send it.
std::array<std::uint8_t, 180> media() {
    return {0x90, 0x00, 0x12, 0x34, 0x00, 0x00, 0x00, 0xa0, 0xde, 0xad,
            0xbe, 0xef, 0xbe, 0xde, 0x00, 0x01, 0x10, 0x80, 0x00, 0x00};
}

constexpr std::array<std::uint8_t, 32> receiver_report{
    0x81, 0xc9, 0x00, 0x07, 0x11, 0x22, 0x33, 0x44, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x12, 0x34, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

void probe(benchmark::State& state) {
    const auto bytes = media();
    require(probe_rtp(bytes) == Likelihood::maybe);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_rtp(bytes));
    }
}
BENCHMARK(probe);

void decode(benchmark::State& state) {
    const auto bytes = media();
    require(decode_rtp(bytes).value().ssrc == 0xdeadbeef);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_rtp(bytes));
    }
}
BENCHMARK(decode);

void follow_a_stream(benchmark::State& state) {
    RtpStreamState stream;
    RtpPacket packet;
    auto now = turnpike::base::from_nanoseconds(0);
    std::uint64_t packets = 0;
    for (auto _ : state) {
        ++packet.sequence;
        packet.timestamp += 160;
        now += std::chrono::milliseconds{20};
        benchmark::DoNotOptimize(stream.update(packet, now));
        ++packets;
    }
    require(stream.packets() == packets && stream.lost() == 0);
}
BENCHMARK(follow_a_stream);

void decode_a_report(benchmark::State& state) {
    require(decode_rtcp(receiver_report).value().first.count == 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_rtcp(receiver_report));
    }
}
BENCHMARK(decode_a_report);

}  // namespace
