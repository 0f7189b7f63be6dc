#include "app/catalog_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

namespace {

// The user's own catalog, by the XDG Base Directory Specification; empty if there is none.
std::filesystem::path own_catalog() {
    std::filesystem::path configuration;
    // A relative path there is to be ignored.
    if (const char* place = std::getenv("XDG_CONFIG_HOME");
        place != nullptr && std::filesystem::path(place).is_absolute()) {
        configuration = place;
    } else if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        configuration = std::filesystem::path(home) / ".config";
    } else {
        return {};
    }
    auto own = configuration / "turnpike/catalog";
    std::error_code ignored;
    const std::filesystem::directory_iterator files(own, ignored);
    const bool has_entries = std::ranges::any_of(
        files, [](const auto& file) { return file.path().extension() == ".yaml"; });
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

}  // namespace

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
    std::vector<std::filesystem::path> places{catalog::find_default_catalog()};
    if (auto own = own_catalog(); !own.empty()) {
        places.push_back(std::move(own));
    }
    return places;
}

catalog::Catalog load_catalog(const std::vector<std::filesystem::path>& directories) {
    return catalog::load(catalog_places(directories));
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
