// Threads that no signal reaches: signals are for the main thread.
#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace turnpike::base {

/// Starts a thread that blocks every signal, as `std::thread` would with the same arguments.
template <typename... Arguments>
std::thread quiet_thread(Arguments&&... arguments) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::forward<Arguments>(arguments)...);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace turnpike::base
