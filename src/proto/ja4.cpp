// Implementation of ja4.h, after FoxIO's technical details of JA4.
#include "turnpike/proto/ja4.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace turnpike::proto {

namespace {

constexpr std::uint16_t server_name_extension = 0;  // RFC 6066 3
constexpr std::uint16_t alpn_extension = 16;        // RFC 7301 3.1
constexpr std::size_t count_limit = 99;
constexpr std::size_t hash_digits = 12;
constexpr std::string_view hex_digits = "0123456789abcdef";

std::string_view version_letters(std::uint16_t version) noexcept {
    switch (version) {
        case 0x0304:
            return "13";
        case 0x0303:
            return "12";
        case 0x0302:
            return "11";
        case 0x0301:
            return "10";
        case 0x0300:
            return "s3";
        case 0x0002:
            return "s2";
        case 0xfeff:
            return "d1";
        case 0xfefd:
            return "d2";
        case 0xfefc:
            return "d3";
        default:
            return "00";
    }
}

constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// First and last character of the first ALPN name; if either is no letter or digit, the first and
/// last digit of the name in hexadecimal.
std::array<char, 2> alpn_letters(const AlpnList& alpn) noexcept {
    const std::string_view name = alpn.empty() ? std::string_view{} : *alpn.begin();
    if (name.empty()) {
        return {'0', '0'};
    }
    if (is_alphanumeric(name.front()) && is_alphanumeric(name.back())) {
        return {name.front(), name.back()};
    }
    return {hex_digits[static_cast<std::uint8_t>(name.front()) >> 4U],
            hex_digits[static_cast<std::uint8_t>(name.back()) & 0x0fU]};
}

void append_hex(std::string& text, std::uint8_t octet) {
    text += hex_digits[octet >> 4U];
    text += hex_digits[octet & 0x0fU];
}

std::string join_hex(const std::vector<std::uint16_t>& values) {
    std::string text;
    text.reserve(5 * values.size());
    for (const auto value : values) {
        if (!text.empty()) {
            text += ',';
        }
        append_hex(text, static_cast<std::uint8_t>(value >> 8U));
        append_hex(text, static_cast<std::uint8_t>(value));
    }
    return text;
}

/// SHA-256, fetched once: fetching costs more than hashing.
const EVP_MD* sha256() noexcept {
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> fetched{
        EVP_MD_fetch(nullptr, "SHA2-256", nullptr), EVP_MD_free};
    return fetched.get();
}

/// The first digits of the SHA-256 of `text`; zeros where there was nothing to hash.
std::string short_hash(std::string_view text, bool nothing) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    if (!nothing) {
        // The digest of octets in memory has no way to fail.
        EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256(), nullptr);
    }
    std::string hex;
    for (std::size_t i = 0; i < hash_digits / 2; ++i) {
        append_hex(hex, digest[i]);
    }
    return hex;
}

std::vector<std::uint16_t> without_grease(const U16List& values) {
    std::vector<std::uint16_t> kept;
    kept.reserve(values.size());
    for (const auto value : values) {
        if (!is_grease(value)) {
            kept.push_back(value);
        }
    }
    return kept;
}

}  // namespace

std::string render_ja4(const ClientHello& hello, Ja4Carrier carrier) {
    if (hello.sslv2) {
        return {};
    }
    std::vector<std::uint16_t> suites = without_grease(hello.cipher_suites);
    std::vector<std::uint16_t> extensions;
    std::size_t extension_count = 0;
    for (const auto sent : hello.extensions) {
        if (is_grease(sent.type)) {
            continue;
        }
        ++extension_count;
        if (sent.type != server_name_extension && sent.type != alpn_extension) {
            extensions.push_back(sent.type);
        }
    }
    std::ranges::sort(suites);
    std::ranges::sort(extensions);
    const auto algorithms = without_grease(hello.signature_algorithms);
    const auto alpn = alpn_letters(hello.alpn);
    std::string hashed_extensions = join_hex(extensions);
    if (!algorithms.empty()) {
        hashed_extensions += '_' + join_hex(algorithms);
    }
    return fmt::format("{}{}{}{:02}{:02}{}{}_{}_{}", static_cast<char>(carrier),
                       version_letters(hello.version), hello.has_server_name ? 'd' : 'i',
                       std::min(suites.size(), count_limit), std::min(extension_count, count_limit),
                       alpn[0], alpn[1], short_hash(join_hex(suites), suites.empty()),
                       short_hash(hashed_extensions, extensions.empty()));
}

}  // namespace turnpike::proto
