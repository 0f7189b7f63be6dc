// Any octets as a compound packet of RTCP.
#include <cstddef>
#include <cstdint>

#include "turnpike/proto/rtcp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const turnpike::base::Bytes bytes{data, size};
    static_cast<void>(turnpike::proto::probe_rtcp(bytes));
    static_cast<void>(turnpike::proto::decode_rtcp(bytes));
    return 0;
}
