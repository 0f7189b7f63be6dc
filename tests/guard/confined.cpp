// Forks a process that confines itself and runs a function, and says how it ended.
#include "guard/confined.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>

#ifdef TURNPIKE_COVERAGE
extern "C" {
#include <gcov.h>  // says nothing of C++ itself
}
#endif

namespace turnpike::test {
namespace {

/// Ends the child without what its parent has still to do. Coverage counters are written first.
[[noreturn]] void leave(int status) {
#ifdef TURNPIKE_COVERAGE
    __gcov_dump();
#endif
    ::_exit(status);
}

}  // namespace

ScratchFolder::ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "turnpike-guard-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Ending run_confined(const guard::Needs& needs,
                    const std::function<int(const guard::Confinement&)>& action) {
    constexpr int not_confined = 99;
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        int result = not_confined;
        try {
            result = action(guard::confine(needs));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "in the child: %s\n", error.what());
        }
        leave(result);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            .status = WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

std::string own_status(const std::string& field) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(field + ":")) {
            return line.substr(line.find_first_not_of("\t ", field.size() + 1));
        }
    }
    return {};
}

bool kernel_has_seccomp() {
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int landlock_version() {
    constexpr long create_ruleset = 444;
    constexpr unsigned ask_version = 1;
    const long version = ::syscall(create_ruleset, nullptr, 0, ask_version);
    return version < 0 ? 0 : static_cast<int>(version);
}

}  // namespace turnpike::test
