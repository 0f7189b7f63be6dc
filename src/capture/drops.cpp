#include "capture/drops.h"

#include "turnpike/capture/source.h"

namespace turnpike::capture {

Drops& Drops::operator+=(const Drops& other) noexcept {
    known = known || other.known;
    by_kernel = add_saturating(by_kernel, other.by_kernel);
    by_interface = add_saturating(by_interface, other.by_interface);
    unplaced = add_saturating(unplaced, other.unplaced);
    return *this;
}

}  // namespace turnpike::capture
