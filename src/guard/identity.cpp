// Chooses a user that can still do the work, hands files over to it, and becomes it.
#include "guard/identity.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "guard/reach.h"
#include "turnpike/base/descriptor.h"
#include "turnpike/base/error.h"

namespace turnpike::guard {
namespace {

using base::Error;
using base::ExitStatus;

std::optional<id_t> number(const char* text) noexcept {
    if (text == nullptr) {
        return std::nullopt;
    }
    const std::string_view digits{text};
    id_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return value;
}

std::string name_of(Identity identity) {
    const struct passwd* const entry = ::getpwuid(identity.user);
    return entry == nullptr ? fmt::format("{}", identity.user) : std::string(entry->pw_name);
}

Identity named(const std::string& name) {
    const auto as_number = number(name.c_str());
    const struct passwd* const entry =
        as_number ? ::getpwuid(*as_number) : ::getpwnam(name.c_str());
    if (entry != nullptr) {
        return {entry->pw_uid, entry->pw_gid};
    }
    if (as_number) {
        return {*as_number, *as_number};
    }
    throw Error(ExitStatus::usage,
                fmt::format("--user {}: there is no such user; name one of /etc/passwd, or make it "
                            "with 'useradd --system {}'",
                            name, name));
}

std::optional<Identity> caller_of_sudo() noexcept {
    const auto user = number(std::getenv("SUDO_UID"));
    const auto group = number(std::getenv("SUDO_GID"));
    if (!user || !group || *user == 0) {
        return std::nullopt;
    }
    return Identity{*user, *group};
}

std::optional<Identity> owner_of_output(const Needs& needs) noexcept {
    struct stat status{};
    if (needs.writable.empty() || ::stat(needs.writable.front().c_str(), &status) != 0 ||
        status.st_uid == 0) {
        return std::nullopt;
    }
    return Identity{status.st_uid, status.st_gid};
}

/// Acts as somebody else to see what he may do, and is root again afterwards.
class Trial {
  public:
    explicit Trial(Identity identity) {
        groups_.resize(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
        if (::getgroups(static_cast<int>(groups_.size()), groups_.data()) < 0 ||
            ::setgroups(1, &identity.group) != 0) {
            return;
        }
        changed_ = true;
        possible_ = ::setegid(identity.group) == 0 && ::seteuid(identity.user) == 0;
    }
    ~Trial() {
        // Root again, or nothing that follows can be relied on.
        if (changed_ && (::seteuid(0) != 0 || ::setegid(::getgid()) != 0 ||
                         ::setgroups(groups_.size(), groups_.data()) != 0)) {
            std::abort();
        }
    }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    [[nodiscard]] bool possible() const noexcept { return possible_; }

  private:
    std::vector<gid_t> groups_;
    bool changed_ = false;
    bool possible_ = false;
};

bool could_work_as(Identity identity, const Needs& needs) {
    const Trial trial(identity);
    return trial.possible() && !unwritable(needs) && !unreadable(needs);
}

Identity wanted(const Needs& needs) {
    const Identity identity = named(*needs.user);
    const Trial trial(identity);
    if (!trial.possible()) {
        throw Error(ExitStatus::no_permission,
                    fmt::format("--user {}: this process may not become that user ({}); start it "
                                "with the capabilities setuid and setgid, or as that user",
                                *needs.user, std::strerror(errno)));
    }
    if (const auto folder = unwritable(needs)) {
        throw Error(ExitStatus::cannot_create,
                    fmt::format("{}: user {} may not write there; give another folder, or make it "
                                "his with 'chown {} {}', or give another --user",
                                folder->string(), *needs.user, *needs.user, folder->string()));
    }
    return identity;
}

std::optional<Identity> choose(const Needs& needs, std::vector<std::string>& notes) {
    if (needs.user) {
        return wanted(needs);
    }
    const auto caller = caller_of_sudo();
    const auto owner = owner_of_output(needs);
    for (const auto& candidate : {caller, owner}) {
        if (candidate && could_work_as(*candidate, needs)) {
            return candidate;
        }
    }
    notes.emplace_back(
        caller || owner
            ? "stays root, as neither the caller of sudo nor the owner of the output folder can "
              "work there; name one that can with --user"
            : "stays root, as there is no other user to become; name one with --user");
    return std::nullopt;
}

// The folder may be in the hands of somebody who would like another file of root to change hands:
// only a plain file or socket that has one name is given away, and by the descriptor that was
// looked at.
void hand_over(const std::filesystem::path& path, Identity identity,
               std::vector<std::string>& notes) {
    const base::Descriptor file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 ||
        (!S_ISREG(status.st_mode) && !S_ISSOCK(status.st_mode)) || status.st_uid != 0 ||
        status.st_nlink != 1) {
        return;
    }
    if (::fchownat(file.get(), "", identity.user, identity.group, AT_EMPTY_PATH) != 0) {
        notes.push_back(fmt::format("{}: stays root's: {}", path.string(), std::strerror(errno)));
    }
}

}  // namespace

void check_user(const Needs& needs) {
    if (::geteuid() == 0 && needs.user) {
        wanted(needs);
    }
}

std::string change_user(const Needs& needs, std::vector<std::string>& notes) {
    if (::geteuid() != 0) {
        if (needs.user) {
            notes.push_back(fmt::format("--user {} is for a start as root only", *needs.user));
        }
        return {};
    }
    const auto identity = choose(needs, notes);
    if (!identity) {
        return {};
    }
    std::string name = name_of(*identity);
    for (const auto& path : needs.hand_over) {
        hand_over(path, *identity, notes);
    }
    if (::setgroups(1, &identity->group) != 0 ||
        ::setresgid(identity->group, identity->group, identity->group) != 0 ||
        ::setresuid(identity->user, identity->user, identity->user) != 0) {
        throw Error(ExitStatus::no_permission,
                    fmt::format("user {}: cannot be become: {}", name, std::strerror(errno)));
    }
    return name;
}

}  // namespace turnpike::guard
