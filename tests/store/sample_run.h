// A hand-made observation and its verdicts: one vendor with every status, for the tests of the
// store and of the reports.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike::test {

/// A directory of its own that goes away with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "turnpike-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

/// 2026-11-21 09:05:00 UTC and so many milliseconds.
base::Timestamp at(std::int64_t milliseconds);
facts::PacketMark mark(std::uint64_t number, std::int64_t milliseconds);
base::Endpoint endpoint(std::string_view address, std::uint16_t port);

/// The catalog of the sample: acme/meet@2026-01-01 with six rules, and acme/closed@2026-01-01 that
/// cannot be allow-listed, and other/phone@2026-02-02 that nothing in the sample touches.
struct SampleRun {
    SampleRun();
    SampleRun(const SampleRun&) = delete;
    SampleRun& operator=(const SampleRun&) = delete;

    catalog::Revision meet;
    catalog::Revision closed;
    catalog::Revision phone;
    facts::Observation observation;
    verdict::RunResult result;
    store::RunStart start;

    /// Writes it all as one complete run and returns its run_id.
    std::int64_t write(const std::filesystem::path& path) const;
};

}  // namespace turnpike::test
