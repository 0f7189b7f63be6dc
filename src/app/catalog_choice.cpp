#include "app/catalog_choice.h"

#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::app {

catalog::Catalog load_catalog(const std::vector<std::filesystem::path>& directories) {
    if (directories.empty()) {
        return catalog::load({catalog::find_default_catalog()});
    }
    return catalog::load(directories);
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
    if (selectors.empty()) {
        return catalog.current();
    }
    std::vector<const catalog::Revision*> chosen;
    for (const auto& selector : selectors) {
        for (const auto* revision : catalog.select(selector)) {
            if (std::ranges::find(chosen, revision) == chosen.end()) {
                chosen.push_back(revision);
            }
        }
    }
    return catalog.with_includes(chosen);
}

}  // namespace turnpike::app
