// Memory that is asked for before a library which does not survive being without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnpike::base {

/// Asks for so many pieces of so many octets and gives them back, so that the library that is
/// called next finds them. Throws std::bad_alloc if they are not to be had.
inline void make_sure_of_memory(std::size_t pieces, std::size_t octets) {
    std::vector<std::vector<std::uint8_t>> room(pieces);
    for (auto& piece : room) {
        piece.resize(octets);
    }
}

}  // namespace turnpike::base
