// The JA4 client fingerprint of a ClientHello, after FoxIO's public description of JA4 (technical
// details, "JA4: TLS Client Fingerprinting").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/keyed_hash.h"
#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// The first letter of a JA4.
enum class Ja4Carrier : char {
    tcp = 't',   ///< TLS over TCP
    quic = 'q',  ///< QUIC (RFC 9001 4)
    dtls = 'd',  ///< DTLS (RFC 6347, RFC 9147)
};

/// Writes the JA4 of hellos. What is hashed, the sorted lists, is the same for all connections of a
/// program, so that digests are remembered: a bounded number, under a keyed hash that is the same
/// for any order of a list, for browsers send their extensions in another one each time.
class Ja4Writer {
  public:
    /// `secret` of the hash by which digests are found again.
    explicit Ja4Writer(const base::HashKey& secret);

    /// For example "t13d1516h2_8daaf6152771_e5627efa2ab1" (36 characters); "" for an SSLv2 hello,
    /// which JA4 does not describe. Allocates: call it when a hello becomes a fact, once a flow.
    std::string write(const ClientHello& hello, Ja4Carrier carrier);

  private:
    struct Known {
        std::uint64_t hash = 0;
        std::array<char, 12> digits{};
    };
    // Programs on a network make some hundred lists: few of them share a place.
    static constexpr std::size_t places = 4096;

    /// The first digits of the SHA-256 of what `make_text` returns; known by the hash if it was
    /// asked for before.
    template <typename MakeText>
    std::string_view digest(std::uint64_t hash, MakeText make_text);

    base::HashKey secret_;
    std::vector<Known> known_;
};

}  // namespace turnpike::proto
