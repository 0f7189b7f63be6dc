// The addresses that a result database shows for the names of requirements.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "turnpike/catalog/export.h"
#include "turnpike/store/reader.h"

namespace turnpike::app {

/// Names and addresses of a run, and the flows that were taken for a rule without showing a name.
class Sightings {
  public:
    /// Reads the views of the run; throws base::Error.
    Sightings(store::Reader& reader, std::int64_t run);

    /// The addresses of the names of an entry's rule, each name once: what a DNS answer said is no
    /// mere claim.
    [[nodiscard]] std::vector<catalog::SeenAddress> of(const catalog::ExportEntry& entry) const;

  private:
    void add_name(const std::string& name, const std::string& address, bool claimed);
    void add_nameless(const catalog::ExportEntry& entry,
                      std::set<catalog::SeenAddress>& found) const;

    std::set<catalog::SeenAddress> named_;
    std::multimap<std::string, std::string> nameless_;
};

}  // namespace turnpike::app
