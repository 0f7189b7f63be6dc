// What a run's small tables hold by now.
#pragma once

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
};

}  // namespace turnpike::store
