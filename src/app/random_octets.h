// Octets that nobody can guess, for names and tokens.
#pragma once

#include <fmt/core.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "turnpike/base/error.h"

namespace turnpike::app {

/// From the kernel. Throws base::Error (io_error).
template <std::size_t Count>
std::array<std::uint8_t, Count> random_octets() {
    std::array<std::uint8_t, Count> octets{};
    if (::getrandom(octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size())) {
        throw base::Error(base::ExitStatus::io_error,
                          fmt::format("getrandom: {}", std::strerror(errno)));
    }
    return octets;
}

}  // namespace turnpike::app
