// Derives Initial keys and removes the protection with OpenSSL's EVP: RFC 9001 5, RFC 5869
// (HKDF), RFC 2104 (HMAC).
#include "turnpike/proto/quic_crypto.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "proto/quic_versions.h"
#include "turnpike/base/cursor.h"
#include "turnpike/base/error.h"

namespace turnpike::proto {

using base::Bytes;
using base::ParseError;
using base::Result;

namespace {

constexpr std::size_t hash_size = 32;    // SHA-256
constexpr std::size_t hash_block = 64;   // SHA-256, RFC 2104 2
constexpr std::size_t tag_size = 16;     // RFC 9001 5.3
constexpr std::size_t sample_size = 16;  // RFC 9001 5.4.2
constexpr std::size_t max_packet = std::size_t{1} << 16U;
constexpr std::size_t largest_number_size = 4;  // RFC 9000 17.1

using Hash = std::array<std::uint8_t, hash_size>;

struct Free {
    void operator()(EVP_MD* p) const noexcept { EVP_MD_free(p); }
    void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
    void operator()(EVP_CIPHER* p) const noexcept { EVP_CIPHER_free(p); }
    void operator()(EVP_CIPHER_CTX* p) const noexcept { EVP_CIPHER_CTX_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// RFC 9000 A.3: the full packet number nearest to the one expected.
std::uint64_t full_packet_number(std::uint64_t sent, unsigned octets,
                                 std::uint64_t largest) noexcept {
    const std::uint64_t expected = largest + 1;
    const std::uint64_t window = std::uint64_t{1} << (8U * octets);
    const std::uint64_t candidate = (expected & ~(window - 1)) | sent;
    if (candidate + window / 2 <= expected) {
        return candidate + window;
    }
    if (candidate > expected + window / 2 && candidate >= window) {
        return candidate - window;
    }
    return candidate;
}

}  // namespace

/// OpenSSL's objects, fetched and made once.
class QuicOpener::Library {
  public:
    Library()
        : sha256_(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)),
          digest_(EVP_MD_CTX_new()),
          gcm_(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)),
          ecb_(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)),
          opening_(EVP_CIPHER_CTX_new()),
          masking_(EVP_CIPHER_CTX_new()),
          plain_(max_packet) {
        const bool made = sha256_ && digest_ && gcm_ && ecb_ && opening_ && masking_;
        // Algorithm and context meet here once; later only keys change.
        if (!made || EVP_DigestInit_ex2(digest_.get(), sha256_.get(), nullptr) != 1 ||
            EVP_DecryptInit_ex2(opening_.get(), gcm_.get(), nullptr, nullptr, nullptr) != 1 ||
            EVP_EncryptInit_ex2(masking_.get(), ecb_.get(), nullptr, nullptr, nullptr) != 1) {
            throw base::Error{base::ExitStatus::io_error,
                              "OpenSSL offers no SHA-256 or AES-128-GCM; QUIC cannot be read"};
        }
    }

    /// RFC 2104 2: H(K ^ opad, H(K ^ ipad, text)). The key is at most a block long.
    Hash hmac(Bytes key, Bytes text) noexcept {
        std::array<std::uint8_t, hash_block> inner{};
        std::array<std::uint8_t, hash_block> outer{};
        std::ranges::copy(key, inner.begin());
        std::ranges::copy(key, outer.begin());
        for (std::size_t i = 0; i < hash_block; ++i) {
            inner[i] ^= 0x36U;
            outer[i] ^= 0x5cU;
        }
        return hash(outer, hash(inner, text));
    }

    /// RFC 8446 7.1: HKDF-Expand-Label with an empty context; one block is always enough here.
    Hash expand_label(const Hash& secret, std::string_view label, std::size_t length) noexcept {
        constexpr std::string_view prefix = "tls13 ";
        std::array<std::uint8_t, 40> info{};
        std::size_t size = 0;
        const auto put = [&](std::uint8_t octet) { info[size++] = octet; };
        put(0);
        put(static_cast<std::uint8_t>(length));
        put(static_cast<std::uint8_t>(prefix.size() + label.size()));
        for (const char c : prefix) {
            put(static_cast<std::uint8_t>(c));
        }
        for (const char c : label) {
            put(static_cast<std::uint8_t>(c));
        }
        put(0);  // context
        put(1);  // RFC 5869 2.3: the counter of the first block
        return hmac(secret, Bytes{info}.first(size));
    }

    /// RFC 9001 5.4.3: the mask that hides the first octet and the packet number.
    bool mask(const std::array<std::uint8_t, 16>& key, Bytes sample,
              std::array<std::uint8_t, 16>& out) noexcept {
        int written = 0;
        return EVP_EncryptInit_ex2(masking_.get(), nullptr, key.data(), nullptr, nullptr) == 1 &&
               EVP_EncryptUpdate(masking_.get(), out.data(), &written, sample.data(),
                                 static_cast<int>(sample_size)) == 1;
    }

