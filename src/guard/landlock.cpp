// Makes and applies a Landlock ruleset by the kernel's own calls.
#include "guard/landlock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "turnpike/base/folder.h"

namespace turnpike::guard {
namespace {

// The headers of Debian 12 know the first version only, so what later ones added is written down
// here: include/uapi/linux/landlock.h and asm-generic/unistd.h of Linux 6.15.
constexpr long call_create_ruleset = 444;
constexpr long call_add_rule = 445;
constexpr long call_restrict_self = 446;
constexpr unsigned ask_version = 1U << 0U;
constexpr int rule_path_beneath = 1;

struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;  ///< from version 4 on
    std::uint64_t scoped = 0;              ///< from version 6 on
};
struct [[gnu::packed]] PathBeneath {
    std::uint64_t allowed_access;
    std::int32_t parent;
};

constexpr std::uint64_t write_file = 1U << 1U;
constexpr std::uint64_t read_file = 1U << 2U;
constexpr std::uint64_t read_folder = 1U << 3U;
constexpr std::uint64_t remove_file = 1U << 5U;
constexpr std::uint64_t make_file = 1U << 8U;
constexpr std::uint64_t truncate_file = 1U << 14U;
constexpr std::uint64_t for_files = write_file | read_file | truncate_file;

/// Every kind of access to files that a version of the interface can deny.
constexpr std::uint64_t deniable(int abi) noexcept {
    constexpr std::uint64_t first_version = (1U << 13U) - 1;
    constexpr std::uint64_t refer = 1U << 13U;             // 2: links and renames across folders
    constexpr std::uint64_t ioctl_on_devices = 1U << 15U;  // 5
    return first_version | (abi >= 2 ? refer : 0) | (abi >= 3 ? truncate_file : 0) |
           (abi >= 5 ? ioctl_on_devices : 0);
}

RulesetAttributes everything_deniable(int abi, bool attempts) noexcept {
    constexpr std::uint64_t bind_tcp = 1U << 0U;
    constexpr std::uint64_t connect_tcp = 1U << 1U;
    constexpr std::uint64_t abstract_unix_sockets = 1U << 0U;
    constexpr std::uint64_t signals = 1U << 1U;
    RulesetAttributes attributes;
    attributes.handled_access_fs = deniable(abi);
    attributes.handled_access_net = abi >= 4 && !attempts ? bind_tcp | connect_tcp : 0;
    attributes.scoped = abi >= 6 ? abstract_unix_sockets | signals : 0;
    return attributes;
}

/// What somebody who may write to it can log in with, or take.
std::string_view secret_in(const std::filesystem::path& folder) {
    std::error_code ignored;
    for (const std::string_view name : {".ssh", ".gnupg"}) {
        if (std::filesystem::exists(folder / name, ignored)) {
            return name;
        }
    }
    return {};
}

int version_of_kernel() noexcept {
    const long version = ::syscall(call_create_ruleset, nullptr, 0, ask_version);
    return version < 0 ? 0 : static_cast<int>(version);
}

}  // namespace

Landlock::Landlock(const Needs& needs, std::vector<std::string>& notes,
                   std::vector<std::string>& missing)
    : abi_(version_of_kernel()) {
    if (abi_ == 0) {
        missing.emplace_back(
            "this kernel has no Landlock (Linux 5.13 or later, and 'landlock' among the lsm= of "
            "its start): access to files is limited by their permissions only");
        return;
    }
    // An older kernel takes a structure that is longer than its own if the rest is zero.
    const RulesetAttributes attributes = everything_deniable(abi_, needs.attempts);
    handled_ = attributes.handled_access_fs;
    rules_ = base::Descriptor(
        static_cast<int>(::syscall(call_create_ruleset, &attributes, sizeof attributes, 0)));
    if (!rules_) {
        missing.push_back(fmt::format("Landlock refuses its rules: {}", std::strerror(errno)));
        return;
    }
    for (const auto& path : needs.readable) {
        allow(path, read_file | read_folder, notes);
    }
    for (const auto& path : needs.writable) {
        // A rule is about everything below its folder.
        if (const auto name = secret_in(path); !name.empty()) {
            missing.push_back(
                fmt::format("{}: holds {}, which stays within reach: give --output a "
                            "folder of its own",
                            path.string(), name));
        }
        allow(path, for_files | read_folder | remove_file | make_file, notes);
    }
    allow("/dev/urandom", read_file, notes);  // SQLite seeds itself from it when it is first used
    if (needs.packet_sockets) {
        allow_interface_counters(notes);
    }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // Sanitizers read the map of the process: when it ends, and for their reports.
    allow("/proc", read_file | read_folder, notes);
#endif
#ifdef TURNPIKE_COVERAGE_FOLDER
    allow(TURNPIKE_COVERAGE_FOLDER, for_files | read_folder | make_file, notes);
#endif
}

void Landlock::allow(const std::filesystem::path& path, std::uint64_t access,
                     std::vector<std::string>& notes) const {
    const base::Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat status{};
    if (!place || ::fstat(place.get(), &status) != 0) {
        notes.push_back(fmt::format("{}: stays closed: {}", path.string(), std::strerror(errno)));
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        access &= for_files;
    }
    const PathBeneath rule{access & handled_, place.get()};
    // A pipe lies in no folder and needs no rule: it is not opened by name.
    if (::syscall(call_add_rule, rules_.get(), rule_path_beneath, &rule, 0) != 0 &&
        errno != EBADFD) {
        notes.push_back(fmt::format("{}: stays closed: {}", path.string(), std::strerror(errno)));
    }
}

// libpcap adds what the adapter dropped, which it reads from files, to the statistics.
void Landlock::allow_interface_counters(std::vector<std::string>& notes) const {
    std::error_code error;
    for (const auto& interface : base::entries_of("/sys/class/net", error)) {
        const auto counters = interface / "statistics";
        if (std::filesystem::exists(counters, error)) {
            allow(counters, read_file | read_folder, notes);
        }
    }
}

int Landlock::restrict(std::vector<std::string>& missing) const {
    if (!rules_) {
        return 0;
    }
    if (::syscall(call_restrict_self, rules_.get(), 0) != 0) {
        missing.push_back(fmt::format("Landlock is not in force: {}", std::strerror(errno)));
        return 0;
    }
    return abi_;
}

}  // namespace turnpike::guard
