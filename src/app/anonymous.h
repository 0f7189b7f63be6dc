// What the anonymous outputs of `turnpike report` share: the key, and whose names may stay.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "turnpike/anonymize/anonymizer.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/index.h"

namespace turnpike::app {

/// Reads the key, or makes it and the file (mode 0600) if there is none; a random one that is kept
/// nowhere if `file` is empty. Throws base::Error: bad_input if the file holds no key, cannot_open,
/// cannot_create.
anonymize::Key anonymization_key(const std::filesystem::path& file);

/// An anonymizer that lets the names of the catalog's vendors stay, save those under patterns that
/// many share.
class VendorNames {
  public:
    /// Throws what loading a catalog throws.
    explicit VendorNames(const std::vector<std::filesystem::path>& catalogs);
    [[nodiscard]] bool contains(std::string_view name) const;

  private:
    catalog::Catalog catalog_;
    std::unique_ptr<catalog::Index> index_;
};

}  // namespace turnpike::app
