// The packet decoder alone: what one frame costs, by how it is wrapped. Every benchmark checks the
// packet it got before it is timed.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "turnpike/wire/decoder.h"

namespace {

using turnpike::base::Timestamp;
using turnpike::wire::Decoded;
using turnpike::wire::FrameKind;
using turnpike::wire::Packet;
using turnpike::wire::PacketDecoder;
using Frame = std::vector<std::uint8_t>;

constexpr std::uint32_t ethernet = 1;
constexpr std::uint16_t client_port = 50000;
constexpr std::uint16_t server_port = 3478;

void add(Frame& frame, std::initializer_list<int> octets) {
    for (const int octet : octets) {
        frame.push_back(static_cast<std::uint8_t>(octet));
    }
}
Frame join(Frame first, const Frame& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Frame ethernet_header(int type) {
    Frame frame(12, 0x02);
    add(frame, {type >> 8, type & 0xff});
    return frame;
}

/// UDP from client to server with a payload of 160 octets, one 20 ms packet of G.711.
Frame udp() {
    Frame frame;
    add(frame,
        {client_port >> 8, client_port & 0xff, server_port >> 8, server_port & 0xff, 0, 168, 0, 0});
    frame.resize(frame.size() + 160, 0x55);
    return frame;
}

Frame ipv4(int protocol, const Frame& payload) {
    const auto length = static_cast<int>(payload.size()) + 20;
    Frame frame;
    add(frame, {0x45, 0, length >> 8, length & 0xff, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0, 192,
                0,    2, 1,           198,           51,   100,  7});
    return join(frame, payload);
}

Frame ipv6(int next, const Frame& payload) {
    const auto length = static_cast<int>(payload.size());
    Frame frame;
    add(frame, {0x60, 0, 0, 0, length >> 8, length & 0xff, next, 64});
    add(frame, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    add(frame, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
    return join(frame, payload);
}

/// A TCP segment with the timestamp option, as nearly every segment has it.
Frame tcp() {
    Frame frame;
    add(frame, {client_port >> 8,
                client_port & 0xff,
                server_port >> 8,
                server_port & 0xff,
                0,
                0,
                0,
                1,
                0,
                0,
                0,
                2,
                0x80,
                0x10,
                1,
                0,
                0,
                0,
                0,
                0,
                1,
                1,
                8,
                10,
                0,
                0,
                1,
                0,
                0,
                0,
                2,
                0});
    frame.resize(frame.size() + 160, 0x55);
    return frame;
}

Frame vxlan(const Frame& inner) {
    Frame datagram;
    const auto length = static_cast<int>(inner.size()) + 16;
    add(datagram, {0xc0, 0, 4789 >> 8, 4789 & 0xff, length >> 8, length & 0xff, 0, 0});
    add(datagram, {8, 0, 0, 0, 0, 0, 42, 0});
    return join(ethernet_header(0x0800), ipv4(17, join(datagram, inner)));
}

Frame erspan(const Frame& inner) {
    Frame frame;
    add(frame, {0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 1, 0, 0, 0, 0});
    return join(ethernet_header(0x0800), ipv4(47, join(frame, inner)));
}

Frame vlan(const Frame& inner) {
    Frame frame = ethernet_header(0x8100);
    add(frame, {0, 7, 0x08, 0x00});
    return join(frame, inner);
}

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void decode_one(benchmark::State& state, const Frame& frame) {
    PacketDecoder decoder;
    Packet packet;
    const auto length = static_cast<std::uint32_t>(frame.size());
    check(decoder.decode(ethernet, frame, length, Timestamp{}, 1, packet).kind ==
          FrameKind::packet);
    check(packet.source_port == client_port && packet.destination_port == server_port &&
          packet.payload.size() == 160);
    std::uint64_t number = 1;
    for (auto step : state) {
        benchmark::DoNotOptimize(
            decoder.decode(ethernet, frame, length, Timestamp{}, ++number, packet));
        benchmark::DoNotOptimize(packet);
    }
    state.SetItemsProcessed(state.iterations());
}

void ipv4_udp(benchmark::State& state) {
    decode_one(state, join(ethernet_header(0x0800), ipv4(17, udp())));
}
void ipv4_tcp(benchmark::State& state) {
    decode_one(state, join(ethernet_header(0x0800), ipv4(6, tcp())));
}
void ipv6_udp(benchmark::State& state) {
    decode_one(state, join(ethernet_header(0x86dd), ipv6(17, udp())));
}
void vlan_ipv4_udp(benchmark::State& state) {
    decode_one(state, vlan(ipv4(17, udp())));
}
void vxlan_ipv4_udp(benchmark::State& state) {
    decode_one(state, vxlan(join(ethernet_header(0x0800), ipv4(17, udp()))));
}
void erspan_ipv4_udp(benchmark::State& state) {
    decode_one(state, erspan(join(ethernet_header(0x0800), ipv4(17, udp()))));
}
BENCHMARK(ipv4_udp);
BENCHMARK(ipv4_tcp);
BENCHMARK(ipv6_udp);
BENCHMARK(vlan_ipv4_udp);
BENCHMARK(vxlan_ipv4_udp);
BENCHMARK(erspan_ipv4_udp);

/// A datagram in two fragments, each time a new one.
void two_fragments(benchmark::State& state) {
    const Frame whole = udp();
    const auto cut = whole.begin() + 80;
    Frame first = join(ethernet_header(0x0800), ipv4(17, Frame(whole.begin(), cut)));
    Frame second = join(ethernet_header(0x0800), ipv4(17, Frame(cut, whole.end())));
    first[20] = 0x20;  // more fragments
    second[20] = 0;
    second[21] = 10;  // in units of 8 octets
    PacketDecoder decoder;
    Packet packet;
    std::uint64_t number = 0;
    const auto decode = [&](const Frame& frame) {
        return decoder.decode(ethernet, frame, static_cast<std::uint32_t>(frame.size()),
                              Timestamp{}, ++number, packet);
    };
    check(decode(first).kind == FrameKind::fragment);
    check(decode(second).kind == FrameKind::packet && packet.payload.size() == 160);
    for (auto step : state) {
        benchmark::DoNotOptimize(decode(first));
        benchmark::DoNotOptimize(decode(second));
        benchmark::DoNotOptimize(packet);
    }
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(two_fragments);

}  // namespace
