// Unpacks a release whose signature is good, within bounds.
#include "turnpike/catalog/release.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

#include "catalog/minisign.h"
#include "catalog/syntax.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

// The built-in catalog has 35 files of 0.5 MB.
constexpr std::size_t most_files = 1000;
constexpr std::size_t most_octets = std::size_t{32} << 20U;

[[noreturn]] void refuse_release(const std::string& file, const std::string& reason) {
    throw base::Error(base::ExitStatus::bad_input, fmt::format("{}: {}", file, reason));
}

// Plain names only: nothing can leave the directory that it is unpacked to.
bool is_catalog_file(std::string_view name) {
    constexpr std::string_view ending = ".yaml";
    return name == release_file ||
           (name.ends_with(ending) && name.size() > ending.size() && parse_identifier(name));
}

struct CloseArchive {
    void operator()(archive* open) const noexcept { ::archive_read_free(open); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

std::string read_entry(archive* open, std::size_t most, const std::string& file) {
    std::string text;
    std::array<char, std::size_t{64} << 10U> block{};
    for (;;) {
        const auto size = ::archive_read_data(open, block.data(), block.size());
        if (size < 0) {
            refuse_release(file, "is a damaged archive");
        }
        if (size == 0) {
            return text;
        }
        text.append(block.data(), static_cast<std::size_t>(size));
        if (text.size() > most) {
            refuse_release(file, fmt::format("unpacks to more than {} octets", most_octets));
        }
    }
}

std::map<std::string, std::string> unpack(std::string_view content, const std::string& file) {
    const Archive open(::archive_read_new());
    ::archive_read_support_format_tar(open.get());
    ::archive_read_support_filter_gzip(open.get());
    ::archive_read_support_filter_zstd(open.get());
    if (::archive_read_open_memory(open.get(), content.data(), content.size()) != ARCHIVE_OK) {
        refuse_release(file, "is no tar archive");
    }
    std::map<std::string, std::string> files;
    std::size_t left = most_octets;
    archive_entry* entry = nullptr;
    for (;;) {
        const auto result = ::archive_read_next_header(open.get(), &entry);
        if (result == ARCHIVE_EOF) {
            return files;
        }
        if (result != ARCHIVE_OK) {
            refuse_release(file, "is a damaged archive");
        }
        const char* const path = ::archive_entry_pathname(entry);
        const std::string name = path == nullptr ? "" : path;
        if (::archive_entry_filetype(entry) != AE_IFREG || !is_catalog_file(name)) {
            refuse_release(file,
                           fmt::format("{}: does not belong into a catalog", base::escape(name)));
        }
        auto text = read_entry(open.get(), left, file);
        left -= text.size();
        if (!files.emplace(name, std::move(text)).second || files.size() > most_files) {
            refuse_release(file, fmt::format("{}: stands there twice, or behind too many files",
                                             base::escape(name)));
        }
    }
}

// The comment that one of the keys vouches for.
std::string verify(std::string_view archive, std::string_view signature,
                   const std::vector<std::string>& keys, const std::string& file) {
    std::string reason = "no public key to trust is known";
    for (const auto& text : keys) {
        const auto key = parse_public_key(text);
        if (!key) {
            refuse_release(file, "a public key is not of minisign's form");
        }
        auto comment = verify_minisign(archive, signature, *key);
        if (comment) {
            return *comment;
        }
        reason = comment.error();
    }
    refuse_release(file, reason + "; nothing is installed");
}

}  // namespace

bool ReleaseNote::newer_than(const ReleaseNote& other) const noexcept {
    return std::tie(day, number) > std::tie(other.day, other.number);
}

std::optional<ReleaseNote> parse_release_note(std::string_view text) {
    ReleaseNote note;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto colon = std::min(line.find(':'), line.size());
        const auto value = trim(line.substr(std::min(colon + 1, line.size())));
        if (line.substr(0, colon) == "format") {
            note.format = parse_count(value).value_or(0);
        } else if (line.substr(0, colon) == "release") {
            note.release = value;
        }
    }
    const auto dot = std::min(note.release.find('.'), note.release.size());
    const auto day = parse_day(note.release.substr(0, dot));
    const auto number = dot == note.release.size() ? Parsed<unsigned>(1)
                                                   : parse_count(note.release.substr(dot + 1));
    if (note.format == 0 || !day || !number) {
        return std::nullopt;
    }
    note.day = *day;
    note.number = *number;
    return note;
}

Release open_release(std::string_view archive, std::string_view signature,
                     const std::vector<std::string>& keys, const std::string& file) {
    Release release;
    release.comment = verify(archive, signature, keys, file);
    release.files = unpack(archive, file);
    const auto text = release.files.find(std::string(release_file));
    const auto note = text == release.files.end() ? std::nullopt : parse_release_note(text->second);
    if (!note) {
        refuse_release(file,
                       fmt::format("holds no {} that says which release it is", release_file));
    }
    if (note->format > catalog_format) {
        refuse_release(file,
                       fmt::format("is of format {}, this program reads up to {}; update turnpike",
                                   note->format, catalog_format));
    }
    release.note = *note;
    return release;
}

}  // namespace turnpike::catalog
