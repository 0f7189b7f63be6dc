// Least privilege: what a process that reads hostile packets gives up once its files are open.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace turnpike::guard {

/// What the process still needs after `confine`.
struct Needs {
    std::vector<std::filesystem::path> readable;    ///< files and folders to read from (catalogs)
    std::vector<std::filesystem::path> writable;    ///< folders in which files are made and removed
    std::optional<std::string> user;  ///< to become where started as root; nothing: chosen
    bool packet_sockets = false;      ///< recv, ioctl and getsockopt on sockets that are open
    bool accept = false;              ///< accept4 on listening sockets that are open
};

/// What was done, for the log.
struct Confinement {
    bool no_new_privileges = false;
    bool capabilities_dropped = false;
    bool system_calls_filtered = false;  ///< seccomp
    int landlock_abi = 0;                ///< 0: the kernel has none
    std::string user;                    ///< changed to; empty: unchanged
    std::vector<std::string> notes;      ///< what could not be done and why, one line each
};

/// Gives up everything that `needs` does not name: user (where root), capabilities, new privileges,
/// file access (Landlock, where the kernel has it), system calls (seccomp: no exec, no new sockets;
/// a forbidden call kills the process). Must be called before threads are started: Landlock and
/// capabilities bind threads, not processes. Throws base::Error where a wanted user does not exist
/// or something that must work does not.
Confinement confine(const Needs& needs);

}  // namespace turnpike::guard
