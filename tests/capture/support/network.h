// A network namespace of a test's own, with a pair of interfaces.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "capture/support/octets.h"

namespace turnpike::capture::testing {

/// While it lives, this thread and the commands it starts see nothing of the machine's network. The
/// kernel takes everything away when nobody is in it any more.
class OwnNetwork {
  public:
    OwnNetwork() : outside_(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        entered_ = outside_ >= 0 && ::geteuid() == 0 && ::unshare(CLONE_NEWNET) == 0;
    }
    OwnNetwork(const OwnNetwork&) = delete;
    OwnNetwork& operator=(const OwnNetwork&) = delete;
    ~OwnNetwork() {
        if (entered_) {
            static_cast<void>(::setns(outside_, CLONE_NEWNET));
        }
        ::close(outside_);
    }
    [[nodiscard]] bool entered() const noexcept { return entered_; }

    /// "ip ...", as a shell runs it.
    static bool ip(const std::string& arguments) {
        return std::system(("ip " + arguments + " >/dev/null 2>&1").c_str()) == 0;
    }

  private:
    int outside_;
    bool entered_ = false;
};

/// Sends frames as they are.
class FrameSender {
  public:
    explicit FrameSender(const std::string& interface)
        : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) {
        target_.sll_family = AF_PACKET;
        target_.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    }
    FrameSender(const FrameSender&) = delete;
    FrameSender& operator=(const FrameSender&) = delete;
    ~FrameSender() {
        if (socket_ >= 0) {
            ::close(socket_);
        }
    }

    [[nodiscard]] bool send(const OctetVector& frame) const {
        if (socket_ < 0) {
            return false;
        }
        const auto sent = ::sendto(socket_, frame.data(), frame.size(), 0,
                                   reinterpret_cast<const sockaddr*>(&target_), sizeof target_);
        return sent == static_cast<ssize_t>(frame.size());
    }

  private:
    int socket_;
    sockaddr_ll target_{};
};

/// Waits until the kernel has seen the carrier of `interface` (at most ten seconds; else false). It
/// looks at carriers in the background: on a loaded machine an interface that was just set up has
/// none for a while, and drops what it is given.
inline bool await_carrier(std::string_view interface) {
    const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::ranges::copy(interface, request.ifr_name);
    bool running = false;
    for (int tries = 0; tries < 1000 && !running; ++tries) {
        if (tries != 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        running =
            ::ioctl(any, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING) != 0;
    }
    ::close(any);
    // The flag is set before the queue takes packets, both under one lock, which this waits for.
    return running && OwnNetwork::ip("link set " + std::string(interface) + " up");
}

/// Interfaces `near` and `far`, a cable's two ends, up and silent.
class NetworkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!network_.entered()) {
            GTEST_SKIP() << "needs root, for a network namespace of its own";
        }
        // Without IPv6 the interfaces have nothing to say themselves.
        const bool made = OwnNetwork::ip("link add near type veth peer name far") &&
                          std::system(
                              "for i in near far; do echo 1 > "
                              "/proc/sys/net/ipv6/conf/$i/disable_ipv6; done "
                              "2>/dev/null; true") == 0 &&
                          OwnNetwork::ip("link set near up") && OwnNetwork::ip("link set far up");
        if (!made) {
            GTEST_SKIP() << "needs iproute2 and virtual Ethernet pairs";
        }
        ASSERT_TRUE(await_carrier("near") && await_carrier("far"));
    }

    OwnNetwork network_;
};

}  // namespace turnpike::capture::testing
