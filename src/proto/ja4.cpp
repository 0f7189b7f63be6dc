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

/// Values of which the order says nothing: the sum of their hashes is the same for any.
class Unordered {
  public:
    explicit Unordered(const base::HashKey& secret) noexcept : secret_(secret) {}
    void add(std::uint16_t value) noexcept {
        sum_ += secret_.words(value, 0);
        ++count_;
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Of the values and those of another list, which stand in order.
    [[nodiscard]] std::uint64_t hash(base::Bytes ordered) const noexcept {
        return secret_.words(
            std::array<std::uint64_t, 4>{sum_, count_, secret_.octets(ordered), 0});
    }

  private:
    const base::HashKey& secret_;
    std::uint64_t sum_ = 0;
    std::size_t count_ = 0;
};

/// What stands in the list of extensions: the others have letters of their own.
bool is_listed(std::uint16_t extension) noexcept {
    return !is_grease(extension) && extension != server_name_extension &&
           extension != alpn_extension;
}

std::vector<std::uint16_t> without_grease(const U16List& values) {
    std::vector<std::uint16_t> kept;
    for (const auto value : values) {
        if (!is_grease(value)) {
            kept.push_back(value);
        }
    }
    return kept;
}

std::string text_of_suites(const ClientHello& hello) {
    auto suites = without_grease(hello.cipher_suites);
    std::ranges::sort(suites);
    std::string text;
    append_list(text, suites);
    return text;
}

std::string text_of_extensions(const ClientHello& hello) {
    std::vector<std::uint16_t> extensions;
    for (const auto sent : hello.extensions) {
        if (is_listed(sent.type)) {
            extensions.push_back(sent.type);
        }
    }
    std::ranges::sort(extensions);
    std::string text;
    append_list(text, extensions);
    if (const auto algorithms = without_grease(hello.signature_algorithms); !algorithms.empty()) {
        text += '_';
        append_list(text, algorithms);
    }
    return text;
}

}  // namespace

Ja4Writer::Ja4Writer(const base::HashKey& secret) : secret_(secret), known_(places) {}

template <typename MakeText>
std::string_view Ja4Writer::digest(std::uint64_t hash, MakeText make_text) {
    Known& known = known_[hash % places];
    if (known.hash != hash) {
        const std::string text = make_text();
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
        // The digest of octets in memory has no way to fail.
        EVP_Digest(text.data(), text.size(), octets.data(), nullptr, sha256(), nullptr);
        for (std::size_t i = 0; i < known.digits.size(); ++i) {
            known.digits[i] = hex_digits[i % 2 == 0 ? octets[i / 2] >> 4U : octets[i / 2] & 0x0fU];
        }
        known.hash = hash;
    }
    return {known.digits.data(), known.digits.size()};
}

std::string Ja4Writer::write(const ClientHello& hello, Ja4Carrier carrier) {
    constexpr std::string_view of_nothing = "000000000000";
    if (hello.sslv2) {
        return {};
    }
    Unordered suites(secret_);
    for (const auto suite : hello.cipher_suites) {
        if (!is_grease(suite)) {
            suites.add(suite);
        }
    }
    Unordered extensions(secret_);
    std::size_t extension_count = 0;
    for (const auto sent : hello.extensions) {
        extension_count += is_grease(sent.type) ? 0U : 1U;
        if (is_listed(sent.type)) {
            extensions.add(sent.type);
        }
    }
    std::string written;
    written.reserve(ja4_size);
    written += static_cast<char>(carrier);
    written += version_letters(hello.version);
    written += hello.has_server_name ? 'd' : 'i';
    append_count(written, suites.count());
    append_count(written, extension_count);
    for (const char letter : alpn_letters(hello.alpn)) {
        written += letter;
    }
    written += '_';
    written += suites.count() == 0
                   ? of_nothing
                   : digest(suites.hash({}), [&hello] { return text_of_suites(hello); });
    written += '_';
    written += extensions.count() == 0
                   ? of_nothing
                   : digest(extensions.hash(hello.signature_algorithms.octets()),
                            [&hello] { return text_of_extensions(hello); });
    return written;
}

}  // namespace turnpike::proto
