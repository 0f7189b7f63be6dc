// Reads minisign's keys and signatures, and verifies them with OpenSSL.
#include "catalog/minisign.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "catalog/syntax.h"

namespace turnpike::catalog {
namespace {

using Octets = std::vector<unsigned char>;

constexpr std::string_view untrusted_head = "untrusted comment:";
constexpr std::string_view trusted_head = "trusted comment: ";
constexpr std::size_t algorithm_octets = 2;
constexpr std::size_t id_octets = 8;
constexpr std::size_t signature_octets = 64;
constexpr std::size_t digest_octets = 64;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (!line.empty()) {
            lines.push_back(line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// RFC 4648 4; nothing unless it yields that many octets.
std::optional<Octets> from_base64(std::string_view text, std::size_t octets) {
    text = trim(text);
    const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
    if (text.size() % 4 != 0 || text.size() / 4 * 3 != octets + padding) {
        return std::nullopt;
    }
    Octets decoded(text.size() / 4 * 3);
    const auto size =
        ::EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                          static_cast<int>(text.size()));
    if (size < 0) {
        return std::nullopt;
    }
    decoded.resize(octets);
    return decoded;
}

Octets octets_of(std::string_view text) {
    return {text.begin(), text.end()};
}

std::optional<Octets> blake2b(const Octets& message) {
    Octets digest(digest_octets);
    unsigned size = 0;
    const bool done = ::EVP_Digest(message.data(), message.size(), digest.data(), &size,
                                   ::EVP_blake2b512(), nullptr) == 1;
    return done && size == digest_octets ? std::optional(std::move(digest)) : std::nullopt;
}

bool verify(const PublicKey& key, const Octets& signature, const Octets& message) {
    const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> point(
        ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.point.data(),
                                      key.point.size()),
        ::EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                            ::EVP_MD_CTX_free);
    return point != nullptr && context != nullptr &&
           ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, point.get()) == 1 &&
           ::EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                              message.size()) == 1;
}

}  // namespace

std::optional<PublicKey> parse_public_key(std::string_view text) {
    const auto lines = lines_of(text);
    if (lines.empty()) {
        return std::nullopt;
    }
    PublicKey key;
    const auto octets = from_base64(lines.back(), algorithm_octets + id_octets + key.point.size());
    if (!octets || (*octets)[0] != 'E' || (*octets)[1] != 'd') {
        return std::nullopt;
    }
    const auto id = octets->begin() + algorithm_octets;
    std::copy(id, id + id_octets, key.id.begin());
    std::copy(id + id_octets, octets->end(), key.point.begin());
    return key;
}

std::expected<std::string, std::string> verify_minisign(std::string_view content,
                                                        std::string_view signature,
                                                        const PublicKey& key) {
    const auto lines = lines_of(signature);
    if (lines.size() != 4 || !lines[0].starts_with(untrusted_head) ||
        !lines[2].starts_with(trusted_head)) {
        return std::unexpected("the signature is not of minisign's form");
    }
    const auto made = from_base64(lines[1], algorithm_octets + id_octets + signature_octets);
    auto over_comment = from_base64(lines[3], signature_octets);
    if (!made || !over_comment || (*made)[0] != 'E' || ((*made)[1] != 'd' && (*made)[1] != 'D')) {
        return std::unexpected("the signature is not of minisign's form");
    }
    const auto id = made->begin() + algorithm_octets;
    if (!std::equal(key.id.begin(), key.id.end(), id)) {
        return std::unexpected("signed with another key");
    }
    const Octets own(id + id_octets, made->end());
    // "ED" signs the digest, "Ed", of older versions, the content itself.
    const auto message =
        (*made)[1] == 'D' ? blake2b(octets_of(content)) : std::optional(octets_of(content));
    if (!message || !verify(key, own, *message)) {
        return std::unexpected("the signature does not hold");
    }
    const auto comment = lines[2].substr(trusted_head.size());
    auto commented = own;
    commented.insert(commented.end(), comment.begin(), comment.end());
    if (!verify(key, *over_comment, commented)) {
        return std::unexpected("the signature's comment was changed");
    }
    return std::string(comment);
}

}  // namespace turnpike::catalog
