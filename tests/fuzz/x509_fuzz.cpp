// Any bytes as a certificate in DER: its names, decoded and rendered.
#include <cstdint>
#include <cstdlib>

#include "turnpike/proto/x509.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto names = turnpike::proto::decode_certificate_names({data, size});
    if (names && turnpike::proto::render_certificate_names(*names, 16).size() > 16) {
        std::abort();
    }
    return 0;
}
