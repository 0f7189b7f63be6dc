// Whether an interface is there, up and connected.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace turnpike::capture {

enum class LinkState : std::uint8_t {
    running,
    no_carrier,  ///< up, but no cable or no peer
    down,
    gone,  ///< the interface does not exist any more
};

/// Follows the state of one interface, by its index, so that a new name does not matter.
class LinkWatch {
  public:
    /// Of nothing ("any", or what is no network interface): always running.
    LinkWatch() = default;
    /// `index` as if_nametoindex has it; zero means nothing to watch.
    LinkWatch(std::string name, unsigned index) : name_(std::move(name)), index_(index) {}

    /// Asks the kernel through `descriptor`, any socket.
    void look(int descriptor);
    /// The kernel reported that the interface went down, even if it is up again by now.
    void went_down();

    [[nodiscard]] LinkState state() const noexcept { return state_; }
    /// "eth0: the interface went down" and the like, since the last call.
    std::vector<std::string> take_notices() { return std::exchange(notices_, {}); }

  private:
    void change(LinkState state);

    std::string name_;
    unsigned index_ = 0;
    LinkState state_ = LinkState::running;
    std::vector<std::string> notices_;
};

}  // namespace turnpike::capture
