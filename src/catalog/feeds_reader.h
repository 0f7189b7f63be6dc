// Reads feeds.yaml: the lists that vendors publish for machines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/mistakes.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// The file that holds them in a catalog directory.
constexpr std::string_view feeds_file = "feeds.yaml";

/// The feeds of the file's text; what is wrong goes to `mistakes`.
std::vector<Feed> read_feeds(const std::string& text, Mistakes& mistakes);

}  // namespace turnpike::catalog
