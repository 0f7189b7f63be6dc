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
    struct sigaction action{};
    action.sa_handler = on_signal;
    // The second signal meets the default action: whoever insists gets the program ended. Reads of
    // a pipe are not restarted, so that one that waits for input ends as well.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &old_int_);
    ::sigaction(SIGTERM, &action, &old_term_);
    // A terminal that goes away; nohup(1) lets that be ignored.
    ::sigaction(SIGHUP, nullptr, &old_hup_);
    if (old_hup_.sa_handler != SIG_IGN) {
        ::sigaction(SIGHUP, &action, nullptr);
    }
}

InterruptGuard::~InterruptGuard() {
    ::sigaction(SIGINT, &old_int_, nullptr);
    ::sigaction(SIGTERM, &old_term_, nullptr);
    ::sigaction(SIGHUP, &old_hup_, nullptr);
    source_to_stop = nullptr;
}

bool InterruptGuard::interrupted() noexcept {
    return signal_came;
}

}  // namespace turnpike::app
