// Any octets as a datagram of Zoom's: the media inside lies within it.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/rtcp.h"
#include "turnpike/proto/rtp.h"
#include "turnpike/proto/zoom.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    if (const auto packet = proto::decode_zoom(bytes)) {
        require(packet->inner.data() >= data &&
                packet->inner.data() + packet->inner.size() <= data + size);
        static_cast<void>(proto::decode_rtcp(packet->inner));
        static_cast<void>(proto::decode_rtp(packet->inner));
    }
    return 0;
}
