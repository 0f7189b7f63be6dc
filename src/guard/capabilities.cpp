// Reads and sets the capabilities of this thread by the kernel's own calls.
#include "guard/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace turnpike::guard {
namespace {

// glibc has no capget and capset, and a library for two calls is more than they need.
struct Sets {
    Capabilities effective = 0;
    Capabilities permitted = 0;
    Capabilities inheritable = 0;
};

using Words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

Capabilities joined(std::uint32_t low, std::uint32_t high) noexcept {
    return (Capabilities{high} << 32U) | low;
}

Sets current() noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Words words{};
    if (::syscall(SYS_capget, &header, words.data()) != 0) {
        return {};
    }
    return {joined(words[0].effective, words[1].effective),
            joined(words[0].permitted, words[1].permitted),
            joined(words[0].inheritable, words[1].inheritable)};
}

bool set(const Sets& sets) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Words words{};
    for (unsigned half = 0; half < words.size(); ++half) {
        const unsigned shift = half * 32U;
        words[half].effective = static_cast<std::uint32_t>(sets.effective >> shift);
        words[half].permitted = static_cast<std::uint32_t>(sets.permitted >> shift);
        words[half].inheritable = static_cast<std::uint32_t>(sets.inheritable >> shift);
    }
    return ::syscall(SYS_capset, &header, words.data()) == 0;
}

// What a program that is executed could get back; needs CAP_SETPCAP, without which no_new_privs
// does the same.
void narrow_bounding_set(Capabilities kept) noexcept {
    for (unsigned capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
         ++capability) {
        if (((kept >> capability) & 1U) == 0) {
            ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
    }
}

}  // namespace

Capabilities effective_capabilities() noexcept {
    return current().effective;
}

bool use_capabilities(Capabilities effective) noexcept {
    Sets sets = current();
    sets.effective = effective;
    return set(sets);
}

bool keep_capabilities(Capabilities kept) noexcept {
    narrow_bounding_set(kept);
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    const Sets before = current();
    set({before.permitted & kept, before.permitted & kept, 0});
    const Sets after = current();
    return ((after.effective | after.permitted | after.inheritable) & ~kept) == 0;
}

}  // namespace turnpike::guard
