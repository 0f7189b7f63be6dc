// Handles SIGINT, SIGTERM and SIGHUP while a source is read: the first stops the source.
#include "app/interrupt.h"

#include <atomic>

namespace turnpike::app {
namespace {

// A signal handler can only reach what is global; lock-free, so safe to touch there.
std::atomic<capture::Source*> source_to_stop{nullptr};
std::atomic<bool> signal_came{false};
static_assert(std::atomic<capture::Source*>::is_always_lock_free);

void on_signal(int) {
    signal_came = true;
    if (auto* const source = source_to_stop.load(); source != nullptr) {
        source->stop();
    }
}

}  // namespace

InterruptGuard::InterruptGuard(capture::Source& source) {
    signal_came = false;
    source_to_stop = &source;
    signals_.emplace(on_signal);
}

InterruptGuard::~InterruptGuard() {
    signals_.reset();
    source_to_stop = nullptr;
}

bool InterruptGuard::interrupted() noexcept {
    return signal_came;
}

}  // namespace turnpike::app
