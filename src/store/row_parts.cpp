// Deals out parts under a lock; the writer waits for the helper, the helper for nobody.
#include "store/row_parts.h"

#include <utility>

namespace turnpike::store {

void RowParts::open(std::size_t count) {
    const std::lock_guard lock(mutex_);
    count_ = count;
    next_ = 0;
}

std::optional<std::size_t> RowParts::take() {
    const std::lock_guard lock(mutex_);
    return take_next();
}

std::optional<std::size_t> RowParts::take_ahead() {
    constexpr std::size_t many = 4;
    const std::lock_guard lock(mutex_);
    return made_.size() < many ? take_next() : std::nullopt;
}

std::optional<std::size_t> RowParts::take_next() {
    return next_ < count_ ? std::optional(next_++) : std::nullopt;
}

void RowParts::give(std::size_t part, std::optional<EncodedRows> rows) {
    {
        const std::lock_guard lock(mutex_);
        made_.emplace(part, std::move(rows));
    }
    given_.notify_one();
}

std::optional<EncodedRows> RowParts::wait_for(std::size_t part) {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [&] { return made_.contains(part); });
    return std::move(made_.extract(part).mapped());
}

}  // namespace turnpike::store
