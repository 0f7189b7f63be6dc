// Puts segments in order, holds back what came early, and skips gaps that will not be filled.
#include "turnpike/flow/stream.h"

#include <algorithm>
#include <utility>

#include "turnpike/base/give_back.h"
#include "turnpike/flow/sequence.h"

namespace turnpike::flow {
namespace {

constexpr std::size_t pooled_buffers = 1024;
// A buffer that grew for one large message would keep its room for ever in the pool.
constexpr std::size_t largest_pooled = std::size_t{16} << 10U;
// So many segments behind an acknowledged gap: what is missing was lost to the capture, not late.
constexpr std::size_t held_behind_gap = 4;

}  // namespace

std::vector<std::uint8_t> BufferPool::take() {
    if (free_.empty()) {
        return {};
    }
    std::vector<std::uint8_t> buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
}

void BufferPool::give(std::vector<std::uint8_t>&& buffer) {
    if (buffer.capacity() == 0 || buffer.capacity() > largest_pooled ||
        free_.size() >= pooled_buffers) {
        base::give_back(buffer);
        return;
    }
    buffer.clear();
    free_.push_back(std::move(buffer));
}

void Stream::start(std::uint32_t sequence) noexcept {
    next_ = sequence;
    started_ = true;
}

bool Stream::add(std::uint32_t sequence, base::Bytes captured, std::uint32_t length,
                 std::uint32_t acknowledged) {
    const std::int32_t offset = ahead(sequence, next_);
    if (offset > 0) {
        hold(sequence, captured, length);
        const bool lost = after(acknowledged, next_) && held_.size() >= held_behind_gap;
        if (!lost && held_.size() < held_limit && held_octets_ < buffer_limit) {
            return false;
        }
        skip_gap();
        return !readable().empty();
    }
    append(sequence, captured, length);
    append_held();
    return !readable().empty();
}

base::Bytes Stream::readable() const noexcept {
    return borrowed_.empty() ? base::Bytes{buffer_}.subspan(consumed_) : borrowed_;
}

void Stream::consume(std::size_t count) noexcept {
    if (!borrowed_.empty()) {
        borrowed_ = borrowed_.subspan(std::min(count, borrowed_.size()));
        return;
    }
    consumed_ = std::min(consumed_ + count, buffer_.size());
    if (consumed_ == buffer_.size()) {
        drop_readable();
    }
}

bool Stream::take_gap() noexcept {
    return std::exchange(gap_, false);
}

void Stream::settle() {
    if (!borrowed_.empty()) {
        const base::Bytes rest = std::exchange(borrowed_, {});
        keep(rest);
    } else if (consumed_ > 0 && consumed_ >= buffer_.size() / 2) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
        pool_->release(consumed_);
        consumed_ = 0;
    }
}

void Stream::clear() noexcept {
    drop_readable();
    for (Held& held : held_) {
        pool_->release(held.octets.size());
        pool_->give(std::move(held.octets));
    }
    held_.clear();
    held_octets_ = 0;
    started_ = false;
    gap_ = false;
    cut_ = false;
}

void Stream::hold(std::uint32_t sequence, base::Bytes captured, std::uint32_t length) {
    const bool known = std::ranges::any_of(held_, [&](const Held& held) {
        return held.sequence == sequence && held.length >= length;
    });
    if (known || length > buffer_limit || !pool_->reserve(captured.size())) {
        return;
    }
    Held held{sequence, length, pool_->take()};
    held.octets.assign(captured.begin(), captured.end());
    held_octets_ += captured.size();
    held_.push_back(std::move(held));
}

// Takes what is new of a segment that begins at or before `next_`.
void Stream::append(std::uint32_t sequence, base::Bytes captured, std::uint32_t length) {
    const std::uint32_t old = next_ - sequence;
    if (old >= length) {
        return;
    }
    if (std::exchange(cut_, captured.size() < length)) {
        drop_readable();
        gap_ = true;
    }
    captured = captured.subspan(std::min<std::size_t>(old, captured.size()));
    next_ = sequence + length;
    if (buffer_.empty() && borrowed_.empty()) {
        borrowed_ = captured;
    } else {
        settle();
        keep(captured);
    }
}

void Stream::append_held() {
    for (bool progress = true; progress && !held_.empty();) {
        progress = false;
        for (std::size_t i = 0; i < held_.size(); ++i) {
            if (after(held_[i].sequence, next_)) {
                continue;
            }
            settle();
            Held held = std::move(held_[i]);
            held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
            held_octets_ -= held.octets.size();
            append(held.sequence, held.octets, held.length);
            settle();  // before the octets that it borrows go
            pool_->release(held.octets.size());
            pool_->give(std::move(held.octets));
            progress = true;
            break;
        }
    }
}

void Stream::skip_gap() {
    const auto earliest = std::ranges::min_element(
        held_, [](const Held& a, const Held& b) { return before(a.sequence, b.sequence); });
    if (earliest == held_.end()) {
        return;
    }
    drop_readable();
    next_ = earliest->sequence;
    append_held();
    gap_ = true;
}

void Stream::drop_readable() noexcept {
    borrowed_ = {};
    if (buffer_.capacity() > 0) {
        pool_->release(buffer_.size());
        pool_->give(std::move(buffer_));
        buffer_ = {};
    }
    consumed_ = 0;
}

void Stream::keep(base::Bytes octets) {
    if (octets.empty()) {
        return;
    }
    if (buffer_.size() + octets.size() > buffer_limit || !pool_->reserve(octets.size())) {
        drop_readable();
        gap_ = true;
        return;
    }
    if (buffer_.capacity() == 0) {
        buffer_ = pool_->take();
    }
    buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

}  // namespace turnpike::flow
