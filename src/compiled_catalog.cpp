// The built-in catalog as compile_catalog left it.
#include "compiled_catalog.h"

asm(".section .rodata\n"
    "compiled_catalog_begin: .incbin \"" TURNPIKE_COMPILED_CATALOG
    "\"\n"
    "compiled_catalog_end: .byte 0\n"
    ".previous\n");

extern "C" {
extern const char compiled_catalog_begin[];  // NOLINT(*-avoid-c-arrays): names of the assembler's
extern const char compiled_catalog_end[];    // NOLINT(*-avoid-c-arrays)
}

std::string_view compiled_catalog() noexcept {
    return {compiled_catalog_begin, compiled_catalog_end};
}
