// Finds revisions that nobody has compared with their document for too long.
#include "catalog/check_age.h"

#include <fmt/core.h>

#include <system_error>

#include "catalog/render_text.h"

namespace turnpike::catalog {
namespace {

// What nobody uses any more may be old, and what is somebody else's is not for this user to read.
bool is_ours_to_read(const Revision& revision, const Staleness& staleness) {
    std::error_code ignored;
    return revision.current &&
           (staleness.exempt.empty() ||
            !std::filesystem::equivalent(revision.file.parent_path(), staleness.exempt, ignored));
}

}  // namespace

void check_age(const Revision& revision, base::Timestamp today, const Staleness& staleness,
               std::vector<Finding>& findings) {
    if (!is_ours_to_read(revision, staleness)) {
        return;
    }
    const auto known = known_right(revision);
    if (!known) {
        findings.push_back({Severity::warning, &revision, nullptr,
                            "the source has no date; say when it was read (read_on)"});
    } else if (today - *known > staleness.after) {
        findings.push_back(
            {Severity::warning, &revision, nullptr,
             fmt::format("last known to be right on {}, {} days ago; read it again (read_on), or "
                         "add the newer revision",
                         day_text(known),
                         std::chrono::duration_cast<std::chrono::days>(today - *known).count())});
    }
}

}  // namespace turnpike::catalog
