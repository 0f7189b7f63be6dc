// Reads or makes the key file of the anonymous outputs, and collects the catalog's names, which
// may stay.
#include "app/anonymous.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "app/catalog_choice.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

anonymize::Key new_key(const std::filesystem::path& file) {
    const auto key = anonymize::random_key();
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written = descriptor >= 0 && ::write(descriptor, key.data(), key.size()) ==
                                                static_cast<ssize_t>(key.size());
    const int error = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    if (!written) {
        throw Error(ExitStatus::cannot_create,
                    fmt::format("--key {}: {}", base::escape(file.string()), std::strerror(error)));
    }
    return key;
}

}  // namespace

anonymize::Key anonymization_key(const std::filesystem::path& file) {
    if (file.empty()) {
        return anonymize::random_key();
    }
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return new_key(file);
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw Error(ExitStatus::cannot_open,
                    fmt::format("--key {}: cannot be opened; check its permissions",
                                base::escape(file.string())));
    }
    anonymize::Key key{};
    stream.read(reinterpret_cast<char*>(key.data()), static_cast<std::streamsize>(key.size()));
    if (stream.gcount() != static_cast<std::streamsize>(key.size()) ||
        stream.peek() != std::ifstream::traits_type::eof()) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("--key {}: holds no key of 32 octets; name a file that does not "
                                "exist to make one",
                                base::escape(file.string())));
    }
    return key;
}

VendorNames::VendorNames(const std::vector<std::filesystem::path>& catalogs)
    : catalog_(load_catalog(catalogs)) {
    std::vector<const catalog::Revision*> revisions;
    for (const auto& revision : catalog_.revisions()) {
        revisions.push_back(&revision);
    }
    index_ = std::make_unique<catalog::Index>(revisions, catalog_.public_ech_names());
}

bool VendorNames::contains(std::string_view name) const {
    const auto owned = [](const catalog::NameMatch& match) { return !match.pattern->shared; };
    return std::ranges::any_of(index_->match_name(name), owned) ||
           // What stands behind the star of a pattern.
           std::ranges::any_of(index_->match_name("x." + std::string(name)), owned);
}

}  // namespace turnpike::app
