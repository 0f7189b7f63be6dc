// Confines the process: user, capabilities, no_new_privs, Landlock and seccomp, in this order.
#include "turnpike/guard/guard.h"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "guard/capabilities.h"
#include "guard/identity.h"
#include "guard/landlock.h"
#include "guard/reach.h"
#include "guard/system_calls.h"
#include "turnpike/base/error.h"

namespace turnpike::guard {
namespace {

// Landlock and capabilities would not bind them. A folder has a link for each of its folders, and
// two more.
void note_running_threads(std::vector<std::string>& notes) {
    struct stat status{};
    constexpr nlink_t with_one_thread = 3;
    if (::stat("/proc/self/task", &status) == 0 && status.st_nlink > with_one_thread) {
        notes.push_back(fmt::format("{} threads were started before and keep their access to files",
                                    status.st_nlink - with_one_thread));
    }
}

// Root without capabilities is a user like any other: of the files that it needs some may be closed
// to it. Then what opens them is kept, within the bounds of Landlock.
Capabilities still_needed(const Needs& needs, std::vector<std::string>& notes) {
    const Capabilities before = effective_capabilities();
    if (before == 0 || !use_capabilities(0)) {
        return 0;
    }
    const auto folder = unwritable(needs);
    const auto file = unreadable(needs);
    use_capabilities(before);
    if (folder && (before & may_write_all) != 0) {
        notes.push_back(
            fmt::format("{}: belongs to somebody else, so the capability dac_override "
                        "is kept",
                        folder->string()));
        return may_write_all;
    }
    if (file && (before & (may_read_all | may_write_all)) != 0) {
        notes.push_back(fmt::format(
            "{}: belongs to somebody else, so the capability to read it is kept", file->string()));
        return (before & may_read_all) != 0 ? may_read_all : may_write_all;
    }
    return 0;
}

}  // namespace

void check(const Needs& needs) {
    check_user(needs);
}

Confinement confine(const Needs& needs) {
    Confinement done;
    note_running_threads(done.notes);
    // Opened before the user changes: a rule gives no right that permissions do not give.
    const Landlock landlock(needs, done.notes, done.missing);
    done.user = change_user(needs, done.notes);
    const Capabilities kept = still_needed(needs, done.notes);
    if (!keep_capabilities(kept)) {
        throw base::Error(base::ExitStatus::no_permission,
                          "the kernel does not take the capabilities of this process back; start "
                          "it without them");
    }
    done.capabilities_dropped = kept == 0;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        throw base::Error(
            base::ExitStatus::no_permission,
            fmt::format("no_new_privs cannot be set: {}; Linux 3.5 or later is needed",
                        std::strerror(errno)));
    }
    done.no_new_privileges = true;
    done.landlock_abi = landlock.restrict(done.missing);
    done.system_calls_filtered = filter_system_calls(needs, done.missing);
    if (needs.required && !done.missing.empty()) {
        throw base::Error(
            base::ExitStatus::no_permission,
            fmt::format("--require-confinement: {}; nothing was read", done.missing.front()));
    }
    return done;
}

void keep_network_rights() noexcept {
    keep_capabilities(may_bind_low_ports | may_administer_network);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

}  // namespace turnpike::guard
