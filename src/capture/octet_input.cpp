// Reads files and pipes so that a signal can end the wait.
#include "capture/octet_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"

namespace turnpike::capture {

namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void refuse_input(const std::string& path, const std::string& why) {
    const std::string name = path == "-" ? "standard input" : base::from_catalog(path);
    throw base::Error(base::ExitStatus::cannot_open, name + ": " + why);
}

}  // namespace

FileInput::FileInput(const std::string& path, const std::atomic<bool>& stop) : stop_(stop) {
    descriptor_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
        refuse_input(path,
                     "cannot be opened: " + reason(errno) + "; check the path and its permissions");
    }
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) {
        refuse_input(path, "cannot be opened: " + reason(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        refuse_input(path, "is a directory; name the capture files in it");
    }
    if (S_ISREG(status.st_mode)) {
        total_ = static_cast<std::uint64_t>(status.st_size);
        // Only advice: whether the kernel takes it does not matter.
        static_cast<void>(::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL));
    }
}

FileInput::~FileInput() {
    if (descriptor_ > STDIN_FILENO) {
        ::close(descriptor_);
    }
}

bool FileInput::wait_for_octets() const {
    // A signal may arrive between the look at `stop_` and the call, so no wait is for ever.
    constexpr int look_again_after_ms = 100;
    while (!stop_.load(std::memory_order_relaxed)) {
        struct pollfd waiting{descriptor_, POLLIN, 0};
        if (::poll(&waiting, 1, look_again_after_ms) > 0) {
            return true;
        }
    }
    return false;
}

std::size_t FileInput::read(std::span<std::uint8_t> into) {
    for (;;) {
        if (!is_regular() && !wait_for_octets()) {
            return 0;
        }
        const ssize_t count = ::read(descriptor_, into.data(), into.size());
        if (count >= 0) {
            octets_read_ += static_cast<std::uint64_t>(count);
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR && errno != EAGAIN) {
            failure_ = "reading failed: " + reason(errno);
            return 0;
        }
    }
}

}  // namespace turnpike::capture
