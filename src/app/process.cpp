// Prepares the process: the standard descriptors are open, and a full file is an error and no
// signal.
#include "app/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

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

}  // namespace turnpike::app
