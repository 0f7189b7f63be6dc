// Any bytes as Amazon's ip-ranges.json: it becomes a catalog entry that loads, or an error that
// names the input.
#include <cstddef>
#include <cstdint>

#include "fuzz/import_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    turnpike::fuzz::import_input(turnpike::catalog::ImportKind::aws, data, size, "feed.json");
    return 0;
}
