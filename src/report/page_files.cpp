// Holds script, style and licences of the page in the program, and hashes them for its policy.
#include "report/page_files.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

#include "turnpike/base/base64.h"

// clang-format off: a directive a line.
asm(".section .rodata\n"
    "page_script_begin: .incbin \"" TURNPIKE_PAGE_SCRIPT "\"\n"
    "page_script_end: .byte 0\n"
    "page_style_begin: .incbin \"" TURNPIKE_PAGE_STYLE "\"\n"
    "page_style_end: .byte 0\n"
    "page_licences_begin: .incbin \"" TURNPIKE_PAGE_LICENCES "\"\n"
    "page_licences_end: .byte 0\n"
    ".previous\n");
// clang-format on

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays): names of the assembler's
extern const char page_script_begin[];
extern const char page_script_end[];
extern const char page_style_begin[];
extern const char page_style_end[];
extern const char page_licences_begin[];
extern const char page_licences_end[];
// NOLINTEND(*-avoid-c-arrays)
}

namespace turnpike::report {

std::string_view page_script() noexcept {
    return {page_script_begin, page_script_end};
}

std::string_view page_style() noexcept {
    return {page_style_begin, page_style_end};
}

std::string_view page_licences() noexcept {
    return {page_licences_begin, page_licences_end};
}

std::string policy_hash(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return "'sha256-" + base::base64(base::Bytes(digest).first(length)) + "'";
}

}  // namespace turnpike::report
