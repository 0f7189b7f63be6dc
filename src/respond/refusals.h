// What was refused on the agreed port, told in a line now and then, never in a line a datagram.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "turnpike/proof/message.h"

namespace turnpike::respond {

class Refusals {
  public:
    explicit Refusals(std::function<void(const std::string&)> log) : log_(std::move(log)) {}

    /// A datagram that could not be decoded.
    void add(const base::Endpoint& source, const proof::Decoded& decoded);
    void add_replay(const base::Endpoint& source);
    /// Something else that is worth a line, once.
    void say_once(const std::string& line);
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  private:
    void say(const std::string& line);

    std::function<void(const std::string&)> log_;
    std::uint64_t count_ = 0;
    bool said_once_ = false;
    std::uint64_t told_ = 0;  ///< of `count_`, when a line was last written
    std::optional<std::chrono::steady_clock::time_point> last_;
};

}  // namespace turnpike::respond
