// Copies pieces to their places, and keeps which ranges of octets are there.
#include "turnpike/proto/piece_buffer.h"

#include <algorithm>

#include "turnpike/base/give_back.h"

namespace turnpike::proto {
namespace {

using base::Bytes;
using base::ParseError;
using base::Result;

// Octets of the ranges in front of one.
template <typename Iterator>
std::size_t octets_before(Iterator from, Iterator until) {
    std::size_t octets = 0;
    for (; from != until; ++from) {
        octets += from->size();
    }
    return octets;
}

// Octets of [begin, end) that ranges which touch it hold already.
template <typename Iterator>
std::size_t covered(Iterator first, Iterator last, std::uint32_t begin, std::uint32_t end) {
    std::size_t known = 0;
    for (; first != last; ++first) {
        known += std::min(first->end, end) - std::max(first->begin, begin);
    }
    return known;
}

// Copies a piece that begins at `begin` between the ranges that it touches, the first of which has
// its octets at `place`. Only the holes are filled: what came first stays (RFC 9000 2.2).
template <typename Iterator>
void fill_holes(std::vector<std::uint8_t>& octets, std::size_t place, Iterator first, Iterator last,
                std::uint32_t begin, Bytes piece) {
    std::uint32_t at = begin;
    const auto fill = [&](std::uint32_t until) {
        if (at < until) {
            const Bytes part = piece.subspan(at - begin, until - at);
            octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(place), part.begin(),
                          part.end());
            place += part.size();
        }
    };
    for (; first != last; ++first) {
        fill(first->begin);
        place += first->size();
        at = std::max(at, first->end);
    }
    fill(begin + static_cast<std::uint32_t>(piece.size()));
}

}  // namespace

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
    const std::size_t fresh = piece.size() - covered(first, last, begin, end);
    if (fresh == 0) {
        return {};
    }
    const bool one_more = apart && ranges_.size() == ranges_paid_;
    if (!share_.grow(fresh + (one_more ? sizeof(Range) : 0))) {
        return std::unexpected{ParseError::limit};
    }
    ranges_paid_ += one_more ? 1 : 0;
    fill_holes(octets_, octets_before(ranges_.begin(), first), first, last, begin, piece);
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
    base::give_back(octets_);
    base::give_back(ranges_);
    ranges_paid_ = 0;
    share_.clear();
}

}  // namespace turnpike::proto
