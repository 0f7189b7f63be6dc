// What a run's small tables hold by now, and how far its numbered rows have come.
#pragma once

#include <cstdint>

#include "store/known_rows.h"

namespace turnpike::store {

struct WrittenRows {
    KnownRows products;
    KnownRows rules;
    KnownRows requirements;
    KnownRows evidence;
    KnownRows domains;
    KnownRows undocumented;
    KnownRows alternatives;
    KnownRows headlines;
    KnownRows warnings;
    KnownRows problems;
    std::uint64_t candidates = 0;
    std::uint64_t events = 0;
    /// The largest id of a flow whose verdict was written: those of larger ones have no rows yet.
    std::uint64_t last_flow = 0;
};

}  // namespace turnpike::store
