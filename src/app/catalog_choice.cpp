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

}  // namespace

std::vector<std::filesystem::path> catalog_places(
    const std::vector<std::filesystem::path>& directories) {
    if (!directories.empty()) {
        return directories;
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
