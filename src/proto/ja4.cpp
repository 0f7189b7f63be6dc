// Writes the JA4 fingerprint of a ClientHello, after FoxIO's technical details of JA4.
#include "turnpike/proto/ja4.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace turnpike::proto {

namespace {

constexpr std::uint16_t server_name_extension = 0;  // RFC 6066 3
constexpr std::uint16_t alpn_extension = 16;        // RFC 7301 3.1
constexpr std::size_t count_limit = 99;
constexpr std::size_t ja4_size = 36;
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

void append_list(std::string& text, std::span<const std::uint16_t> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) {
            text += ',';
        }
        append_hex(text, static_cast<std::uint8_t>(values[i] >> 8U));
        append_hex(text, static_cast<std::uint8_t>(values[i]));
    }
}

void append_count(std::string& text, std::size_t count) {
    const std::size_t shown = std::min(count, count_limit);
    text += static_cast<char>('0' + shown / 10);
    text += static_cast<char>('0' + shown % 10);
}

/// SHA-256, fetched once: fetching costs more than hashing.
const EVP_MD* sha256() noexcept {
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> fetched{
        EVP_MD_fetch(nullptr, "SHA2-256", nullptr), EVP_MD_free};
    return fetched.get();
}

void take_without_grease(const U16List& values, std::vector<std::uint16_t>& kept) {
    kept.clear();
    for (const auto value : values) {
        if (!is_grease(value)) {
            kept.push_back(value);
        }
    }
}

}  // namespace

Ja4Writer::Ja4Writer(const base::HashKey& secret) : secret_(secret), known_(places) {}

std::string_view Ja4Writer::digest(std::span<const std::uint16_t> values,
                                   std::span<const std::uint16_t> algorithms) {
    if (values.empty()) {
        return "000000000000";
    }
    const std::uint64_t hash =
        secret_.words(secret_.octets(values.data(), values.size_bytes()),
                      secret_.octets(algorithms.data(), algorithms.size_bytes()));
    Known& known = known_[hash % places];
    if (known.hash != hash) {
        text_.clear();
        append_list(text_, values);
        if (!algorithms.empty()) {
            text_ += '_';
            append_list(text_, algorithms);
        }
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
        // The digest of octets in memory has no way to fail.
        EVP_Digest(text_.data(), text_.size(), octets.data(), nullptr, sha256(), nullptr);
        for (std::size_t i = 0; i < known.digits.size(); ++i) {
            known.digits[i] = hex_digits[i % 2 == 0 ? octets[i / 2] >> 4U : octets[i / 2] & 0x0fU];
        }
        known.hash = hash;
    }
    return {known.digits.data(), known.digits.size()};
}

std::string Ja4Writer::write(const ClientHello& hello, Ja4Carrier carrier) {
    if (hello.sslv2) {
        return {};
    }
    take_without_grease(hello.cipher_suites, suites_);
    take_without_grease(hello.signature_algorithms, algorithms_);
    extensions_.clear();
    std::size_t extension_count = 0;
    for (const auto sent : hello.extensions) {
        if (is_grease(sent.type)) {
            continue;
        }
        ++extension_count;
        if (sent.type != server_name_extension && sent.type != alpn_extension) {
            extensions_.push_back(sent.type);
        }
    }
    std::ranges::sort(suites_);
    std::ranges::sort(extensions_);
    std::string written;
    written.reserve(ja4_size);
    written += static_cast<char>(carrier);
    written += version_letters(hello.version);
    written += hello.has_server_name ? 'd' : 'i';
    append_count(written, suites_.size());
    append_count(written, extension_count);
    for (const char letter : alpn_letters(hello.alpn)) {
        written += letter;
    }
    written += '_';
    written += digest(suites_, {});
    written += '_';
    written += digest(extensions_, algorithms_);
    return written;
}

}  // namespace turnpike::proto
