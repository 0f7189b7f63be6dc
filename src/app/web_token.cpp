// Reads the secret of the live page from its file, or makes a new one.
#include "app/web_token.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "app/random_octets.h"
#include "turnpike/base/descriptor.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

constexpr std::size_t shortest = 22;  // 128 bits in base64
constexpr std::size_t longest = 256;

bool fits_a_cookie(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

std::string read_token(const base::Descriptor& file, const std::string& name) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        throw Error(ExitStatus::cannot_open, fmt::format("{}: is no plain file", name));
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Error(ExitStatus::no_permission,
                    fmt::format("{}: others may read this token; delete the file (the next start "
                                "makes a new one), or chmod 600 it",
                                name));
    }
    std::array<char, longest> octets{};
    const ssize_t count = ::read(file.get(), octets.data(), octets.size());
    std::string token(octets.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    while (token.ends_with('\n')) {
        token.pop_back();
    }
    if (token.size() < shortest || !std::ranges::all_of(token, fits_a_cookie)) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: holds no token (22 letters and digits or more); delete the "
                                "file, and the next start makes one",
                                name));
    }
    return token;
}

std::string random_token() {
    std::string token;
    for (const auto octet : random_octets<16>()) {
        token += fmt::format("{:02x}", octet);
    }
    return token;
}

}  // namespace

WebToken web_token(const std::filesystem::path& path) {
    const auto name = base::escape(path.string());
    if (const auto file = base::Descriptor(
            ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK))) {
        return {read_token(file, name), false};
    }
    if (errno != ENOENT) {
        throw Error(ExitStatus::cannot_open, fmt::format("{}: {}", name, std::strerror(errno)));
    }
    const base::Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    auto token = random_token();
    const auto line = token + "\n";
    if (!file ||
        ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw Error(ExitStatus::cannot_create, fmt::format("{}: {}", name, std::strerror(errno)));
    }
    return {std::move(token), true};
}

}  // namespace turnpike::app
