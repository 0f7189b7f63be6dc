// Any text as an address or a network: what is one is printed and read back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "turnpike/base/ip_address.h"

using namespace turnpike::base;
using turnpike::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto address = IpAddress::parse(text)) {
        require(IpAddress::parse(to_string(*address)) == address);
    }
    if (const auto network = Prefix::parse(text)) {
        require(Prefix::parse(to_string(*network)) == network);
        require(network->contains(network->address));
    }
    return 0;
}
