// Frames with their times (milliseconds since the one before in two octets, length in two, octets)
// the whole way to facts; the same input gives the same facts, however the frames are handed over.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "turnpike/base/cursor.h"
#include "turnpike/inspect/inspector.h"
#include "turnpike/wire/decoder.h"

using namespace turnpike;
using fuzz::require;

namespace {

std::string facts_of(base::Bytes bytes, bool harvested) {
    inspect::Options options;
    options.hash_seed = 1;
    options.max_flows = 64;
    options.max_recorded = 1'000;
    options.reassembly_octets = std::size_t{64} << 10U;
    options.harvested = harvested;
    inspect::Inspector inspector(options);
    wire::PacketDecoder decoder;
    base::Cursor cursor{bytes};
    base::Timestamp now = base::from_nanoseconds(1'790'000'000'000'000'000);
    std::uint64_t number = 0;
    while (!cursor.empty() && cursor.ok()) {
        now += std::chrono::milliseconds{cursor.u16()};
        const auto frame = cursor.take(cursor.u16());
        if (!cursor.ok()) {
            break;
        }
        const auto length = static_cast<std::uint32_t>(frame.size());
        wire::Packet packet;
        const auto decoded = decoder.decode(1, frame, length, now, ++number, packet);
        inspector.frame(now, number, length, length, {0, 1});
        if (decoded && !decoded.damaged) {
            inspector.inspect(packet);
        } else {
            inspector.no_packet();
        }
        if (harvested && number % 5 == 0) {
            static_cast<void>(inspector.harvest(now));
        }
    }
    inspector.finish();
    if (harvested) {
        static_cast<void>(inspector.harvest(now));
        return {};
    }
    const auto& seen = inspector.observation();
    std::string text = std::to_string(seen.flows.size()) + ' ' + std::to_string(seen.dns.size()) +
                       ' ' + std::to_string(seen.hellos.size()) + ' ' +
                       std::to_string(seen.stun.size()) + ' ' + std::to_string(seen.rtp.size());
    for (const auto& flow : seen.flows) {
        text += ' ' + *flow.server_name + std::to_string(static_cast<int>(flow.protocol));
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    require(facts_of(bytes, false) == facts_of(bytes, false));
    facts_of(bytes, true);
    return 0;
}
