// IPv4 and IPv6 addresses, prefixes and endpoints as values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::base {

/// An IPv4 or IPv6 address. IPv4 sits in the first four octets with the rest zero, so that equal
/// addresses have equal octets; the version tells the two families apart. Version 0 is "no
/// address".
class IpAddress {
  public:
    constexpr IpAddress() noexcept = default;
    /// From the 32 bits of an IPv4 address in host order: 0x7f000001 is 127.0.0.1.
    static constexpr IpAddress v4(std::uint32_t host_order) noexcept {
        IpAddress address;
        address.version_ = 4;
        for (unsigned i = 0; i < 4; ++i) {
            address.octets_[i] = static_cast<std::uint8_t>(host_order >> (24U - 8U * i));
        }
        return address;
    }
    /// From 4 or 16 octets in network order; any other size gives "no address".
    static constexpr IpAddress from_octets(Bytes octets) noexcept {
        IpAddress address;
        address.assign(octets);
        return address;
    }
    /// The same in place: a value built elsewhere and copied at once costs 5 ns for every address
    /// of every packet, because the processor cannot forward small stores to a wide load.
    constexpr void assign(Bytes octets) noexcept {
        version_ = 0;
        octets_.fill(0);
        if (octets.size() == 4) {
            version_ = 4;
            std::copy_n(octets.begin(), 4, octets_.begin());
        } else if (octets.size() == 16) {
            version_ = 6;
            std::copy_n(octets.begin(), 16, octets_.begin());
        }
    }
    /// Dotted quad or RFC 4291 text; nothing else (no ports, zones or prefixes).
    static std::optional<IpAddress> parse(std::string_view text) noexcept;

    /// 4 or 6; 0 for no address.
    [[nodiscard]] constexpr unsigned version() const noexcept { return version_; }
    /// An IPv4 address; false for no address.
    [[nodiscard]] constexpr bool is_v4() const noexcept { return version_ == 4; }
    /// An IPv6 address, also one that maps IPv4 (::ffff:0:0/96); false for no address.
    [[nodiscard]] constexpr bool is_v6() const noexcept { return version_ == 6; }
    /// False for no address; true for 0.0.0.0 and ::, which are addresses.
    constexpr explicit operator bool() const noexcept { return version_ != 0; }
    /// 4 or 16 octets; the view lives as long as this object.
    [[nodiscard]] constexpr Bytes octets() const noexcept {
        return Bytes{octets_.data(), version_ == 4 ? std::size_t{4} : std::size_t{16}};
    }
    using Words = std::array<std::uint64_t, 2>;
    /// All 16 octets as two words, in the order of this processor; the second is zero for IPv4.
    /// Together with the version they are the address.
    [[nodiscard]] constexpr Words words() const noexcept { return std::bit_cast<Words>(octets_); }
    /// 0.0.0.0 or :: (RFC 4291 2.5.2).
    [[nodiscard]] bool is_unspecified() const noexcept;
    /// 127.0.0.0/8 (RFC 1122 3.2.1.3) or ::1 (RFC 4291 2.5.3).
    [[nodiscard]] bool is_loopback() const noexcept;
    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 2.7).
    [[nodiscard]] bool is_multicast() const noexcept;
    /// 255.255.255.255 only; directed broadcasts cannot be told from a packet.
    [[nodiscard]] bool is_broadcast() const noexcept;
    /// RFC 1918, RFC 6598, RFC 4193 and link-local addresses: not reachable over the internet.
    [[nodiscard]] bool is_private() const noexcept;
    /// Of 64:ff9b::/96 the IPv4 address that a NAT64 leads to (RFC 6052 2.1), of others the same.
    [[nodiscard]] IpAddress behind_nat64() const noexcept;
    /// Under the key of this process (HashKey::of_process), so different in every run; `seed` is
    /// hashed along, for instance a port.
    [[nodiscard]] std::uint64_t hash(std::uint64_t seed = 0) const noexcept {
        const auto [first, second] = words();
        return HashKey::of_process().words(
            std::array{first, second, std::uint64_t{version_}, seed});
    }

    friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) noexcept = default;
    /// By words: tables of addresses compare one for every packet or flow.
    friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) noexcept {
        const Words x = a.words();
        const Words y = b.words();
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0 && a.version_ == b.version_;
    }

  private:
    std::uint8_t version_ = 0;
    std::array<std::uint8_t, 16> octets_{};
};

/// Canonical text: dotted quad, or RFC 5952. "" for no address.
std::string to_string(const IpAddress& address);

/// An address block such as 192.0.2.0/24.
struct Prefix {
    IpAddress address;    ///< host bits are zero
    unsigned length = 0;  ///< leading bits that all its addresses share

    /// "192.0.2.0/24", "2001:db8::/32" or a bare address (full length). Host bits set are refused.
    static std::optional<Prefix> parse(std::string_view text) noexcept;
    /// Whether `candidate` is of the same family and its first `length` bits are those of
    /// `address`.
    [[nodiscard]] bool contains(const IpAddress& candidate) const noexcept;
    friend constexpr auto operator<=>(const Prefix&, const Prefix&) noexcept = default;
};
/// "192.0.2.0/24"; the length stands there even where it is full.
std::string to_string(const Prefix& prefix);

/// An address and a transport port (host order).
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    /// False if there is no address, whatever the port.
    constexpr explicit operator bool() const noexcept { return static_cast<bool>(address); }
    friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;
};
/// "192.0.2.1:3478" or "[2001:db8::1]:3478"; "" for no address.
std::string to_string(const Endpoint& endpoint);

}  // namespace turnpike::base

template <>
struct std::hash<turnpike::base::IpAddress> {
    using is_avalanching = void;
    std::size_t operator()(const turnpike::base::IpAddress& address) const noexcept {
        return address.hash();
    }
};
template <>
struct std::hash<turnpike::base::Endpoint> {
    using is_avalanching = void;
    std::size_t operator()(const turnpike::base::Endpoint& endpoint) const noexcept {
        return endpoint.address.hash(endpoint.port);
    }
};
