#include "app/live_catalog.h"

namespace turnpike::app {

LiveCatalog::LiveCatalog(const std::vector<std::filesystem::path>& places,
                         const AnalyzeOptions& options)
    : catalog_(load_catalog(places).apply(parse_settings(options.settings))),
      revisions_(choose_revisions(catalog_, options.require)),
      index_(revisions_) {}

}  // namespace turnpike::app
