// Octets that nobody can guess.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "turnpike/speak/writer.h"

namespace turnpike::speak {

/// Fills `octets` from the operating system's generator. Throws base::Error (io_error) if it fails.
void fill_random(std::uint8_t* octets, std::size_t count);
Octets random_octets(std::size_t count);

template <std::size_t Count>
std::array<std::uint8_t, Count> random_array() {
    std::array<std::uint8_t, Count> octets{};
    fill_random(octets.data(), Count);
    return octets;
}

}  // namespace turnpike::speak
