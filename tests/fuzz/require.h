// What a fuzz target aborts with.
#pragma once

#include <cstdlib>

namespace turnpike::fuzz {

inline void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace turnpike::fuzz
