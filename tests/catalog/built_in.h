// The catalog of the tree, loaded once.
#pragma once

#include <filesystem>

#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

inline const Catalog& built_in() {
    static const Catalog catalog = load({std::filesystem::path(TURNPIKE_SOURCE_DIR) / "catalog"});
    return catalog;
}

}  // namespace turnpike::catalog
