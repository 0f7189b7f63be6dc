// Releases of the catalog apart from the program: an archive and a signature of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/time.h"

namespace turnpike::catalog {

/// The newest form of catalog files that this program reads. A key that older programs refuse makes
/// it larger by one.
constexpr unsigned catalog_format = 1;

/// The file that says which release a catalog directory is.
constexpr std::string_view release_file = "RELEASE";

/// "format: 1" and "release: 2026-11-22" or, the second of a day, "release: 2026-11-22.2".
struct ReleaseNote {
    unsigned format = 0;  ///< see catalog_format
    std::string release;  ///< as written
    base::Timestamp day;
    unsigned number = 1;  ///< among those of the day
    /// Whether this one came out later.
    [[nodiscard]] bool newer_than(const ReleaseNote& other) const noexcept;
};
/// Nothing if the text is no such note. Lines of other keys are passed over: a later program may
/// have written them.
std::optional<ReleaseNote> parse_release_note(std::string_view text);

/// A release whose signature held.
struct Release {
    ReleaseNote note;
    std::string comment;                       ///< that the signature vouches for; escape it
    std::map<std::string, std::string> files;  ///< name to text: catalog files and the note
};

/// Verifies and unpacks a release; nothing of the archive is looked at before its signature holds.
/// `keys`: public keys in minisign's form, of which one must have signed. `file` is only a name.
/// Throws base::Error (bad_input) with one line: no key fits, the signature is bad, a newer format,
/// or something in the archive that does not belong into a catalog.
Release open_release(std::string_view archive, std::string_view signature,
                     const std::vector<std::string>& keys, const std::string& file);

}  // namespace turnpike::catalog
