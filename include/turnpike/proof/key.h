// The key that a probe and its responder share.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "turnpike/base/bytes.h"

namespace turnpike::proof {

using Code = std::array<std::uint8_t, 32>;  ///< HMAC-SHA256 (RFC 2104)

/// A secret of at least 16 octets. Not erased from memory when it ends.
class Key {
  public:
    /// Any octets of which at least 16 are not white space at the end.
    explicit Key(std::vector<std::uint8_t> octets) : octets_(std::move(octets)) {}
    /// Reads a key file. Throws base::Error: cannot_open; bad_input for a key that is too short or
    /// too long; no_permission if others may read the file.
    static Key load(const std::filesystem::path& file);

    /// HMAC-SHA256 of the message under this key.
    [[nodiscard]] Code code(base::Bytes message) const;

  private:
    std::vector<std::uint8_t> octets_;
};

/// Compares in a time that does not depend on where they differ.
bool equal(base::Bytes a, base::Bytes b) noexcept;

}  // namespace turnpike::proof
