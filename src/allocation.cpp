// operator new for the program: mimalloc's own aborts where there is no memory left, whatever
// handler is set, and nobody could say so or end in good order. malloc is mimalloc's as well.
//
// OpenSSL gets its memory here, too, and the process ends in words where there is none: while
// OpenSSL sets itself up it forgets that an allocation failed, and later takes locks that were
// never made.
#include <openssl/crypto.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string_view>

#include "app/process.h"

namespace {

void* or_end(void* memory, std::size_t size) {
    if (memory == nullptr && size > 0) {
        for (const std::string_view part : {std::string_view("turnpike: "),
                                            turnpike::app::out_of_memory, std::string_view("\n")}) {
            if (::write(STDERR_FILENO, part.data(), part.size()) < 0) {
                break;
            }
        }
        ::_exit(static_cast<int>(turnpike::base::ExitStatus::io_error));
    }
    return memory;
}

/// The libraries are set up: only then would an exception find somebody to catch it.
constinit bool program_runs = false;

void* or_throw(void* memory) {
    if (memory == nullptr) {
        if (!program_runs) {
            or_end(memory, 1);
        }
        throw std::bad_alloc();
    }
    return memory;
}

void* allocate(std::size_t size) {
    return or_throw(std::malloc(size == 0 ? 1 : size));
}

void* allocate(std::size_t size, std::align_val_t alignment) {
    const auto step = static_cast<std::size_t>(alignment);
    return or_throw(std::aligned_alloc(step, (size + step - 1) / step * step));
}

void* crypto_allocate(std::size_t size, const char* /*file*/, int /*line*/) {
    return or_end(std::malloc(size), size);
}
void* crypto_reallocate(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
    return or_end(std::realloc(memory, size), size);
}
void crypto_free(void* memory, const char* /*file*/, int /*line*/) {
    std::free(memory);
}

// Before OpenSSL's first allocation, so before `main`, and behind what libraries do for themselves.
[[gnu::constructor]] void set_up() {
    program_runs = true;
    ::CRYPTO_set_mem_functions(crypto_allocate, crypto_reallocate, crypto_free);
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate(size, alignment);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/,
                       std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept {
    std::free(memory);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}
