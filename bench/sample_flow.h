// The flows that benchmarks of the store write: the same in fresh files and in live ones.
#pragma once

#include <cstdint>

#include "turnpike/facts/facts.h"

namespace turnpike::bench {

/// A packet of that number, 120 microseconds after the one before.
inline facts::PacketMark mark(std::uint64_t number) {
    return {number, base::from_nanoseconds(1'763'715'900'000'000'000LL +
                                           static_cast<std::int64_t>(number) * 120'000)};
}

/// The flow of that index: as many packets each way.
inline facts::Flow flow(std::uint32_t i) {
    facts::FlowEnd counters;
    counters.packets = 12;
    counters.bytes = 3400;
    counters.first = mark(i * 14ULL + 1);
    counters.last = mark(i * 14ULL + 13);
    facts::Flow flow;
    flow.id = i + 1;
    flow.ends = {counters, counters};
    flow.client().endpoint = {base::IpAddress::v4(0x0a000000U + i % 5000),
                              static_cast<std::uint16_t>(i)};
    flow.server().endpoint = {base::IpAddress::v4(0xc6336400U + i % 20'000), 443};
    flow.protocol = facts::Protocol::tls;
    return flow;
}

}  // namespace turnpike::bench
