// The far end of an audit: `turnpike respond`. It answers attempts of a probe that has the same
// key, on the ports that the probe is about to try and for as long as it tries them, and tells it
// what arrived. To everybody else it is silent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "turnpike/proof/key.h"

namespace turnpike::respond {

/// What `turnpike respond` is told.
struct Options {
    std::uint16_t port = 0;  ///< the agreed UDP port
    std::string user;        ///< to become where started as root
    /// One line about something that happened; called by the thread that runs.
    std::function<void(const std::string&)> log;
};

/// What it did, for the last line.
struct Totals {
    std::uint64_t sessions = 0;
    std::uint64_t attempts = 0;
    std::uint64_t answers = 0;
    std::uint64_t refused = 0;  ///< datagrams on the agreed port that carried no fresh proof
};

/// A responder and all its open ports, which are closed with it.
class Server {
  public:
    /// Opens what it needs, then gives up its privileges. Throws base::Error: no_permission with
    /// the command that grants it, cannot_open where the port is taken.
    Server(proof::Key key, const Options& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Serves until `stop`. One thread.
    void run();
    /// Safe from a signal handler.
    void stop() noexcept;
    /// Sums since the start. To be asked by the thread of `run`, or once `run` is over.
    [[nodiscard]] Totals totals() const noexcept;

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace turnpike::respond
