// Code that runs in a process of its own which has confined itself.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "turnpike/guard/guard.h"

namespace turnpike::test {

/// A folder that is removed, with all that is in it, when it goes out of scope.
class ScratchFolder {
  public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// How a child ended: the signal that killed it, or what its action returned.
struct Ending {
    int signal = 0;
    int status = 0;
};

/// Forks, confines the child, and runs the action in it. Where confining throws, the status is 99.
Ending run_confined(const guard::Needs& needs,
                    const std::function<int(const guard::Confinement&)>& action);

/// The value of a field of /proc/self/status, "Seccomp" for one.
std::string own_status(const std::string& field);

/// Whether this kernel, and whoever contains this process, has seccomp or Landlock.
bool kernel_has_seccomp();
int landlock_version();

}  // namespace turnpike::test
