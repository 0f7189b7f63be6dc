// Memory that read(2) copies file octets into at full speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace turnpike::capture {

/// What the kernel caches files in. Processors copy several times slower when the place copied to
/// lies 1 to 63 octets behind the place copied from, counted within a page (Intel 64 and IA-32
/// Architectures Optimization Reference Manual, "REP MOVSB"): whole pages are read into whole
/// pages.
constexpr std::size_t page_size = 4096;

struct FreePages {
    void operator()(std::uint8_t* octets) const noexcept {
        ::operator delete[](octets, std::align_val_t{page_size});
    }
};
/// Begins at a page. It is shared with whoever keeps the octets read into it.
using ReadBuffer = std::shared_ptr<std::uint8_t[]>;

/// Not initialised. Throws std::bad_alloc.
inline ReadBuffer make_read_buffer(std::size_t octets) {
    return {static_cast<std::uint8_t*>(::operator new[](octets, std::align_val_t{page_size})),
            FreePages{}};
}

}  // namespace turnpike::capture
