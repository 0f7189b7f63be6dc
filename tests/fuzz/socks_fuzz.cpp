// Any octets as each message of SOCKS 4 and 5: what is consumed lies within them.
#include <cstddef>
#include <cstdint>

#include "fuzz/require.h"
#include "turnpike/proto/socks.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Bytes bytes{data, size};
    static_cast<void>(proto::probe_socks(bytes));
    for (const auto decode : {proto::decode_socks5_request, proto::decode_socks5_reply,
                              proto::decode_socks4_request, proto::decode_socks4_reply}) {
        if (const auto message = decode(bytes)) {
            require(message->size > 0 && message->size <= size);
        }
    }
    if (const auto greeting = proto::decode_socks5_greeting(bytes)) {
        require(greeting->size <= size);
    }
    static_cast<void>(proto::decode_socks5_method(bytes));
    if (const auto password = proto::socks5_password_size(bytes)) {
        require(*password <= size);
    }
    return 0;
}
