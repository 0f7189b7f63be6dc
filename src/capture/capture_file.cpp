// Reads a capture file in large steps, and gives out its frames in batches.
#include "capture/capture_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "capture/decompress.h"

namespace turnpike::capture {

namespace {

// A read copies from one place of the second-level cache to another, and what was read should still
// lie there when it is decoded. Less makes more calls, and frames of 9 KB are cut by more ends.
constexpr std::size_t usual_capacity = 128U << 10U;
// Frames that are handed on together: as many as still sit in the cache when they are decoded.
constexpr std::size_t frames_per_batch = 128;

}  // namespace

CaptureFile::CaptureFile(std::string name, std::unique_ptr<OctetInput> input)
    : name_(std::move(name)), input_(std::move(input)) {
    make_room(usual_capacity);
    frames_.reserve(frames_per_batch);
    begin();
}

/// Reads the file header, through a decompressor if there is need for one.
void CaptureFile::begin() {
    while (window().size() < file_header_size && fill(file_header_size)) {
    }
    if (const auto compression = compression_of(window())) {
        compressed_ = true;
        const std::vector<std::uint8_t> head(window().begin(), window().end());
        input_ = decompress(std::move(input_), head, *compression);
        begin_ = end_ = 0;
        input_ended_ = false;
        while (window().size() < file_header_size && fill(file_header_size)) {
        }
    }
    if (window().size() < file_header_size && !input_->failure().empty()) {
        refuse_file(name_, input_->failure());
    }
    format_ = recognize(window(), name_);
}

/// In place of the one in use, whose octets are kept by somebody or do not suffice.
ReadBuffer CaptureFile::take_buffer(std::size_t capacity) {
    if (capacity != capacity_) {
        lent_.clear();  // too small from now on
        return make_read_buffer(capacity + page_size);
    }
    const auto returned = std::ranges::find_if(
        lent_, [](const ReadBuffer& buffer) { return buffer.use_count() == 1; });
    if (returned != lent_.end()) {
        return std::exchange(*returned, buffer_);
    }
    lent_.push_back(buffer_);
    return make_read_buffer(capacity + page_size);
}

/// Moves what is left so that it ends where a page ends: files are read page by page.
void CaptureFile::make_room(std::size_t wanted) {
    std::size_t capacity = std::max(capacity_, usual_capacity);
    const std::size_t left = end_ - begin_;
    // A length is only believed as far as octets came for it: twofold, not all at once.
    if (capacity < wanted && left >= capacity_) {
        capacity *= 2;
    }
    const std::size_t end = (left + page_size - 1) / page_size * page_size;
    if (capacity != capacity_ || buffer_.use_count() > 1) {
        auto other = take_buffer(capacity);
        std::copy_n(buffer_.get() + begin_, left, other.get() + end - left);
        buffer_ = std::move(other);
        capacity_ = capacity;
    } else {
        std::memmove(buffer_.get() + end - left, buffer_.get() + begin_, left);
    }
    begin_ = end - left;
    end_ = end;
}

void CaptureFile::advance(std::uint64_t octets) noexcept {
    const std::size_t here = std::min<std::uint64_t>(octets, end_ - begin_);
    begin_ += here;
    position_ += here;
    to_skip_ += octets - here;
}

/// Gets more octets behind those of the window, whose place changes; false at the end of the input.
bool CaptureFile::fill(std::size_t wanted) {
    if (input_ended_) {
        return false;
    }
    make_room(wanted);
    const std::size_t count = input_->read({buffer_.get() + end_, capacity_ + page_size - end_});
    if (count == 0) {
        input_ended_ = true;
        return false;
    }
    end_ += count;
    if (to_skip_ != 0) {
        advance(std::exchange(to_skip_, 0));
    }
    return true;
}

std::span<Frame> CaptureFile::next_batch() {
    frames_.clear();
    losses_.clear();
    while (!done_ && frames_.empty()) {
        const bool complete = input_ended_;
        const Step step = format_->read(window(), complete, frames_, frames_per_batch);
        advance(step.consumed);
        frames_read_ += frames_.size();
        const bool stuck = frames_.empty() && step.consumed == 0;
        done_ = !step.nonsense.empty() || (stuck && complete);
        if (done_) {
            finish(step);
        } else if (stuck) {
            fill(step.wanted);
        }
    }
    losses_ = format_->take_losses();
    return frames_;
}

/// Says in cut_off_ why the file ended where it did, if it should not have.
void CaptureFile::finish(const Step& step) {
    const std::string_view where = compressed_ ? " of the uncompressed data" : "";
    if (!step.nonsense.empty()) {
        cut_off_ = fmt::format("{}: damaged after packet {} at octet {}{}: {}; read up to there",
                               name_, frames_read_, position_, where, step.nonsense);
        return;
    }
    const std::uint64_t end = position_ + window().size();
    if (!input_->failure().empty()) {
        cut_off_ = fmt::format("{}: {} after packet {} at octet {}{}; read up to there", name_,
                               input_->failure(), frames_read_, end, where);
    } else if (to_skip_ != 0 || !window().empty()) {
        cut_off_ = step.is_frame
                       ? fmt::format("{}: packet {} is cut off at octet {}{}; read up to there",
                                     name_, frames_read_ + 1, end, where)
                       : fmt::format(
                             "{}: what follows packet {} is cut off at octet {}{}; read up "
                             "to there",
                             name_, frames_read_, end, where);
    }
}

}  // namespace turnpike::capture
