// `turnpike catalog update`: fetches a release, checks its signature and content, and puts it in
// place.
#include "app/catalog_update.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/catalog_choice.h"
#include "app/catalog_fetch.h"
#include "app/catalog_files.h"
#include "app/output.h"
#include "turnpike/base/printable.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/diff.h"
#include "turnpike/catalog/release.h"

#ifndef TURNPIKE_CATALOG_KEY
#define TURNPIKE_CATALOG_KEY ""
#endif

namespace turnpike::app {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ExitStatus;

// minisign's name for the signature of a file.
constexpr const char* signature_ending = ".minisig";
constexpr const char* built_in_key = TURNPIKE_CATALOG_KEY;
constexpr const char* system_key = "/etc/turnpike/catalog.pub";

std::string read_from(const std::string& from, const FetchLimits& limits) {
    return from.starts_with("https://") ? fetch(from, {}, limits).text : read_whole(from);
}

bool is_file(const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored);
}

// The key of the command line alone, else every key that was installed: by whoever built the
// program, by the machine's administrator, by the user.
std::vector<std::string> trusted_keys(const std::string& given) {
    if (!given.empty()) {
        return {is_file(given) ? read_whole(given) : given};
    }
    std::vector<std::string> keys;  // NOLINT(misc-const-correctness): clang-tidy 19 errs
    if (*built_in_key != '\0') {
        keys.emplace_back(built_in_key);
    }
    for (const auto& file :
         {fs::path(system_key), own_catalog_directory().parent_path() / "catalog.pub"}) {
        if (is_file(file)) {
            keys.push_back(read_whole(file));
        }
    }
    if (keys.empty()) {
        throw Error(ExitStatus::usage,
                    fmt::format("catalog update: no public key to trust is installed; give the "
                                "publisher's with --key, or put it into {}",
                                system_key));
    }
    return keys;
}

void refuse_older(const catalog::ReleaseNote& offered, const std::string& from) {
    const auto installed = release_of(base_catalog());
    if (installed && !offered.newer_than(*installed)) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: release {} is not newer than {}, which is installed; nothing "
                                "is installed",
                                base::escape(from), offered.release, installed->release));
    }
}

// A folder beside the one to be replaced, gone again unless it took its place.
class Draft {
  public:
    explicit Draft(fs::path place) : place_(std::move(place)), draft_(place_) {
        draft_ += fmt::format(".{}.new", ::getpid());
        std::error_code error;
        fs::create_directories(draft_, error);
        if (error) {
            fail(error);
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        std::error_code ignored;
        fs::remove_all(draft_, ignored);
    }

    [[nodiscard]] const fs::path& folder() const noexcept { return draft_; }

    void install() {
        auto before = place_;
        before += ".old";
        std::error_code error;
        fs::remove_all(before, error);
        if (fs::exists(place_, error)) {
            fs::rename(place_, before, error);
        }
        fs::rename(draft_, place_, error);
        if (error) {
            std::error_code ignored;
            fs::rename(before, place_, ignored);
            fail(error);
        }
        fs::remove_all(before, error);
    }

  private:
    [[noreturn]] void fail(const std::error_code& error) const {
        throw Error(ExitStatus::cannot_create,
                    fmt::format("{}: {}", base::escape(place_.string()), error.message()));
    }
    fs::path place_;
    fs::path draft_;
};

// What is signed may still be wrong: it must load, and hold no error.
catalog::Catalog load_checked(const fs::path& folder, const std::string& from) {
    auto loaded = catalog::load({folder});
    const auto today = base::now();
    for (const auto& finding : catalog::check(loaded, today)) {
        if (finding.severity == catalog::Severity::error) {
            throw Error(ExitStatus::bad_input,
                        fmt::format("{}: {}: {}; nothing is installed", base::escape(from),
                                    finding.revision->selector(), finding.text));
        }
    }
    return loaded;
}

std::string summary(const catalog::Catalog& before, const catalog::Catalog& after) {
    std::size_t fresh = 0;
    std::size_t gone = 0;
    std::size_t changed = 0;
    for (const auto& change : catalog::diff(before, after)) {
        auto& count = change.before == nullptr ? fresh : change.after == nullptr ? gone : changed;
        ++count;
    }
    return fmt::format("{}, {} new, {} changed, {} gone",
                       base::counted(after.revisions().size(), "revision"), fresh, changed, gone);
}

}  // namespace

ExitStatus update_catalog(const CatalogOptions& options) {
    const auto place = updated_catalog_directory();
    if (place.empty()) {
        throw Error(ExitStatus::cannot_create,
                    "catalog update: nowhere to install to; set HOME or XDG_DATA_HOME");
    }
    const auto keys = trusted_keys(options.key);
    const auto& from = options.from;
    const auto release = catalog::open_release(read_from(from, options.limits),
                                               read_from(from + signature_ending, options.limits),
                                               keys, base::escape(from));
    refuse_older(release.note, from);
    Draft draft(place);
    for (const auto& [name, text] : release.files) {
        replace_file(draft.folder() / name, text);
    }
    const auto after = load_checked(draft.folder(), from);
    const auto change = summary(catalog::load({base_catalog()}), after);
    draft.install();
    write_out(fmt::format("catalog release {} ({}) is installed: {}\n", release.note.release,
                          base::escape(release.comment), change));
    return ExitStatus::done;
}

}  // namespace turnpike::app
