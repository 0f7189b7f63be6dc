// What is doubtful in a catalog that loads: contradictions, over-wide names, stale documents, slips
// of the pen.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// How much a finding matters.
enum class Severity : std::uint8_t {
    error,    ///< the entry contradicts itself; it must not be shipped
    warning,  ///< most likely a mistake, or old
    note,     ///< true of the document, and good to know for a firewall's administrator
};
/// "error", "warning", "note".
std::string_view to_string(Severity value) noexcept;

/// One doubtful thing. `rule` is null where the whole revision is meant.
struct Finding {
    Severity severity = Severity::warning;
    const Revision* revision = nullptr;
    const Rule* rule = nullptr;
    std::string text;
};

/// Which revisions are old. A revision's age counts from its date or from the day on which its
/// source was last read, whichever is later.
struct Staleness {
    std::chrono::days after{366};
    /// Entries of this folder are not the user's to read again, so their age is no finding;
    /// `catalog list` and `show` tell it. Empty: every entry counts.
    std::filesystem::path exempt;
};

/// Everything doubtful, in catalog order, errors first within a revision. Points into the catalog.
std::vector<Finding> check(const Catalog& catalog, base::Timestamp today,
                           const Staleness& staleness = {});

}  // namespace turnpike::catalog
