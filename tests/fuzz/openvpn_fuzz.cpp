// Any octets as a packet of OpenVPN: what it carries lies within it.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/openvpn.h"

using namespace turnpike;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    const auto authentication = proto::openvpn_authentication(bytes);
    if (const auto tls = proto::openvpn_tls(bytes, authentication.value_or(28))) {
        fuzz::require(tls->size() <= size);
    }
    return 0;
}
