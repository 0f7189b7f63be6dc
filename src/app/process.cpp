// Prepares the process: the standard descriptors are open, and a full file is an error and no
// signal.
#include "app/process.h"

#include <fcntl.h>
#include <mimalloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>

// Only the program is linked with mimalloc (src/CMakeLists.txt), tests and sanitizers are not.
#pragma weak mi_option_set

namespace turnpike::app {
namespace {

// The lowest number that is free is given out, so the first one that is closed is opened first.
void open_standard_descriptors() noexcept {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != descriptor) {
            std::abort();  // whatever would be opened next would take its place
        }
    }
}

}  // namespace

void prepare_process() noexcept {
    open_standard_descriptors();
    struct sigaction ignored{};
    ignored.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &ignored, nullptr);
}

// The option holds for what is asked of the system from now on. What mimalloc asked for before
// `main` is a segment of 32 MB of which little is in use; were it another place or size, the system
// would refuse, or not care.
void take_memory_in_large_pages() noexcept {
    if (&mi_option_set == nullptr) {
        return;
    }
    ::mi_option_set(mi_option_large_os_pages, 1);
    constexpr std::uintptr_t segment = std::uintptr_t{32} << 20U;
    const auto something = std::make_unique<char>();
    const auto behind_begin = reinterpret_cast<std::uintptr_t>(something.get()) % segment;
    ::madvise(something.get() - behind_begin, segment, MADV_HUGEPAGE);
}

void give_memory_back_soon() noexcept {
    if (&mi_option_set != nullptr) {
        ::mi_option_set(mi_option_decommit_delay, 10);
    }
}

}  // namespace turnpike::app
