// Reads public-names.yaml: the names that providers put into the clear part of encrypted
// ClientHellos.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/mistakes.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// The file that holds them in a catalog directory.
constexpr std::string_view public_names_file = "public-names.yaml";

/// The names of the file's text; what is wrong goes to `mistakes`.
std::vector<NamePattern> read_public_names(const std::string& text, Mistakes& mistakes);

}  // namespace turnpike::catalog
