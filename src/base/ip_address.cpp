// Parses, prints, compares and hashes addresses, prefixes and endpoints.
#include "turnpike/base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "turnpike/base/address_text.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::base {
namespace {

// Longest text inet_pton accepts, RFC 4291 2.2 with an embedded dotted quad.
constexpr std::size_t longest_address_text = 45;

/// An octet in decimal, and the dot behind it.
struct OctetText {
    std::array<char, 4> text{};
    std::uint8_t length = 0;
};

constexpr OctetText octet_text(unsigned octet) {
    OctetText made;
    const auto put = [&made](unsigned digit) {
        made.text[made.length++] = static_cast<char>('0' + digit);
    };
    if (octet >= 100) {
        put(octet / 100);
    }
    if (octet >= 10) {
        put(octet / 10 % 10);
    }
    put(octet % 10);
    made.text[made.length++] = '.';
    return made;
}

constexpr std::array<OctetText, 256> octet_texts = [] {
    std::array<OctetText, 256> texts{};
    for (unsigned octet = 0; octet < texts.size(); ++octet) {
        texts[octet] = octet_text(octet);
    }
    return texts;
}();

/// Four octets of room are needed for each, whatever it takes.
char* append_v4(char* out, Bytes octets) noexcept {
    for (const std::uint8_t octet : octets.first<4>()) {
        const OctetText& decimal = octet_texts[octet];
        std::memcpy(out, decimal.text.data(), decimal.text.size());
        out += decimal.length;
    }
    return out - 1;  // no dot behind the last one
}

/// The groups that "::" stands for: the longest run of two or more zeros, the first of equals
/// (RFC 5952 4.2).
struct ZeroRun {
    std::size_t begin = 8;
    std::size_t length = 0;
};

ZeroRun longest_zero_run(const std::array<std::uint16_t, 8>& groups) noexcept {
    ZeroRun best;
    for (std::size_t i = 0; i < groups.size();) {
        std::size_t end = i;
        while (end < groups.size() && groups[end] == 0) {
            ++end;
        }
        if (end - i >= 2 && end - i > best.length) {
            best = {i, end - i};
        }
        i = end + 1;
    }
    return best;
}

char* append_v6(char* out, Bytes octets) noexcept {
    std::array<std::uint16_t, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i] = static_cast<std::uint16_t>((octets[2 * i] << 8U) | octets[2 * i + 1]);
    }
    const ZeroRun zeros = longest_zero_run(groups);
    // IPv4-mapped and the old IPv4-compatible addresses end in a dotted quad (RFC 5952 5).
    const bool embeds_v4 =
        zeros.begin == 0 && (zeros.length == 6 || (zeros.length == 5 && groups[5] == 0xffff));
    const std::size_t count = embeds_v4 ? 6 : 8;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == zeros.begin) {
            *out++ = ':';
            i += zeros.length;
            if (i >= count) {
                *out++ = ':';
                break;
            }
        }
        if (i > 0) {
            *out++ = ':';
        }
        out = std::to_chars(out, out + 4, groups[i], 16).ptr;
    }
    if (embeds_v4) {
        if (zeros.length == 5) {
            *out++ = ':';
        }
        out = append_v4(out, octets.subspan(12));
    }
    return out;
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

IpAddress IpAddress::behind_nat64() const noexcept {
    constexpr std::array<std::uint8_t, 12> prefix{0, 0x64, 0xff, 0x9b};
    return is_v6() && std::ranges::equal(octets().first(prefix.size()), prefix)
               ? from_octets(octets().subspan(prefix.size()))
               : *this;
}

std::string_view render(const IpAddress& address, AddressText& text) noexcept {
    char* const begin = text.data();
    char* end = begin;
    if (address.is_v4()) {
        end = append_v4(begin, address.octets());
    } else if (address) {
        end = append_v6(begin, address.octets());
    }
    return {begin, end};
}

std::string to_string(const IpAddress& address) {
    AddressText text;  // NOLINT(*-member-init): written before it is read
    return std::string(render(address, text));
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
