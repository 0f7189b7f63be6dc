// Copies pieces to their places, and keeps which ranges of octets are there.
#include "turnpike/proto/piece_buffer.h"

#include <algorithm>

namespace turnpike::proto {

using base::Bytes;
using base::ParseError;
using base::Result;

Result<void> PieceBuffer::add(std::uint64_t offset, Bytes piece) {
    if (offset > max_octets || piece.size() > max_octets - offset) {
        return std::unexpected{ParseError::limit};
    }
    if (piece.empty()) {
        return {};
    }
    const auto begin = static_cast<std::uint32_t>(offset);
    const auto end = static_cast<std::uint32_t>(offset + piece.size());
    const auto first =
        std::ranges::find_if(ranges_, [=](const Range& range) { return range.end >= begin; });
    const auto last =
        std::find_if(first, ranges_.end(), [=](const Range& range) { return range.begin > end; });
    const bool apart = first == last;
    if (apart && ranges_.size() >= max_pieces) {
        return std::unexpected{ParseError::limit};
    }
    std::size_t known = 0;
    for (auto range = first; range != last; ++range) {
        known += std::min(range->end, end) - std::max(range->begin, begin);
    }
    const std::size_t fresh = piece.size() - known;
    if (fresh == 0) {
        return {};
    }
    const bool one_more = apart && ranges_.size() == ranges_paid_;
    if (!share_.grow(fresh + (one_more ? sizeof(Range) : 0))) {
        return std::unexpected{ParseError::limit};
    }
    ranges_paid_ += one_more ? 1 : 0;
    std::size_t place = 0;
    for (auto range = ranges_.begin(); range != first; ++range) {
        place += range->size();
    }
    // Only the holes are filled: what came first stays (RFC 9000 2.2).
    std::uint32_t at = begin;
    const auto fill = [&](std::uint32_t until) {
        if (at < until) {
            const Bytes part = piece.subspan(at - begin, until - at);
            octets_.insert(octets_.begin() + static_cast<std::ptrdiff_t>(place), part.begin(),
                           part.end());
            place += part.size();
        }
    };
    for (auto range = first; range != last; ++range) {
        fill(range->begin);
        place += range->size();
        at = std::max(at, range->end);
    }
    fill(end);
    if (apart) {
        ranges_.insert(first, {.begin = begin, .end = end});
        return {};
    }
    first->begin = std::min(first->begin, begin);
    first->end = std::max(std::prev(last)->end, end);
    ranges_.erase(std::next(first), last);
    return {};
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
    ranges_paid_ = 0;
    share_.clear();
}

void PieceBuffer::release() noexcept {
    octets_ = {};
    ranges_ = {};
    ranges_paid_ = 0;
    share_.clear();
}

}  // namespace turnpike::proto
