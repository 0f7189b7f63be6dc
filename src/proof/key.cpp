// Loads the shared key from its file, and makes codes under it (HMAC).
#include "turnpike/proof/key.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "turnpike/base/error.h"

namespace turnpike::proof {
namespace {

using base::Error;
using base::ExitStatus;

constexpr std::size_t least_octets = 16;
constexpr std::size_t most_octets = 4096;

bool is_space(std::uint8_t octet) {
    return octet == '\n' || octet == '\r' || octet == ' ' || octet == '\t';
}

}  // namespace

Key Key::load(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: {}; make a key with: (umask 077; openssl rand -hex 32 > {})",
                                file.string(), std::strerror(errno), file.string()));
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Error(ExitStatus::no_permission,
                    fmt::format("{}: others may read this key; chmod 600 {}", file.string(),
                                file.string()));
    }
    std::ifstream stream(file, std::ios::binary);
    std::vector<std::uint8_t> octets{std::istreambuf_iterator<char>(stream), {}};
    if (stream.bad() || !stream.is_open()) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("{}: the key cannot be read", file.string()));
    }
    while (!octets.empty() && is_space(octets.back())) {
        octets.pop_back();
    }
    if (octets.size() < least_octets || octets.size() > most_octets) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: a key has {} to {} octets, this one has {}; make one with: "
                                "openssl rand -hex 32",
                                file.string(), least_octets, most_octets, octets.size()));
    }
    return Key(std::move(octets));
}

Code Key::code(base::Bytes message) const {
    Code code{};
    unsigned length = 0;
    ::HMAC(::EVP_sha256(), octets_.data(), static_cast<int>(octets_.size()), message.data(),
           message.size(), code.data(), &length);
    return code;
}

bool equal(base::Bytes a, base::Bytes b) noexcept {
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace turnpike::proof
