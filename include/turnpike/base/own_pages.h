// Memory that is the system's again as soon as it is freed.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define TURNPIKE_LEAKS_ARE_CHECKED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TURNPIKE_LEAKS_ARE_CHECKED
#endif
#endif

namespace turnpike::base {

/// An allocator for containers that take large pieces, all of which go at once while the process
/// has more to do: from a heap they would leave holes between what stays. Pieces of nearly a large
/// page (2 MB) or more are mapped, in large pages where the system has them (Linux's transparent
/// huge pages); smaller ones come from the heap. Throws std::bad_alloc.
template <typename T>
class OwnPages {
  public:
    using value_type = T;

    /// Whether large pieces are mapped: not for a leak checker, which does not look there.
    static constexpr bool maps =
#ifdef TURNPIKE_LEAKS_ARE_CHECKED
        false;
#else
        true;
#endif

    OwnPages() = default;
    /// All of them are alike.
    template <typename Other>
    explicit(false) OwnPages(const OwnPages<Other>& /*other*/) noexcept {}

    /// Room for `count` values, until `deallocate`.
    T* allocate(std::size_t count) {
        if (!is_large(count)) {
            return std::allocator<T>().allocate(count);
        }
        return static_cast<T*>(map(size_of(count)));
    }
    /// Gives it back; `count` as it was asked for.
    void deallocate(T* values, std::size_t count) noexcept {
        if (is_large(count)) {
            ::munmap(static_cast<void*>(values), size_of(count));
        } else {
            std::allocator<T>().deallocate(values, count);
        }
    }

    friend bool operator==(const OwnPages&, const OwnPages&) noexcept { return true; }

  private:
    static constexpr std::size_t page = std::size_t{2} << 20U;

    // NOLINTBEGIN(bugprone-sizeof-expression): of a deque T is also a pointer to a block
    static bool is_large(std::size_t count) noexcept {
        return maps && count > (page - page / 16) / sizeof(T);
    }
    static std::size_t size_of(std::size_t count) noexcept {
        return (count * sizeof(T) + page - 1) / page * page;
    }
    // NOLINTEND(bugprone-sizeof-expression)
    /// On the boundary of a large page: more is asked for, and what is too much given back.
    static void* map(std::size_t size) {
        void* const mapped = ::mmap(nullptr, size + page, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) {
            throw std::bad_alloc();
        }
        auto* const begin = static_cast<std::byte*>(mapped);
        void* aligned = begin;
        std::size_t space = size + page;
        std::align(page, size, aligned, space);
        const auto before = static_cast<std::size_t>(static_cast<std::byte*>(aligned) - begin);
        if (before > 0) {
            ::munmap(begin, before);
        }
        ::munmap(static_cast<std::byte*>(aligned) + size, page - before);
        ::madvise(aligned, size, MADV_HUGEPAGE);
        return aligned;
    }
};

}  // namespace turnpike::base
