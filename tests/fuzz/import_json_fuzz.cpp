// Any bytes as JSON of a form that nobody promised: it becomes a catalog entry that loads, or an
// error that names the input.
#include <cstddef>
#include <cstdint>

#include "fuzz/import_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    turnpike::fuzz::import_input(turnpike::catalog::ImportKind::json, data, size, "list.json");
    return 0;
}
