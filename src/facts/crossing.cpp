// Whether a packet of a crossing was made by what stands in between.
#include "turnpike/facts/crossing.h"

#include <algorithm>

namespace turnpike::facts {

bool Crossing::made(const PacketMark& mark) const noexcept {
    return mark && std::ranges::binary_search(made_in, mark.number);
}

}  // namespace turnpike::facts
