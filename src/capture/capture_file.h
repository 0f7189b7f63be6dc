// One capture file, whatever its format and compression, as batches of frames.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/file_format.h"
#include "capture/octet_input.h"
#include "capture/read_buffer.h"
#include "turnpike/base/bytes.h"
#include "turnpike/capture/frame.h"
#include "turnpike/capture/source.h"

namespace turnpike::capture {

/// Reads one file from front to back through a buffer that grows only for a record larger than it.
class CaptureFile {
  public:
    /// Takes a stream of octets that may be compressed. `name` is for messages. Throws base::Error
    /// (bad_input) if the octets are no capture.
    CaptureFile(std::string name, std::unique_ptr<OctetInput> input);

    /// The next frames in file order, numbered from 1; valid until the next call, and the caller's
    /// to number anew. Empty at the end.
    std::span<Frame> next_batch();
    /// See Source::keep_octets.
    [[nodiscard]] std::shared_ptr<const void> keep_octets() const noexcept { return buffer_; }
    /// What was learned about losses during the last call of next_batch.
    [[nodiscard]] std::span<const Loss> losses() const noexcept { return losses_; }
    [[nodiscard]] Drops drops() const noexcept { return format_->drops(); }
    /// See Source::cut_offs; "" while all is well.
    [[nodiscard]] const std::string& cut_off() const noexcept { return cut_off_; }
    /// Octets read of the file as stored.
    [[nodiscard]] std::uint64_t octets_read() const noexcept { return input_->octets_read(); }

  private:
    [[nodiscard]] base::Bytes window() const noexcept {
        return {buffer_.get() + begin_, end_ - begin_};
    }
    void begin();
    bool fill(std::size_t wanted);
    void make_room(std::size_t wanted);
    ReadBuffer take_buffer(std::size_t capacity);
    void advance(std::uint64_t octets) noexcept;
    void finish(const Step& step);

    std::string name_;
    std::unique_ptr<OctetInput> input_;
    std::unique_ptr<FileFormat> format_;
    bool compressed_ = false;

    ReadBuffer buffer_;
    std::vector<ReadBuffer> lent_;  ///< of the same size, as long as somebody keeps their octets
    std::size_t capacity_ = 0;      ///< the buffer has a page more
    std::size_t begin_ = 0;         ///< of the octets not read yet
    std::size_t end_ = 0;           ///< of the octets in the buffer
    std::uint64_t to_skip_ = 0;     ///< octets to throw away as they come
    std::uint64_t position_ = 0;    ///< of begin_ in the uncompressed file
    bool input_ended_ = false;
    bool done_ = false;

    std::uint64_t frames_read_ = 0;
    std::vector<Frame> frames_;
    std::vector<Loss> losses_;
    std::string cut_off_;
};

}  // namespace turnpike::capture
