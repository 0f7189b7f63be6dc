// Any bytes as a page of Markdown: it becomes a catalog entry that loads, or an error that names
// the input.
#include <cstddef>
#include <cstdint>

#include "fuzz/import_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    turnpike::fuzz::import_input(turnpike::catalog::ImportKind::document, data, size, "page.md");
    return 0;
}
