// What it costs to find a packet's flow, to recognize copies and to put segments in order.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "turnpike/flow/copy_filter.h"
#include "turnpike/flow/flow_table.h"
#include "turnpike/flow/stream.h"

namespace {

namespace flow = turnpike::flow;
namespace wire = turnpike::wire;
namespace base = turnpike::base;

void require(bool answer, const char* what) {
    if (!answer) {
        std::fprintf(stderr, "wrong answer: %s\n", what);
        std::abort();
    }
}

struct State {
    base::Timestamp last_seen;
    bool in_use = false;
    std::uint64_t packets = 0;
};

void flow_look_up(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    require(count > 0, "there are flows to look up");
    const base::HashKey secret(7);
    flow::FlowTable<State> table(count);
    std::vector<wire::Packet> packets(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto address = static_cast<std::uint32_t>(0x0a000000U + (i >> 8U));
        packets[i].source = base::IpAddress::v4(address);
        packets[i].destination = base::IpAddress::v4(0xc0000201);
        packets[i].source_port = static_cast<std::uint16_t>(40'000 + (i & 255U));
        packets[i].destination_port = 443;
        packets[i].protocol = 6;
        table.insert(flow::make_key(packets[i]).key.hash(secret), [](State&) {});
    }
    require(table.size() == count, "every flow has a place of its own");
    std::size_t at = 0;
    for (auto _ : state) {
        at = (at + 7'919) % count;  // far from the last one
        State* const found = table.find(flow::make_key(packets[at]).key.hash(secret));
        benchmark::DoNotOptimize(++found->packets);
    }
    state.SetItemsProcessed(state.iterations());
}

void copy_recognition(benchmark::State& state) {
    flow::CopyFilter filter(base::HashKey{7});
    std::vector<std::uint8_t> payload(172, 0xd5);
    wire::Packet packet;
    packet.source = base::IpAddress::v4(0x0a000001);
    packet.destination = base::IpAddress::v4(0xc0000201);
    packet.transport = wire::TransportKind::udp;
    packet.protocol = 17;
    packet.payload = payload;
    packet.payload_length = 172;
    packet.ip_length = 200;
    packet.ip_id = 1;
    const auto see = [&] { return filter.see(packet, filter.fingerprint(packet, 5, true)); };
    require(!see().repeated, "the first is no copy");
    require(see().repeated, "the second is one");
    std::int64_t clock = 0;
    for (auto _ : state) {
        packet.ip_id = static_cast<std::uint16_t>(packet.ip_id + 1);
        packet.time = base::from_nanoseconds(clock += 2'000);
        benchmark::DoNotOptimize(see());
    }
    state.SetItemsProcessed(state.iterations());
}

void segments_in_order(benchmark::State& state) {
    flow::BufferPool pool(1U << 20U);
    flow::Stream stream(pool);
    stream.start(0);
    const std::vector<std::uint8_t> payload(1'400, 1);
    std::uint32_t sequence = 0;
    require(stream.add(0, base::Bytes{payload}.first(4), 4, 0), "readable at once");
    stream.consume(4);
    stream.settle();
    sequence = 4;
    for (auto _ : state) {
        benchmark::DoNotOptimize(stream.add(sequence, payload, 1'400, sequence));
        stream.consume(1'400);
        stream.settle();
        sequence += 1'400;
    }
    state.SetBytesProcessed(state.iterations() * 1'400);
}

}  // namespace

BENCHMARK(flow_look_up)->Arg(1'000)->Arg(50'000)->Arg(500'000);
BENCHMARK(copy_recognition);
BENCHMARK(segments_in_order);
