// Any octets shown to people: nothing that moves a cursor or breaks a line is left, and what was
// made safe once stays as it is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "turnpike/base/printable.h"
#include "turnpike/base/text.h"

using namespace turnpike;
using fuzz::require;

namespace {

bool harmless(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto network = base::from_network(text);
    require(harmless(network) && base::from_network(network) == network);
    const auto catalog = base::from_catalog(text);
    require(harmless(catalog) && base::from_catalog(catalog) == catalog);
    require(harmless(base::escape(text)));
    static_cast<void>(base::columns_of(text));
    require(base::shortened(text, 20).size() <= std::max<std::size_t>(size, 80));
    static_cast<void>(base::shortened_list(text, 20));
    return 0;
}
