// Deals out parts under a lock. The writer waits for parts that the helper took, the helper for
// nothing but the writer, and never with a part in his hands.
#include "store/row_parts.h"

#include <utility>

namespace turnpike::store {

void RowParts::open(std::size_t count) {
    const std::lock_guard lock(mutex_);
    count_ = count;
    next_ = 0;
}

void RowParts::close() noexcept {
    const std::lock_guard lock(mutex_);
    count_ = next_;
    changed_.notify_all();
}

std::optional<std::size_t> RowParts::take() {
    const std::lock_guard lock(mutex_);
    return take_next();
}

std::optional<std::size_t> RowParts::take_ahead() {
    constexpr std::size_t many = 4;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return next_ >= count_ || made_.size() < many; });
    return take_next();
}

std::optional<std::size_t> RowParts::take_next() {
    return next_ < count_ ? std::optional(next_++) : std::nullopt;
}

void RowParts::give(std::size_t part, std::optional<EncodedRows> rows) {
    {
        const std::lock_guard lock(mutex_);
        made_.emplace(part, std::move(rows));
    }
    changed_.notify_all();
}

std::optional<EncodedRows> RowParts::wait_for(std::size_t part) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return made_.contains(part); });
    changed_.notify_all();  // there is room for another
    return std::move(made_.extract(part).mapped());
}

}  // namespace turnpike::store
