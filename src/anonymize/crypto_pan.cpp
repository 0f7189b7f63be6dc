// Crypto-PAn with OpenSSL's AES: one block encrypted for each bit of an address.
#include "turnpike/anonymize/crypto_pan.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <unordered_map>

#include "turnpike/base/error.h"

namespace turnpike::anonymize {
namespace {

[[noreturn]] void fail(const char* what) {
    throw base::Error(base::ExitStatus::io_error,
                      std::string("OpenSSL: ") + what + "; check its configuration");
}

}  // namespace

Key random_key() {
    Key key{};
    if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
        fail("no random octets");
    }
    return key;
}

struct CryptoPan::Cipher {
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER_CTX, Free> context{EVP_CIPHER_CTX_new()};
    Key key{};
    std::unordered_map<base::IpAddress, base::IpAddress> known;
};

CryptoPan::CryptoPan(const Key& key) : cipher_(std::make_unique<Cipher>()) {
    cipher_->key = key;
    auto* const context = cipher_->context.get();
    if (context == nullptr ||
        EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, key.data(), nullptr) != 1) {
        fail("no AES-128");
    }
    EVP_CIPHER_CTX_set_padding(context, 0);
    Block second{};
    std::copy_n(key.begin() + 16, second.size(), second.begin());
    pad_ = encrypt(second);
}

CryptoPan::~CryptoPan() = default;

CryptoPan::Block CryptoPan::encrypt(const Block& block) {
    Block result{};
    int length = 0;
    if (EVP_EncryptUpdate(cipher_->context.get(), result.data(), &length, block.data(),
                          static_cast<int>(block.size())) != 1) {
        fail("AES-128 failed");
    }
    return result;
}

base::IpAddress CryptoPan::map(const base::IpAddress& address) {
    if (!address) {
        return address;
    }
    if (const auto known = cipher_->known.find(address); known != cipher_->known.end()) {
        return known->second;
    }
    const auto octets = address.octets();
    Block mapped{};
    // Each bit is flipped or not by a function of the bits before it.
    Block input = pad_;
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        const std::size_t octet = bit / 8;
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        const bool flip = (encrypt(input)[0] & 0x80U) != 0;
        const bool set = (octets[octet] & mask) != 0;
        if (flip != set) {
            mapped[octet] = static_cast<std::uint8_t>(mapped[octet] | mask);
        }
        input[octet] = static_cast<std::uint8_t>((input[octet] & ~mask) | (set ? mask : 0U));
    }
    const auto result = base::IpAddress::from_octets(base::Bytes{mapped.data(), octets.size()});
    cipher_->known.emplace(address, result);
    return result;
}

std::uint64_t CryptoPan::digest(std::span<const std::uint8_t> octets) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
    unsigned length = 0;
    if (HMAC(EVP_sha256(), cipher_->key.data(), static_cast<int>(cipher_->key.size()),
             octets.data(), octets.size(), mac.data(), &length) == nullptr) {
        fail("HMAC failed");
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) {
        value = value << 8U | mac[i];
    }
    return value;
}

}  // namespace turnpike::anonymize
