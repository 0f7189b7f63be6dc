// Adds up loss counters without overflow, and keeps the list of losses bounded.
#include "capture/drops.h"

#include <algorithm>

namespace turnpike::capture {

Drops& Drops::operator+=(const Drops& other) noexcept {
    known = known || other.known;
    by_kernel = add_saturating(by_kernel, other.by_kernel);
    by_interface = add_saturating(by_interface, other.by_interface);
    unplaced = add_saturating(unplaced, other.unplaced);
    return *this;
}

void note_loss(std::vector<Loss>& losses, const Loss& loss) {
    constexpr std::size_t most = 1024;
    if (losses.size() < most) {
        losses.push_back(loss);
        return;
    }
    Loss& last = losses.back();
    const bool exact = last.delivered == 0 || loss.delivered == 0;
    last = {.from = std::min(last.from, loss.from),
            .to = std::max(last.to, loss.to),
            .frames = add_saturating(last.frames, loss.frames),
            .delivered = exact ? 0 : add_saturating(last.delivered, loss.delivered)};
}

}  // namespace turnpike::capture
