// Prepares the process: the standard descriptors are open, and a full file is an error and no
// signal.
#include "app/process.h"

#include <fcntl.h>
#include <mimalloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

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

void take_memory_in_large_pages() noexcept {
    if (&mi_option_set != nullptr) {
        ::mi_option_set(mi_option_large_os_pages, 1);
    }
}

void give_memory_back_at_once() noexcept {
    if (&mi_option_set != nullptr) {
        ::mi_option_set(mi_option_decommit_delay, 0);
    }
}

}  // namespace turnpike::app
