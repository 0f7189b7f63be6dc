// Least privilege: what a process that reads hostile packets gives up once its files are open.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace turnpike::guard {

/// What the process still needs after `confine`.
struct Needs {
    std::vector<std::filesystem::path> readable;  ///< files and folders to read from (catalogs)
    std::vector<std::filesystem::path> writable;  ///< folders in which files are made and removed
    /// Files that are written to and were made before the user changes: given to the new one where
    /// they belong to root. What does not exist, or is no plain file or socket with one name, is
    /// left alone.
    std::vector<std::filesystem::path> hand_over;
    /// Name or number of the user to become where started as root. Without it the first of these
    /// that may write to `writable` and read `readable`: who called sudo, the owner of the first
    /// folder of `writable`; else root stays, without its capabilities.
    std::optional<std::string> user;
    bool packet_sockets = false;  ///< getsockopt, setsockopt and ioctl on open packet sockets, and
                                  ///< the drop counters of interfaces
    bool accept = false;          ///< accept4 on listening sockets that are open, and sendmsg on
                                  ///< streams
    /// To answer whoever asked on open sockets: sendmsg, and the options of sockets. With it
    /// datagrams can be sent anywhere.
    bool answer = false;
    /// To make attempts of one's own: open sockets for TCP and UDP, bind, connect and send
    /// anywhere. No raw sockets, and packet sockets stay read-only.
    bool attempts = false;
    /// Refuse to go on where the kernel takes any part of the confinement from us.
    bool required = false;
};

/// What was done, for the log.
struct Confinement {
    bool no_new_privileges = false;
    bool capabilities_dropped = false;   ///< every one of them
    bool system_calls_filtered = false;  ///< seccomp
    int landlock_abi = 0;                ///< 0: the kernel has none
    std::string user;                    ///< changed to; empty: unchanged
    std::vector<std::string> notes;      ///< what was decided for this process, one line each
    std::vector<std::string> missing;    ///< parts that are not in force and why, one line each
};

/// Throws what `confine` would throw of the wanted user, and changes nothing: for before files are
/// made.
void check(const Needs& needs);

/// Gives up everything that `needs` does not name: user (where root), capabilities, new privileges,
/// file access (Landlock, where the kernel has it), system calls (seccomp: no exec, no new sockets;
/// a forbidden call kills the process). Must be called before threads are started: Landlock and
/// capabilities bind threads, not processes. Throws base::Error where a wanted user does not exist
/// (usage), cannot be become (no_permission) or cannot write to `writable` (cannot_create). What
/// this kernel or container does not offer is `missing`, or, if it is required, refused
/// (no_permission).
/// Afterwards sockets that are open can be used, but `sendto` with an address cannot, nor `sendmsg`
/// on sockets for datagrams: connect first; and packet sockets can only be read: nothing is ever
/// sent to the link that is watched. Memory cannot be made executable, so no library can be loaded.
Confinement confine(const Needs& needs);

/// For a helper process that opens sockets for a confined one: gives up every capability but those
/// to bind ports below 1024 and to filter what TCP sockets take, and new privileges. Best effort,
/// before threads are started.
void keep_network_rights() noexcept;

}  // namespace turnpike::guard
