// Finds the catalog's folders (built in, updated, the user's own), loads them, and chooses
// revisions.
#include "app/catalog_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "app/catalog_files.h"
#include "app/output.h"
#include "turnpike/base/error.h"
#include "turnpike/base/folder.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

namespace {

// The user's own catalog if there is anything in it, else empty.
std::filesystem::path own_catalog() {
    auto own = own_catalog_directory();
    std::error_code ignored;
    const bool has_entries =
        std::ranges::any_of(base::entries_of(own, ignored),
                            [](const auto& file) { return file.extension() == ".yaml"; });
    return has_entries ? own : std::filesystem::path();
}

// The public names of encrypted ClientHellos are facts about providers, so they count beside any
// catalog; empty where the program was taken away from its own.
std::vector<std::filesystem::path> built_in_public_names() {
    try {
        auto file = catalog::find_default_catalog() / "public-names.yaml";
        std::error_code ignored;
        if (std::filesystem::is_regular_file(file, ignored)) {
            return {std::move(file)};
        }
    } catch (const base::Error&) {
        return {};
    }
    return {};
}

// A folder of the XDG Base Directory Specification; empty if the user has none.
std::filesystem::path xdg_folder(const char* variable, const char* below_home) {
    // A relative path there is to be ignored.
    if (const char* place = std::getenv(variable);
        place != nullptr && std::filesystem::path(place).is_absolute()) {
        return place;
    }
    const char* home = std::getenv("HOME");
    return home == nullptr || *home == '\0' ? std::filesystem::path()
                                            : std::filesystem::path(home) / below_home;
}

}  // namespace

std::filesystem::path own_catalog_directory() {
    const auto configuration = xdg_folder("XDG_CONFIG_HOME", ".config");
    return configuration.empty() ? configuration : configuration / "turnpike/catalog";
}

std::filesystem::path updated_catalog_directory() {
    const auto data = xdg_folder("XDG_DATA_HOME", ".local/share");
    return data.empty() ? data : data / "turnpike/catalog";
}

std::optional<catalog::ReleaseNote> release_of(const std::filesystem::path& directory) {
    constexpr std::size_t longest_note = 4096;
    return catalog::parse_release_note(read_start(directory / catalog::release_file, longest_note));
}

std::filesystem::path base_catalog() {
    auto built_in = catalog::find_default_catalog();
    auto updated = updated_catalog_directory();
    const auto update = updated.empty() ? std::nullopt : release_of(updated);
    if (!update || update->format > catalog::catalog_format) {
        return built_in;
    }
    const auto shipped = release_of(built_in);
    return !shipped || update->newer_than(*shipped) ? updated : built_in;
}

std::vector<std::filesystem::path> catalog_places(
    const std::vector<std::filesystem::path>& directories) {
    if (!directories.empty()) {
        auto places = built_in_public_names();
        if (places != std::vector{directories.front()}) {
            places.insert(places.end(), directories.begin(), directories.end());
            return places;
        }
        return directories;  // what this function gave before
    }
    std::vector<std::filesystem::path> places{base_catalog()};
    if (auto own = own_catalog(); !own.empty()) {
        places.push_back(std::move(own));
    }
    return places;
}

catalog::Catalog load_catalog(const std::vector<std::filesystem::path>& directories) {
    auto places = catalog_places(directories);
    const auto updated = std::ranges::find(places, updated_catalog_directory());
    if (updated == places.end()) {
        return catalog::load(places);
    }
    try {
        return catalog::load(places);
    } catch (const base::Error& error) {
        print_error(error.what());
        print_error(fmt::format("{}: the built-in catalog is used instead",
                                base::escape(updated->string())));
        *updated = catalog::find_default_catalog();
        return catalog::load(places);
    }
}

catalog::Settings parse_settings(const std::vector<std::string>& words) {
    catalog::Settings settings;
    for (const auto& word : words) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw base::Error(base::ExitStatus::usage,
                              fmt::format("--set {}: has no name and value; write NAME=VALUE",
                                          base::escape(word)));
        }
        settings.insert_or_assign(word.substr(0, equals), word.substr(equals + 1));
    }
    return settings;
}

std::vector<const catalog::Revision*> choose_revisions(const catalog::Catalog& catalog,
                                                       const std::vector<std::string>& selectors) {
    return catalog.choose(selectors);
}

}  // namespace turnpike::app
