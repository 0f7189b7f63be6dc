// Loads the catalog of a live run, chooses its revisions and indexes them.
#include "app/live_catalog.h"

namespace turnpike::app {

LiveCatalog::LiveCatalog(const std::vector<std::filesystem::path>& places,
                         const AnalyzeOptions& options)
    : catalog_(load_catalog(places).apply(parse_settings(options.settings), options.require)),
      revisions_(choose_revisions(catalog_, options.require)),
      index_(revisions_, catalog_.public_ech_names()) {}

}  // namespace turnpike::app
