// Implementation of piece_buffer.h.
#include "turnpike/proto/piece_buffer.h"

#include <algorithm>

namespace turnpike::proto {

using base::Bytes;
using base::ParseError;
using base::Result;

Result<void> PieceBuffer::add(std::uint64_t offset, Bytes piece) noexcept {
    if (offset > max_octets || piece.size() > max_octets - offset) {
        return std::unexpected{ParseError::limit};
    }
    if (piece.empty()) {
        return {};
    }
    if (offset > held_ + max_hole) {
        return std::unexpected{ParseError::limit};
    }
    const auto begin = static_cast<std::uint32_t>(offset);
    const auto end = static_cast<std::uint32_t>(offset + piece.size());
    const auto first =
        std::ranges::find_if(ranges_, [=](const Range& range) { return range.end >= begin; });
    const auto last =
        std::find_if(first, ranges_.end(), [=](const Range& range) { return range.begin > end; });
    if (first == last && ranges_.size() >= max_pieces) {
        return std::unexpected{ParseError::limit};
    }
    if (octets_.size() < end) {
        octets_.resize(end);
    }
    // Only the holes are written: what came first stays (RFC 9000 2.2).
    std::uint32_t at = begin;
    for (auto range = first; range != last; ++range) {
        fill(at, range->begin, piece, begin);
        at = std::max(at, range->end);
    }
    fill(at, end, piece, begin);
    if (first == last) {
        ranges_.insert(first, {.begin = begin, .end = end});
        return {};
    }
    first->begin = std::min(first->begin, begin);
    first->end = std::max(std::prev(last)->end, end);
    ranges_.erase(std::next(first), last);
    return {};
}

/// Copies [begin, end) from the piece, which starts at `piece_at`; nothing if that is no hole.
void PieceBuffer::fill(std::uint32_t begin, std::uint32_t end, Bytes piece,
                       std::uint32_t piece_at) noexcept {
    if (begin < end) {
        std::ranges::copy(piece.subspan(begin - piece_at, end - begin), octets_.begin() + begin);
        held_ += end - begin;
    }
}

Bytes PieceBuffer::prefix() const noexcept {
    if (ranges_.empty() || ranges_.front().begin != 0) {
        return {};
    }
    return Bytes{octets_}.first(ranges_.front().end);
}

void PieceBuffer::reset() noexcept {
    octets_.clear();
    ranges_.clear();
    held_ = 0;
}

void PieceBuffer::release() noexcept {
    octets_ = {};
    ranges_ = {};
    held_ = 0;
}

}  // namespace turnpike::proto
