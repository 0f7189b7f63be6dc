// What pcap and pcapng have in common for a reader: records behind each other, read from a window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/capture/frame.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

/// How far a reader came in its window.
struct Step {
    /// Octets done with. More than the window holds means that what follows is to be skipped.
    std::uint64_t consumed = 0;
    /// Octets from there that the next record needs together; 0 if octets were not what ended it.
    std::size_t wanted = 0;
    /// That record is a frame, as far as its octets tell.
    bool is_frame = false;
    /// Why what stands there can be no record, as a phrase; "" if nothing was wrong.
    std::string nonsense;

    /// The octets or the room for frames ended between records.
    static Step between_records(std::uint64_t consumed) { return {consumed, 0, false, {}}; }
    static Step needs(std::uint64_t consumed, std::size_t wanted, bool is_frame) {
        return {consumed, wanted, is_frame, {}};
    }
    static Step damaged(std::uint64_t consumed, std::string nonsense) {
        return {consumed, 0, false, std::move(nonsense)};
    }
};

/// Reads the records of one file. It keeps what the file said about itself, never octets: frames
/// are views into the window.
class FileFormat {
  public:
    FileFormat() = default;
    FileFormat(const FileFormat&) = delete;
    FileFormat& operator=(const FileFormat&) = delete;
    virtual ~FileFormat() = default;

    /// Reads whole records from the front of `window` and appends their frames, numbered on from
    /// the last one, until `frames` holds `most` or the octets end. `complete` says that the file
    /// has no more than the window.
    virtual Step read(base::Bytes window, bool complete, std::vector<Frame>& frames,
                      std::size_t most) = 0;
    [[nodiscard]] virtual Drops drops() const noexcept = 0;
    /// Losses learned about since the last call of this.
    virtual std::vector<Loss> take_losses() = 0;
};

/// The reader for a file that begins with these octets (at least `file_header_size` unless the file
/// has fewer). Throws base::Error (bad_input) with `name` if it is no capture that can be read.
std::unique_ptr<FileFormat> recognize(base::Bytes head, const std::string& name);

/// pcap's file header, and the fixed part of pcapng's first block.
inline constexpr std::size_t file_header_size = 24;

/// Throws base::Error (bad_input): "NAME: not a capture file (WHY)".
[[noreturn]] void refuse_file(const std::string& name, const std::string& why);

}  // namespace turnpike::capture
