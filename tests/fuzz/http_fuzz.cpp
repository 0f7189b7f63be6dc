// Any bytes as the beginning of an HTTP/1.x, SOCKS or PROXY protocol stream.
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/http.h"
#include "turnpike/proto/proxy_protocol.h"
#include "turnpike/proto/socks.h"

namespace {

using namespace turnpike::proto;
using turnpike::base::Bytes;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void read_http(Bytes bytes) {
    const auto request = decode_http_request(bytes);
    require(!request || (request->complete && request->size <= bytes.size()));
    const auto begun = decode_http_request_prefix(bytes);
    require(!request || (begun && begun->host == request->host));
    const auto response = decode_http_response(bytes);
    require(!response || (response->status >= 100 && response->size <= bytes.size()));
    static_cast<void>(decode_http_response_prefix(bytes));
    static_cast<void>(probe_http2(bytes));
}

void read_proxies(Bytes bytes) {
    static_cast<void>(probe_socks(bytes));
    static_cast<void>(decode_socks5_greeting(bytes));
    static_cast<void>(decode_socks5_method(bytes));
    static_cast<void>(socks5_password_size(bytes));
    for (const auto& message : {decode_socks5_request(bytes), decode_socks5_reply(bytes),
                                decode_socks4_request(bytes), decode_socks4_reply(bytes)}) {
        require(!message || message->size <= bytes.size());
    }
    const auto header = decode_proxy_header(bytes);
    require(!header || header->size <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    read_http(bytes);
    read_proxies(bytes);
    return 0;
}
