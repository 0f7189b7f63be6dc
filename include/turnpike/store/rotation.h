// A run of weeks in files of bounded size and number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/time.h"

namespace turnpike::store {

/// When a growing database is put aside for a new one: at whichever comes first.
struct RotationRule {
    std::optional<base::Duration> age;    ///< of the run
    std::optional<std::uint64_t> octets;  ///< of the file with its log
    /// Sets what `other` sets: options may be repeated, the last of a kind counts.
    void merge(const RotationRule& other);
    friend bool operator==(const RotationRule&, const RotationRule&) = default;
};

/// A time, "90s", "15m", "2h" or "7d", or a size, "500M" or "2G" (K, M, G and T by 1024). Throws
/// base::Error (usage).
RotationRule parse_rotation(std::string_view text);

/// Puts NAME.db aside as NAME-20261121T150405Z.db, by when its run began (UTC), and keeps the
/// newest of those only.
class Rotation {
  public:
    /// `path`: the current database, NAME.db. `keep`: how many that were put aside stay; nothing:
    /// all.
    Rotation(std::filesystem::path path, RotationRule rule, std::optional<std::size_t> keep);

    /// Whether a run that began at `started` and now takes so many octets is to make room. After a
    /// database could not be renamed the next run in it gets a minute at least.
    [[nodiscard]] bool due(base::Timestamp started, base::Timestamp now,
                           std::uint64_t octets) const noexcept;

    /// What became of one attempt to put a database aside.
    struct Outcome {
        std::filesystem::path put_aside;   ///< the file's new name; empty if it kept its own
        std::vector<std::string> notices;  ///< what could not be done, in words, one each
    };
    /// Renames the database, which must be closed, with the log that a reader may have kept from
    /// being folded in, and deletes what is too old. Files of other names are left alone, and so is
    /// what is no regular file. Throws nothing for the file system: a database that cannot be
    /// renamed takes the next run as well.
    [[nodiscard]] Outcome rotate(base::Timestamp started);

  private:
    [[nodiscard]] std::filesystem::path free_name(base::Timestamp started) const;
    void delete_oldest(std::vector<std::string>& notices) const;

    std::filesystem::path path_;
    RotationRule rule_;
    std::optional<std::size_t> keep_;
    bool refused_ = false;  ///< the last database kept its name
};

}  // namespace turnpike::store
