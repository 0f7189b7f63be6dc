#include "turnpike/monitor/metrics_server.h"

#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include "monitor/http_connection.h"
#include "monitor/listening_socket.h"

namespace turnpike::monitor {
namespace {

using Clock = HttpConnection::Clock;

// So many clients at once; one more takes the place of the oldest.
constexpr std::size_t most_clients = 32;
// Where no connection can be accepted (no descriptors left), poll would return at once for ever.
constexpr auto rest_after_error = std::chrono::milliseconds{200};

/// The loop of the server's thread: all clients side by side.
class Clients {
  public:
    Clients(int listener, int wake) noexcept : listener_(listener), wake_(wake) {}

    /// Waits until something can be done. False: the server is to stop.
    bool wait();
    void advance(const std::shared_ptr<const std::string>& metrics);

  private:
    void accept(Clock::time_point now);
    [[nodiscard]] int patience(Clock::time_point now) const;

    int listener_;
    int wake_;
    Clock::time_point resting_until_;
    std::vector<HttpConnection> connections_;
    std::vector<pollfd> polled_;
};

// Milliseconds until the next deadline, rounded up; -1: for ever.
int Clients::patience(Clock::time_point now) const {
    std::optional<Clock::time_point> next;
    if (resting_until_ > now) {
        next = resting_until_;
    }
    for (const auto& connection : connections_) {
        next = std::min(next.value_or(connection.deadline()), connection.deadline());
    }
    if (!next) {
        return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now).count();
    return static_cast<int>(std::max<std::int64_t>(left, 0));
}

bool Clients::wait() {
    const auto now = Clock::now();
    polled_.clear();
    polled_.push_back({wake_, POLLIN, 0});
    polled_.push_back({resting_until_ > now ? -1 : listener_, POLLIN, 0});
    for (const auto& connection : connections_) {
        polled_.push_back({connection.socket(), connection.wanted(), 0});
    }
    while (::poll(polled_.data(), polled_.size(), patience(Clock::now())) < 0 && errno == EINTR) {
    }
    return polled_[0].revents == 0;
}

void Clients::advance(const std::shared_ptr<const std::string>& metrics) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        if (polled_[i + 2].revents != 0) {
            connections_[i].advance(metrics);
        }
    }
    const auto now = Clock::now();
    std::erase_if(connections_, [now](const HttpConnection& connection) {
        return connection.finished() || connection.deadline() <= now;
    });
    if (polled_[1].revents != 0) {
        accept(now);
    }
}

void Clients::accept(Clock::time_point now) {
    // No more at once than there is room for: those who wait for their answer have a turn between.
    for (std::size_t i = 0; i < most_clients; ++i) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                resting_until_ = now + rest_after_error;
            }
            return;
        }
        if (connections_.size() == most_clients) {
            connections_.erase(connections_.begin());
        }
        connections_.emplace_back(socket, now);
    }
}

}  // namespace

MetricsServer::MetricsServer(MetricsAddress address)
    : address_(std::move(address)),
      listener_(listen_at(address_)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      text_(std::make_shared<const std::string>()) {}

MetricsServer::~MetricsServer() {
    stop();
    ::close(listener_);
    ::close(wake_);
    if (!address_.path.empty()) {
        ::unlink(address_.path.c_str());
    }
}

void MetricsServer::start() {
    // Signals are for the main thread.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread(&MetricsServer::serve, this);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void MetricsServer::stop() noexcept {
    if (thread_.joinable()) {
        const std::uint64_t one = 1;
        static_cast<void>(!::write(wake_, &one, sizeof one));
        thread_.join();
    }
}

void MetricsServer::publish(std::string text) {
    auto next = std::make_shared<const std::string>(std::move(text));
    const std::scoped_lock lock(mutex_);
    text_ = std::move(next);
}

std::shared_ptr<const std::string> MetricsServer::current() {
    const std::scoped_lock lock(mutex_);
    return text_;
}

std::string MetricsServer::where() const {
    return address_.endpoint ? fmt::format("http://{}/metrics", to_string(address_.endpoint))
                             : "unix:" + address_.path;
}

void MetricsServer::serve() {
    Clients clients(listener_, wake_);
    while (clients.wait()) {
        clients.advance(current());
    }
}

}  // namespace turnpike::monitor
