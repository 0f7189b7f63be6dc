// Octets that nobody can guess.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// Fills `octets` from the operating system's generator. Throws base::Error (io_error) if it fails.
void fill_random(std::uint8_t* octets, std::size_t count);
/// So many octets from the same generator. Throws as fill_random().
Octets random_octets(std::size_t count);

/// The same as an array.
template <std::size_t Count>
std::array<std::uint8_t, Count> random_array() {
    std::array<std::uint8_t, Count> octets{};
    fill_random(octets.data(), Count);
    return octets;
}

}  // namespace turnpike::speak
