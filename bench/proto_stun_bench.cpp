// STUN messages and ChannelData: what one costs. Every benchmark checks its answer before it is
// timed.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/stun.h"

namespace {

using namespace turnpike::proto;

// The sample request of RFC 5769 2.1: an ICE check.
constexpr std::array<std::uint8_t, 108> check{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::array<std::uint8_t, 176> channel_data() {
    std::array<std::uint8_t, 176> bytes{0x40, 0x01, 0x00, 0xac, 0x80};  // 172 octets of RTP
    return bytes;
}

void probe(benchmark::State& state) {
    require(probe_stun(check) == Likelihood::yes);
    for (auto _ : state) {
        benchmark::DoNotOptimize(probe_stun(check));
    }
}
BENCHMARK(probe);

void decode_a_check(benchmark::State& state) {
    const auto message = decode_stun(check);
    require(message.value().ice);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_stun(check));
    }
}
BENCHMARK(decode_a_check);

void decode_channel_data(benchmark::State& state) {
    const auto bytes = channel_data();
    const auto once = turnpike::proto::decode_channel_data(bytes, ChannelPadding::optional_on_udp);
    require(once.value().payload.size() == 172);
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            turnpike::proto::decode_channel_data(bytes, ChannelPadding::optional_on_udp));
    }
}
BENCHMARK(decode_channel_data);

void demultiplex(benchmark::State& state) {
    require(classify_datagram(check) == DatagramKind::stun);
    for (auto _ : state) {
        benchmark::DoNotOptimize(classify_datagram(check));
    }
}
BENCHMARK(demultiplex);

}  // namespace
