// Handles the signals of a live run and keeps what came until the main loop asks.
#include "app/live_signals.h"

#include <array>
#include <atomic>

#include "turnpike/capture/source.h"

namespace turnpike::app {
namespace {

// A signal handler can only reach what is global; lock-free, so safe to touch there.
constexpr std::size_t most_sources = 64;
std::array<std::atomic<capture::Source*>, most_sources> sources_to_stop{};
std::atomic<bool> hangup{false};
std::atomic<bool> user1{false};
std::atomic<bool> end{false};
static_assert(std::atomic<capture::Source*>::is_always_lock_free);

void on_end(int) {
    struct sigaction fatal{};
    fatal.sa_handler = SIG_DFL;
    ::sigaction(SIGINT, &fatal, nullptr);
    ::sigaction(SIGTERM, &fatal, nullptr);
    end = true;
    for (auto& place : sources_to_stop) {
        if (auto* const source = place.load(); source != nullptr) {
            source->stop();
        }
    }
}

void on_hangup(int) {
    hangup = true;
}

void on_user1(int) {
    user1 = true;
}

}  // namespace

LiveSignals::LiveSignals(std::span<capture::Source* const> sources) {
    hangup = false;
    user1 = false;
    end = false;
    for (std::size_t i = 0; i < sources.size() && i < most_sources; ++i) {
        sources_to_stop[i] = sources[i];
    }
    handle(SIGINT, on_end, 0);
    handle(SIGTERM, on_end, 0);
    handle(SIGHUP, on_hangup, SA_RESTART);
    handle(SIGUSR1, on_user1, SA_RESTART);
    handle(SIGPIPE, SIG_IGN, 0);
}

LiveSignals::~LiveSignals() {
    for (const auto& [signal, action] : former_) {
        ::sigaction(signal, &action, nullptr);
    }
    for (auto& place : sources_to_stop) {
        place = nullptr;
    }
}

void LiveSignals::handle(int signal, void (*handler)(int), int flags) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    auto& former = former_.emplace_back(Former{signal, {}});
    ::sigaction(signal, &action, &former.action);
}

bool LiveSignals::take_hangup() noexcept {
    return hangup.exchange(false);
}

bool LiveSignals::take_user1() noexcept {
    return user1.exchange(false);
}

bool LiveSignals::ended() noexcept {
    return end;
}

}  // namespace turnpike::app
