// How much memory this process has.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace turnpike::app {

/// The memory of this process (proc(5), statm), through a file that is opened before the process
/// may open nothing any more.
class ResidentMemory {
  public:
    ResidentMemory() : file_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}
    ~ResidentMemory() { ::close(file_); }
    ResidentMemory(const ResidentMemory&) = delete;
    ResidentMemory& operator=(const ResidentMemory&) = delete;

    [[nodiscard]] std::uint64_t octets() const noexcept {
        std::array<char, 128> text{};
        const auto size = ::pread(file_, text.data(), text.size(), 0);
        const auto* const end = text.data() + std::max<ssize_t>(size, 0);
        const auto* const second = std::find(text.data(), const_cast<char*>(end), ' ');
        std::uint64_t pages = 0;
        if (second != end) {
            std::from_chars(second + 1, end, pages);
        }
        return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }

  private:
    int file_;
};

}  // namespace turnpike::app
