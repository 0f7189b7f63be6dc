// Sets the actions of the signals that ask for an end, and sets them back.
#include "app/stop_signals.h"

namespace turnpike::app {
namespace {

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};

}  // namespace

StopSignals::StopSignals(void (*handler)(int)) noexcept {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        ::sigaction(signals[i], nullptr, &before_[i]);
        if (signals[i] != SIGHUP || before_[i].sa_handler != SIG_IGN) {
            ::sigaction(signals[i], &action, nullptr);
        }
    }
}

StopSignals::~StopSignals() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
        ::sigaction(signals[i], &before_[i], nullptr);
    }
}

}  // namespace turnpike::app
