// without landlock|seccomp[,...] PROGRAM ARGUMENT...: runs a program on a kernel that lacks these,
// as far as it can tell.
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr int landlock_create_ruleset = 444;  // newer than Debian 12's libseccomp names

bool take_away(std::string_view what) {
    scmp_filter_ctx const filter = ::seccomp_init(SCMP_ACT_ALLOW);
    int failure = 0;
    if (what.find("landlock") != std::string_view::npos) {
        failure |= ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), landlock_create_ruleset, 0);
    }
    if (what.find("seccomp") != std::string_view::npos) {
        const scmp_arg_cmp filtering{0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
        failure |= ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
        failure |= ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                            &filtering);
    }
    failure |= ::seccomp_load(filter);
    ::seccomp_release(filter);
    return failure == 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 3 || !take_away(arguments[1])) {
        std::fputs("without landlock|seccomp PROGRAM ARGUMENT...\n", stderr);
        return EXIT_FAILURE;
    }
    ::execv(arguments[2], arguments + 2);
    std::perror(arguments[2]);
    return EXIT_FAILURE;
}
