// Any octets as a header of the PROXY protocol, version 1 or 2.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/proxy_protocol.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    const auto header = proto::decode_proxy_header(bytes);
    if (header) {
        require(header->size > 0 && header->size <= size);
    }
    return 0;
}
