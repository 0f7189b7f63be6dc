// Any expression of pcap-filter(7), compiled for what lies inside tunnels and run on a packet.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/capture/live.h"

using namespace turnpike;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The rest of libpcap's work grows with the length; nobody writes longer ones.
    const std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 256));
    try {
        const capture::InnerFilter filter(text);
        const base::Bytes packet{data, size};
        static_cast<void>(filter.matches(packet, static_cast<std::uint32_t>(size)));
    } catch (const base::Error& error) {
        fuzz::require(error.status() == base::ExitStatus::usage);
    }
    return 0;
}
