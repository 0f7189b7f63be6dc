// Signatures in the form of minisign (https://jedisct1.github.io/minisign/): Ed25519 (RFC 8032)
// over a file or over its BLAKE2b-512 digest (RFC 7693), and over a comment that goes with it.
#pragma once

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::catalog {

/// A public key and the number by which signatures name it.
struct PublicKey {
    std::array<unsigned char, 8> id{};
    std::array<unsigned char, 32> point{};
};

/// A key's line of base 64, with or without the line of comment before it.
std::optional<PublicKey> parse_public_key(std::string_view text);

/// The comment that the signature vouches for, or why it does not hold, in words.
std::expected<std::string, std::string> verify_minisign(std::string_view content,
                                                        std::string_view signature,
                                                        const PublicKey& key);

}  // namespace turnpike::catalog
