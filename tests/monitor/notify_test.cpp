// What the service manager is told, wherever its socket is, and when it is gone.
#include "turnpike/monitor/notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "monitor/pseudo_terminal.h"

namespace turnpike::monitor {
namespace {

/// A service manager: a datagram socket with a name of the abstract namespace or a path.
class ServiceManager {
  public:
    explicit ServiceManager(std::string name)
        : name_(std::move(name)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name_.data(), name_.size());
        if (name_[0] == '@') {
            address.sun_path[0] = '\0';
        }
        bound_ =
            ::bind(socket_, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size())) == 0;
    }
    ~ServiceManager() {
        ::close(socket_);
        if (name_[0] == '/') {
            ::unlink(name_.c_str());
        }
    }
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    [[nodiscard]] bool bound() const { return bound_; }
    [[nodiscard]] std::string next() const {
        std::array<char, 4096> datagram{};
        const ssize_t count = ::recv(socket_, datagram.data(), datagram.size(), MSG_DONTWAIT);
        return count < 0 ? std::string("(nothing)")
                         : std::string(datagram.data(), static_cast<std::size_t>(count));
    }

  private:
    std::string name_;
    int socket_;
    bool bound_ = false;
};

std::string abstract_name() {
    return "@turnpike-test-" + std::to_string(::getpid());
}

TEST(Notifier, SaysWhatTheProtocolHas) {
    const ServiceManager manager(abstract_name());
    ASSERT_TRUE(manager.bound());
    const Variable socket("NOTIFY_SOCKET", abstract_name().c_str());
    const Variable watch("WATCHDOG_USEC", "30000000");
    const Variable whom("WATCHDOG_PID", std::to_string(::getpid()).c_str());
    Notifier notifier;
    EXPECT_EQ(notifier.problem(), "");
    EXPECT_EQ(notifier.interval(), base::Duration(std::chrono::seconds{15}));
    notifier.ready();
    EXPECT_EQ(manager.next(), "READY=1");
    notifier.status("12 packets/s\nWATCHDOG=trigger");
    EXPECT_EQ(manager.next(), "STATUS=12 packets/s WATCHDOG=trigger") << "one line";
    notifier.watchdog();
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    notifier.reloading();
    EXPECT_THAT(manager.next(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
    notifier.stopping();
    EXPECT_EQ(manager.next(), "STOPPING=1");
    EXPECT_EQ(manager.next(), "(nothing)");
}

TEST(Notifier, TakesAPath) {
    const std::string path = testing::TempDir() + "turnpike-notify-" + std::to_string(::getpid());
    const ServiceManager manager(path);
    ASSERT_TRUE(manager.bound());
    const Variable socket("NOTIFY_SOCKET", path.c_str());
    Notifier notifier;
    notifier.ready();
    EXPECT_EQ(manager.next(), "READY=1");
}

TEST(Notifier, IsSilentWhereNobodyAsks) {
    const Variable socket("NOTIFY_SOCKET", nullptr);
    const Variable watch("WATCHDOG_USEC", nullptr);
    Notifier notifier;
    notifier.ready();
    notifier.status("x");
    notifier.watchdog();
    notifier.stopping();
    EXPECT_EQ(notifier.problem(), "");
    EXPECT_FALSE(notifier.interval());
}

TEST(Notifier, AsksForNoWatchdogThatWatchesAnother) {
    const Variable socket("NOTIFY_SOCKET", nullptr);
    const Variable watch("WATCHDOG_USEC", "30000000");
    {
        const Variable whom("WATCHDOG_PID", "1");
        EXPECT_FALSE(Notifier().interval());
    }
    const Variable whom("WATCHDOG_PID", nullptr);
    EXPECT_TRUE(Notifier().interval());
    for (const char* nonsense : {"0", "-1", "x", "99999999999999999999"}) {
        const Variable wrong("WATCHDOG_USEC", nonsense);
        EXPECT_FALSE(Notifier().interval()) << nonsense;
    }
}

TEST(Notifier, SaysWhyTheManagerCannotBeReached) {
    for (const auto& name : {std::string("relative"), std::string("vsock:2:1"),
                             "/" + std::string(200, 'x'), std::string("/nonexistent/notify")}) {
        const Variable socket("NOTIFY_SOCKET", name.c_str());
        Notifier notifier;
        EXPECT_THAT(notifier.problem(), testing::StartsWith("NOTIFY_SOCKET=" + name + ": "));
        notifier.ready();
    }
}

TEST(Notifier, AManagerThatWentAwayDoesNoHarm) {
    auto manager = std::make_unique<ServiceManager>(abstract_name());
    const Variable socket("NOTIFY_SOCKET", abstract_name().c_str());
    Notifier notifier;
    manager.reset();
    notifier.ready();
    notifier.status("x");
}

}  // namespace
}  // namespace turnpike::monitor
