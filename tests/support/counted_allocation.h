// Replaces operator new and delete of a test program by ones that count. One source of a program
// includes it.
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace turnpike::test {

/// What the program takes from `new`.
struct Allocations {
    std::atomic<std::size_t> made = 0;     ///< so far
    std::atomic<std::size_t> held = 0;     ///< octets that were not given back
    std::atomic<std::size_t> failing = 0;  ///< the one of `made` that throws; 0: none
};
inline Allocations allocations;

inline void* allocate(std::size_t size) noexcept {
    if (++allocations.made == allocations.failing) {
        return nullptr;
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    allocations.held += memory == nullptr ? 0 : ::malloc_usable_size(memory);
    return memory;
}

inline void* allocate_or_throw(std::size_t size) {
    if (void* const memory = allocate(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

inline void give_back(void* memory) noexcept {
    allocations.held -= memory == nullptr ? 0 : ::malloc_usable_size(memory);
    std::free(memory);  // NOLINT(clang-analyzer-cplusplus.NewDelete): this is the delete
}

}  // namespace turnpike::test

// Definitions of these may not be inline.
// NOLINTBEGIN(misc-definitions-in-headers,clang-analyzer-cplusplus.NewDelete)
[[gnu::noinline]] void* operator new(std::size_t size) {
    return turnpike::test::allocate_or_throw(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
    return turnpike::test::allocate_or_throw(size);
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return turnpike::test::allocate(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    turnpike::test::give_back(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
    turnpike::test::give_back(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
    turnpike::test::give_back(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    turnpike::test::give_back(memory);
}
// NOLINTEND(misc-definitions-in-headers,clang-analyzer-cplusplus.NewDelete)
