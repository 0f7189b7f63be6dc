// Reads and sets the capabilities of this thread by libcap-ng.
#include "guard/capabilities.h"

#include <cap-ng.h>

namespace turnpike::guard {
namespace {

constexpr auto every_set = static_cast<capng_type_t>(
    CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_BOUNDING_SET | CAPNG_AMBIENT);
constexpr auto sets_of_others = static_cast<capng_type_t>(CAPNG_INHERITABLE | CAPNG_AMBIENT);

constexpr bool holds(Capabilities set, unsigned capability) noexcept {
    return ((set >> capability) & 1U) != 0;
}

bool has(capng_type_t set, unsigned capability) noexcept {
    return ::capng_have_capability(set, capability) == 1;
}

}  // namespace

Capabilities effective_capabilities() noexcept {
    Capabilities effective = 0;
    if (::capng_get_caps_process() == 0) {
        for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
            effective |= Capabilities{has(CAPNG_EFFECTIVE, capability)} << capability;
        }
    }
    return effective;
}

bool use_capabilities(Capabilities effective) noexcept {
    if (::capng_get_caps_process() != 0) {
        return false;
    }
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        ::capng_update(holds(effective, capability) ? CAPNG_ADD : CAPNG_DROP, CAPNG_EFFECTIVE,
                       capability);
    }
    return ::capng_apply(CAPNG_SELECT_CAPS) == 0;
}

bool keep_capabilities(Capabilities kept) noexcept {
    if (::capng_get_caps_process() != 0) {
        return false;
    }
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        const bool stays = holds(kept, capability) && has(CAPNG_PERMITTED, capability);
        ::capng_update(CAPNG_DROP, stays ? sets_of_others : every_set, capability);
        if (stays) {
            ::capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, capability);
        }
    }
    // What a program that is executed could get back needs CAP_SETPCAP to be narrowed; without it
    // no_new_privs does the same. So only what this thread has left counts.
    ::capng_apply(CAPNG_SELECT_BOUNDS);
    ::capng_apply(CAPNG_SELECT_AMBIENT);
    ::capng_apply(CAPNG_SELECT_CAPS);
    if (::capng_get_caps_process() != 0) {
        return false;
    }
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        const bool left = has(CAPNG_EFFECTIVE, capability) || has(CAPNG_PERMITTED, capability) ||
                          has(CAPNG_INHERITABLE, capability);
        if (left && !holds(kept, capability)) {
            return false;
        }
    }
    return true;
}

}  // namespace turnpike::guard
