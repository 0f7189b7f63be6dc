// The catalog of a live run, which may be loaded again while the run goes on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/catalog_choice.h"
#include "app/command_line.h"
#include "turnpike/catalog/index.h"

namespace turnpike::app {

/// A catalog with the chosen revisions and the index over them. Immutable.
class LiveCatalog {
  public:
    /// Reads `places`; the selectors and settings are those of the command line. Throws
    /// base::Error.
    LiveCatalog(const std::vector<std::filesystem::path>& places, const AnalyzeOptions& options);
    LiveCatalog(const LiveCatalog&) = delete;
    LiveCatalog& operator=(const LiveCatalog&) = delete;

    [[nodiscard]] const catalog::Index& index() const noexcept { return index_; }

  private:
    catalog::Catalog catalog_;
    std::vector<const catalog::Revision*> revisions_;
    catalog::Index index_;
};

}  // namespace turnpike::app
