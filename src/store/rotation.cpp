// Parses `--rotate`, names files by the time of their run, and deletes the oldest.
#include "turnpike/store/rotation.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>
#include <utility>

#include "store/database.h"
#include "turnpike/base/error.h"
#include "turnpike/base/folder.h"
#include "turnpike/base/text.h"

namespace turnpike::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<char, std::int64_t>, 4> seconds_of{
    {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}}};
constexpr std::array<std::pair<char, unsigned>, 4> bits_of{
    {{'K', 10}, {'M', 20}, {'G', 30}, {'T', 40}}};

// Its size alone would make a file that keeps its name due again at once.
constexpr std::chrono::minutes pause_after_refusal{1};

// Beside a database SQLite may keep a log, its index, and a journal. The log goes before the file:
// a database must never find another one's log.
constexpr std::array<const char*, 3> companions{"-wal", "-shm", "-journal"};

// "20261121T150405Z"
std::string stamp(base::Timestamp time) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(
                           std::chrono::time_point_cast<std::chrono::system_clock::duration>(
                               std::chrono::floor<std::chrono::seconds>(time)))));
}

bool digits(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A file that was put aside, in order of age.
struct Aside {
    std::string stamp;
    unsigned twin = 1;  // the second of one stamp is "-2"
    fs::path path;
    [[nodiscard]] auto age() const { return std::tie(stamp, twin); }
};

// Reads what stands between NAME and its extension: "-20261121T150405Z" or "-20261121T150405Z-2".
std::optional<Aside> parse_aside(std::string_view middle) {
    constexpr std::size_t length = 17;
    if (middle.size() < length || middle[0] != '-' || !digits(middle.substr(1, 8)) ||
        middle[9] != 'T' || !digits(middle.substr(10, 6)) || middle[16] != 'Z') {
        return std::nullopt;
    }
    Aside aside{std::string(middle.substr(1, length - 1)), 1, {}};
    const std::string_view rest = middle.substr(length);
    if (rest.empty()) {
        return aside;
    }
    if (rest[0] != '-' || !digits(rest.substr(1))) {
        return std::nullopt;
    }
    const auto [end, error] =
        std::from_chars(rest.data() + 1, rest.data() + rest.size(), aside.twin);
    // As `free_name` writes it, so without zeros in front.
    return error == std::errc{} && aside.twin >= 2 && rest[1] != '0' ? std::optional{aside}
                                                                     : std::nullopt;
}

std::vector<Aside> put_aside_so_far(const fs::path& path, std::error_code& error) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const std::string stem = path.stem().string();
    const std::string extension = path.extension().string();
    std::vector<Aside> found;
    for (const auto& entry : base::entries_of(folder, error)) {
        const std::string name = entry.filename().string();
        if (name.size() < stem.size() + extension.size() || !name.starts_with(stem) ||
            !name.ends_with(extension)) {
            continue;
        }
        auto aside = parse_aside(std::string_view(name).substr(
            stem.size(), name.size() - stem.size() - extension.size()));
        std::error_code ignored;
        if (aside && fs::is_regular_file(fs::symlink_status(entry, ignored))) {
            aside->path = entry;
            found.push_back(std::move(*aside));
        }
    }
    std::ranges::sort(found, {}, &Aside::age);
    return found;
}

fs::path with(const fs::path& path, const char* suffix) {
    return path.string() + suffix;
}

// Renames what stands beside the database as well; all of it or nothing.
std::error_code rename_all(const fs::path& from, const fs::path& to) {
    std::error_code error;
    std::vector<const char*> moved;
    for (const char* suffix : {companions[0], companions[1], companions[2], ""}) {
        std::error_code ignored;
        if (*suffix != '\0' && !fs::exists(with(from, suffix), ignored)) {
            continue;
        }
        fs::rename(with(from, suffix), with(to, suffix), error);
        if (error) {
            break;
        }
        moved.push_back(suffix);
    }
    if (error) {
        std::error_code ignored;
        for (const char* suffix : moved) {
            fs::rename(with(to, suffix), with(from, suffix), ignored);
        }
    }
    return error;
}

}  // namespace

void RotationRule::merge(const RotationRule& other) {
    age = other.age ? other.age : age;
    octets = other.octets ? other.octets : octets;
}

RotationRule parse_rotation(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc{} && count > 0 && end + 1 == text.data() + text.size()) {
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        for (const auto& [unit, seconds] : seconds_of) {
            if (*end == unit && count <= most / 1'000'000'000 / seconds) {
                return {std::chrono::seconds{count * seconds}, std::nullopt};
            }
        }
        for (const auto& [unit, bits] : bits_of) {
            if (*end == unit && count <= most >> bits) {
                return {std::nullopt, static_cast<std::uint64_t>(count) << bits};
            }
        }
    }
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--rotate {}: is neither a time (90s, 15m, 2h, 7d) nor a size "
                                  "(500M, 2G)",
                                  base::escape(text)));
}

Rotation::Rotation(fs::path path, RotationRule rule, std::optional<std::size_t> keep)
    : path_(std::move(path)), rule_(rule), keep_(keep) {}

bool Rotation::due(base::Timestamp started, base::Timestamp now,
                   std::uint64_t octets) const noexcept {
    if (refused_ && now - started < pause_after_refusal) {
        return false;
    }
    return (rule_.age && now - started >= *rule_.age) || (rule_.octets && octets >= *rule_.octets);
}

fs::path Rotation::free_name(base::Timestamp started) const {
    const std::string stem = path_.stem().string() + "-" + stamp(started);
    for (unsigned twin = 1;; ++twin) {
        const std::string middle = twin == 1 ? "" : fmt::format("-{}", twin);
        fs::path name =
            path_.parent_path() / fmt::format("{}{}{}", stem, middle, path_.extension().string());
        const auto taken = [&](const char* suffix) {
            std::error_code ignored;
            return fs::exists(fs::symlink_status(with(name, suffix), ignored));
        };
        if (!taken("") && std::ranges::none_of(companions, taken)) {
            return name;
        }
    }
}

void Rotation::delete_oldest(std::vector<std::string>& notices) const {
    if (!keep_) {
        return;
    }
    std::error_code error;
    const auto aside = put_aside_so_far(path_, error);
    if (error) {
        notices.push_back(fmt::format("{}: older databases cannot be listed ({})", name_of(path_),
                                      error.message()));
    }
    const std::size_t surplus = aside.size() - std::min(aside.size(), *keep_);
    for (std::size_t i = 0; i < surplus; ++i) {
        for (const char* suffix : {"", companions[0], companions[1], companions[2]}) {
            fs::remove(with(aside[i].path, suffix), error);
            if (error) {
                notices.push_back(fmt::format("{}: cannot be deleted ({})",
                                              name_of(with(aside[i].path, suffix)),
                                              error.message()));
                break;
            }
        }
    }
}

Rotation::Outcome Rotation::rotate(base::Timestamp started) {
    Outcome outcome;
    const fs::path name = free_name(started);
    if (const auto error = rename_all(path_, name)) {
        outcome.notices.push_back(
            fmt::format("{}: cannot be renamed to {} ({}); it takes the next "
                        "run as well",
                        name_of(path_), name_of(name.filename()), error.message()));
    } else {
        outcome.put_aside = name;
    }
    refused_ = outcome.put_aside.empty();
    delete_oldest(outcome.notices);
    return outcome;
}

}  // namespace turnpike::store
