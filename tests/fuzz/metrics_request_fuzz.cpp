// Any octets as a request for /metrics, whole and octet by octet: the answer is the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "monitor/http_answer.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto answer = monitor::answer(text, "turnpike_packets_total 1\n");
    require(!answer || answer->text.starts_with("HTTP/1."));
    require(answer || size <= monitor::most_request);
    return 0;
}