    /// AES-128-GCM; `sealed` ends with the tag. The plaintext, or an empty view with false.
    bool open(const std::array<std::uint8_t, 16>& key, const std::array<std::uint8_t, 12>& nonce,
              Bytes associated, Bytes sealed, Bytes& plain) noexcept {
        const Bytes text = sealed.first(sealed.size() - tag_size);
        std::array<std::uint8_t, tag_size> tag{};
        std::ranges::copy(sealed.last(tag_size), tag.begin());
        EVP_CIPHER_CTX* const context = opening_.get();
        int written = 0;
        int last = 0;
        const bool good =
            EVP_DecryptInit_ex2(context, nullptr, key.data(), nonce.data(), nullptr) == 1 &&
            EVP_DecryptUpdate(context, nullptr, &written, associated.data(),
                              static_cast<int>(associated.size())) == 1 &&
            EVP_DecryptUpdate(context, plain_.data(), &written, text.data(),
                              static_cast<int>(text.size())) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_size),
                                tag.data()) == 1 &&
            EVP_DecryptFinal_ex(context, plain_.data() + written, &last) == 1;
        plain = good ? Bytes{plain_}.first(text.size()) : Bytes{};
        return good;
    }

  private:
    Hash hash(Bytes first, Bytes second) noexcept {
        Hash result{};
        EVP_MD_CTX* const context = digest_.get();
        // A digest of memory cannot fail once its context was made.
        EVP_DigestInit_ex2(context, nullptr, nullptr);
        EVP_DigestUpdate(context, first.data(), first.size());
        EVP_DigestUpdate(context, second.data(), second.size());
        EVP_DigestFinal_ex(context, result.data(), nullptr);
        return result;
    }

    Owned<EVP_MD> sha256_;
    Owned<EVP_MD_CTX> digest_;
    Owned<EVP_CIPHER> gcm_;
    Owned<EVP_CIPHER> ecb_;
    Owned<EVP_CIPHER_CTX> opening_;
    Owned<EVP_CIPHER_CTX> masking_;
    std::vector<std::uint8_t> plain_;
};

QuicOpener::QuicOpener() : library_(std::make_unique<Library>()) {
    header_.reserve(max_packet + max_quic_id + 1);  // opening allocates nothing
}
QuicOpener::~QuicOpener() = default;
QuicOpener::QuicOpener(QuicOpener&&) noexcept = default;
QuicOpener& QuicOpener::operator=(QuicOpener&&) noexcept = default;

Result<QuicInitialKeys> QuicOpener::derive(std::uint32_t version, Bytes destination_id,
                                           QuicSide sender) noexcept {
    const QuicVersionTraits* const traits = quic_version_traits(version);
    if (traits == nullptr) {
        return std::unexpected{ParseError::bad_version};
    }
    if (destination_id.size() > max_quic_id) {
        return std::unexpected{ParseError::bad_value};
    }
    // RFC 9001 5.2: secret of the connection, of the sender, then its keys.
    const Hash initial = library_->hmac(traits->salt, destination_id);
    const Hash secret = library_->expand_label(
        initial, sender == QuicSide::client ? "client in" : "server in", hash_size);
    QuicInitialKeys keys;
    const auto fill = [&](auto& out, std::string_view label) {
        std::ranges::copy_n(library_->expand_label(secret, label, out.size()).begin(),
                            static_cast<std::ptrdiff_t>(out.size()), out.begin());
    };
    fill(keys.key, traits->key_label);
    fill(keys.iv, traits->iv_label);
    fill(keys.header_protection, traits->header_protection_label);
    return keys;
}

Result<QuicOpened> QuicOpener::open(const QuicPacket& packet, const QuicInitialKeys& keys,
                                    std::uint64_t largest) noexcept {
    const std::size_t number_at = packet.packet_number_offset;
    const Bytes bytes = packet.bytes;
    if (bytes.size() > max_packet) {
        return std::unexpected{ParseError::limit};
    }
    if (number_at == 0 || bytes.size() < number_at + largest_number_size + sample_size) {
        return std::unexpected{ParseError::truncated};
    }
    std::array<std::uint8_t, 16> mask{};
    const Bytes sample = bytes.subspan(number_at + largest_number_size, sample_size);
    if (!library_->mask(keys.header_protection, sample, mask)) {
        return std::unexpected{ParseError::bad_checksum};
    }
    // The header as it was before protection is what the tag covers (RFC 9001 5.3, 5.4.1). Tokens
    // are the only part without bound.
    const std::uint8_t first = bytes[0] ^ (mask[0] & 0x0fU);
    const unsigned number_size = (first & 3U) + 1U;
    header_.assign(bytes.begin(),
                   bytes.begin() + static_cast<std::ptrdiff_t>(number_at + number_size));
    header_[0] = first;
    std::uint64_t number = 0;
    for (unsigned i = 0; i < number_size; ++i) {
        header_[number_at + i] ^= mask[1 + i];
        number = (number << 8U) | header_[number_at + i];
    }
    number = full_packet_number(number, number_size, largest);
    std::array<std::uint8_t, 12> nonce = keys.iv;
    for (unsigned i = 0; i < 8; ++i) {
        nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8U * i));
    }
    QuicOpened opened;
    opened.packet_number = number;
    if (!library_->open(keys.key, nonce, header_, bytes.subspan(number_at + number_size),
                        opened.payload)) {
        return std::unexpected{ParseError::bad_checksum};
    }
    return opened;
}

}  // namespace turnpike::proto
