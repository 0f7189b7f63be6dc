// Crypto-PAn: addresses mapped so that two which share a prefix still share one of the same length
// (Xu, Fan, Ammar, Moon: "Prefix-preserving IP address anonymization", ICNP 2002; for IPv6 the same
// over 128 bits).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "turnpike/base/ip_address.h"

namespace turnpike::anonymize {

/// The first half is an AES-128 key, the second what its padding is made of.
using Key = std::array<std::uint8_t, 32>;

/// A key that nobody knows. Throws base::Error (io_error) if the system gives no random octets.
Key random_key();

/// One mapping of all addresses. Not thread-safe.
class CryptoPan {
  public:
    /// The same key gives the same mapping. Throws base::Error (io_error) if the cryptographic
    /// library offers no AES-128.
    explicit CryptoPan(const Key& key);
    ~CryptoPan();
    CryptoPan(const CryptoPan&) = delete;
    CryptoPan& operator=(const CryptoPan&) = delete;

    /// One to one within each address family; no address stays no address.
    [[nodiscard]] base::IpAddress map(const base::IpAddress& address);
    /// The octets of a name or another identifier, as a pseudonym of 64 bits under the same key.
    [[nodiscard]] std::uint64_t digest(std::span<const std::uint8_t> octets);

  private:
    struct Cipher;
    using Block = std::array<std::uint8_t, 16>;
    Block encrypt(const Block& block);

    std::unique_ptr<Cipher> cipher_;
    Block pad_{};
};

}  // namespace turnpike::anonymize
