// Empties a container together with its memory.
#pragma once

namespace turnpike::base {

/// Leaves the container empty and without room. `container = {}` keeps the room: it assigns an
/// empty list.
template <typename Container>
void give_back(Container& container) noexcept {
    Container().swap(container);
}

}  // namespace turnpike::base
