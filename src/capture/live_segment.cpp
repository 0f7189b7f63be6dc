// Copies frames into memory that is reused once they have been handed on.
#include "capture/live_segment.h"

#include <algorithm>

namespace turnpike::capture {

std::span<std::uint8_t> LiveSegment::add(Frame frame, std::size_t size) {
    if (chunks_.empty() || used_in_chunk_ + size > chunk_size) {
        chunk_ = chunks_.empty() ? 0 : chunk_ + 1;
        used_in_chunk_ = 0;
        if (chunk_ == chunks_.size()) {
            chunks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(chunk_size));
        }
    }
    const std::span<std::uint8_t> room{chunks_[chunk_].get() + used_in_chunk_, size};
    used_in_chunk_ += size;
    octets_ += size;
    frame.bytes = room;
    frames_.push_back(frame);
    return room;
}

void LiveSegment::add(const Frame& frame) {
    const std::size_t size = std::min(frame.bytes.size(), chunk_size);
    const auto room = add(frame, size);
    std::copy_n(frame.bytes.begin(), size, room.begin());
}

}  // namespace turnpike::capture
