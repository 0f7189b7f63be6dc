#include "turnpike/base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace turnpike::base {
namespace {

// Longest text inet_pton accepts, RFC 4291 2.2 with an embedded dotted quad.
constexpr std::size_t longest_address_text = 45;

std::uint64_t mix(std::uint64_t value) noexcept {
    // The finaliser of MurmurHash3 (public domain constants): spreads every input bit.
    value ^= value >> 33U;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33U;
    value *= 0xc4ceb9fe1a85ec53ULL;
    return value ^ (value >> 33U);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
    if (text.empty() || text.size() > longest_address_text) {
        return std::nullopt;
    }
    std::array<char, longest_address_text + 1> zero_terminated{};
    std::ranges::copy(text, zero_terminated.begin());
    std::array<std::uint8_t, 16> octets{};
    if (::inet_pton(AF_INET, zero_terminated.data(), octets.data()) == 1) {
        return from_octets(Bytes{octets}.first(4));
    }
    if (::inet_pton(AF_INET6, zero_terminated.data(), octets.data()) == 1) {
        return from_octets(octets);
    }
    return std::nullopt;
}

bool IpAddress::is_unspecified() const noexcept {
    return version_ != 0 && std::ranges::all_of(octets(), [](auto octet) { return octet == 0; });
}

bool IpAddress::is_loopback() const noexcept {
    if (is_v4()) {
        return octets_[0] == 127;
    }
    return is_v6() && octets_[15] == 1 &&
           std::ranges::all_of(octets().first(15), [](auto octet) { return octet == 0; });
}

bool IpAddress::is_multicast() const noexcept {
    return is_v4() ? (octets_[0] & 0xf0U) == 0xe0U : is_v6() && octets_[0] == 0xffU;
}

bool IpAddress::is_broadcast() const noexcept {
    return *this == v4(0xffffffffU);
}

bool IpAddress::is_private() const noexcept {
    if (is_v4()) {
        const auto a = octets_[0];
        const auto b = octets_[1];
        return a == 10 || (a == 172 && (b & 0xf0U) == 16) || (a == 192 && b == 168) ||  // RFC 1918
               (a == 100 && (b & 0xc0U) == 64) ||                                       // RFC 6598
               (a == 169 && b == 254);                                                  // RFC 3927
    }
    return is_v6() && ((octets_[0] & 0xfeU) == 0xfcU ||                          // RFC 4193
                       (octets_[0] == 0xfeU && (octets_[1] & 0xc0U) == 0x80U));  // RFC 4291 2.5.6
}

std::uint64_t IpAddress::hash(std::uint64_t seed) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, octets_.data(), sizeof high);
    std::memcpy(&low, octets_.data() + sizeof high, sizeof low);
    return mix(high ^ mix(low ^ (seed * 0x9e3779b97f4a7c15ULL) ^ version_));
}

std::string to_string(const IpAddress& address) {
    if (!address) {
        return {};
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.octets().data(), text.data(),
                text.size());
    return text.data();
}

std::optional<Prefix> Prefix::parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    const unsigned widest = address->is_v4() ? 32 : 128;
    if (slash == std::string_view::npos) {
        return Prefix{*address, widest};
    }
    const auto digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || stop != digits.data() + digits.size() || length > widest) {
        return std::nullopt;
    }
    const Prefix prefix{*address, length};
    const auto octets = address->octets();
    for (unsigned bit = length; bit < widest; ++bit) {
        if ((octets[bit / 8] & (0x80U >> (bit % 8))) != 0) {
            return std::nullopt;
        }
    }
    return prefix;
}

bool Prefix::contains(const IpAddress& candidate) const noexcept {
    if (candidate.version() != address.version()) {
        return false;
    }
    const auto mine = address.octets();
    const auto theirs = candidate.octets();
    const auto whole = length / 8;
    if (!std::ranges::equal(mine.first(whole), theirs.first(whole))) {
        return false;
    }
    const unsigned rest = length % 8;
    return rest == 0 || ((mine[whole] ^ theirs[whole]) >> (8U - rest)) == 0;
}

std::string to_string(const Prefix& prefix) {
    return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

std::string to_string(const Endpoint& endpoint) {
    if (!endpoint) {
        return {};
    }
    return endpoint.address.is_v6()
               ? fmt::format("[{}]:{}", to_string(endpoint.address), endpoint.port)
               : fmt::format("{}:{}", to_string(endpoint.address), endpoint.port);
}

}  // namespace turnpike::base
