// A sample run handed to the live writer bit by bit, and what a database says, for comparison.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/sample_run.h"
#include "turnpike/store/live_writer.h"

namespace turnpike::test {

/// Indexes of what changed in a sample, to begin with everything.
struct LiveChanges {
    explicit LiveChanges(const SampleRun& sample);

    std::vector<std::uint32_t> flows;
    std::vector<std::uint32_t> verdicts;
    std::vector<std::uint32_t> dns;
    std::vector<std::uint32_t> hellos;
    std::vector<std::uint32_t> stun;
    std::vector<std::uint32_t> rtp;
    std::vector<std::uint32_t> icmp;

    /// Nothing changed but the result as a whole.
    void clear();
    [[nodiscard]] store::Changes of(const SampleRun& sample) const;
};

/// The first column of the first row; NULL is "NULL".
std::string scalar(store::Database& database, const std::string& sql);
/// The rows of all views of a run as text, in the order of the file. Of the run itself only the
/// figures.
std::vector<std::string> content_of(const std::filesystem::path& path, std::int64_t run);

}  // namespace turnpike::test
