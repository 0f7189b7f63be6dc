// Reads whole captures in tests and keeps all that came out.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capture/capture_file.h"
#include "capture/octet_input.h"
#include "capture/support/octets.h"
#include "turnpike/base/error.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture::testing {

/// A frame with its octets kept.
struct KeptFrame {
    std::int64_t time = 0;  ///< nanoseconds since 1970
    std::uint64_t number = 0;
    std::uint32_t link_type = 0;
    std::uint32_t wire_length = 0;
    OctetVector bytes;
    friend bool operator==(const KeptFrame&, const KeptFrame&) = default;
};

struct Reading {
    std::vector<KeptFrame> frames;
    std::vector<Loss> losses;
    std::vector<std::string> cut_offs;
    Drops drops;
};

inline void keep(std::vector<KeptFrame>& kept, std::span<const Frame> batch) {
    for (const Frame& frame : batch) {
        kept.push_back({.time = frame.time.time_since_epoch().count(),
                        .number = frame.number,
                        .link_type = frame.link_type,
                        .wire_length = frame.wire_length,
                        .bytes = {frame.bytes.begin(), frame.bytes.end()}});
    }
}

inline Reading read_all(Source& source) {
    Reading reading;
    while (!source.ended()) {
        keep(reading.frames, source.next_batch());
        reading.losses.insert(reading.losses.end(), source.losses().begin(), source.losses().end());
    }
    reading.cut_offs.assign(source.cut_offs().begin(), source.cut_offs().end());
    reading.drops = source.drops();
    return reading;
}

inline Reading read_paths(const std::vector<std::string>& paths) {
    return read_all(*open_files(paths));
}

/// Octets in memory, given out in pieces of at most `piece`.
class MemoryInput final : public OctetInput {
  public:
    explicit MemoryInput(OctetVector octets, std::size_t piece = SIZE_MAX, std::string failure = {})
        : octets_(std::move(octets)), piece_(piece), failure_(std::move(failure)) {}

    std::size_t read(std::span<std::uint8_t> into) override {
        const std::size_t count = std::min({into.size(), piece_, octets_.size() - position_});
        std::copy_n(octets_.data() + position_, count, into.data());
        position_ += count;
        return count;
    }
    [[nodiscard]] const std::string& failure() const noexcept override {
        return position_ == octets_.size() ? failure_ : none_;
    }
    [[nodiscard]] std::uint64_t octets_read() const noexcept override { return position_; }

  private:
    OctetVector octets_;
    std::size_t piece_;
    std::string failure_;
    std::string none_;
    std::size_t position_ = 0;
};

/// Reads a file from memory under the name "FILE".
inline Reading read_octets(OctetVector octets, std::size_t piece = SIZE_MAX,
                           std::string failure = {}) {
    CaptureFile file("FILE",
                     std::make_unique<MemoryInput>(std::move(octets), piece, std::move(failure)));
    Reading reading;
    for (auto batch = file.next_batch(); !batch.empty(); batch = file.next_batch()) {
        keep(reading.frames, batch);
        reading.losses.insert(reading.losses.end(), file.losses().begin(), file.losses().end());
    }
    reading.losses.insert(reading.losses.end(), file.losses().begin(), file.losses().end());
    if (!file.cut_off().empty()) {
        reading.cut_offs.push_back(file.cut_off());
    }
    reading.drops = file.drops();
    return reading;
}

/// The message and status of the error that a call ends in; "" if it ends well.
template <typename Call>
std::pair<std::string, int> error_of(Call call) {
    try {
        call();
    } catch (const base::Error& error) {
        return {error.what(), static_cast<int>(error.status())};
    }
    return {};
}

/// A directory that goes away with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string path = (std::filesystem::temp_directory_path() / "turnpike-XXXXXX").string();
        path_ = ::mkdtemp(path.data());
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::string write(const std::string& name, const OctetVector& octets) const {
        std::ofstream file(path(name), std::ios::binary);
        file.write(reinterpret_cast<const char*>(octets.data()),
                   static_cast<std::streamsize>(octets.size()));
        return path(name);
    }

  private:
    std::string path_;
};

}  // namespace turnpike::capture::testing
