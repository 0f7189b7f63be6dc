// Handles SIGINT, SIGTERM and SIGHUP for one object, which is asked to stop.
#include "app/stop_request.h"

#include <atomic>

namespace turnpike::app {
namespace {

std::atomic<bool> stop_came{false};
std::atomic<void (*)(void*) noexcept> stop_action{nullptr};
std::atomic<void*> stop_object{nullptr};

void on_stop(int) {
    stop_came = true;
    if (auto* const action = stop_action.load(); action != nullptr) {
        action(stop_object.load());
    }
}

}  // namespace

StopRequest::StopRequest(void (*stop)(void*) noexcept, void* of) {
    stop_came = false;
    stop_object = of;
    stop_action = stop;
    signals_.emplace(on_stop);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &old_pipe_);
}

StopRequest::~StopRequest() {
    signals_.reset();
    ::sigaction(SIGPIPE, &old_pipe_, nullptr);
    stop_action = nullptr;
}

bool StopRequest::came() noexcept {
    return stop_came;
}

}  // namespace turnpike::app
