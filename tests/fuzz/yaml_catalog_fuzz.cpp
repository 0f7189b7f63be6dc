// Any text as a vendor's catalog entry: it loads, or is refused with the place of the mistake.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "turnpike/base/error.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/import.h"
#include "turnpike/catalog/index.h"

using namespace turnpike;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        const auto catalog = catalog::parse_catalog(text, "FILE");
        const catalog::Index index(catalog.choose({}), catalog.public_ech_names());
    } catch (const base::Error& error) {
        require(error.status() == base::ExitStatus::bad_input);
        require(std::string_view(error.what()).starts_with("FILE"));
    }
    return 0;
}
