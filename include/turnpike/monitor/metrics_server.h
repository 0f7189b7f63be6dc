// The HTTP server of /metrics: loopback or a Unix socket, one thread, nothing but GET.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "turnpike/base/ip_address.h"

namespace turnpike::monitor {

/// Where metrics are served: a loopback endpoint or the path of a Unix socket.
struct MetricsAddress {
    base::Endpoint endpoint;  ///< empty address: `path` counts
    std::string path;

    /// "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" (127.0.0.1) or "unix:/path". Port
    /// 0 takes any free one. Throws base::Error (usage) for anything else, also for addresses that
    /// others can reach: what is seen on the wire is for the administrator of this machine.
    static MetricsAddress parse(std::string_view text);
};

/// Answers HTTP/1.1 GET and HEAD of /metrics (RFC 9112), one response a connection. A request has 8
/// KiB and 2 s; clients are served side by side, so that slow ones delay nobody. The sockets are
/// made by the constructor, before the process confines itself; afterwards only accept4, recv,
/// send, shutdown, close, poll, write (the wake-up) and unlink are needed.
///
/// prometheus-cpp's own Exposer is not used: it makes sockets and threads when it likes, which a
/// confined process is killed for, and it cannot listen on a Unix socket.
class MetricsServer {
  public:
    /// Listens. Throws base::Error (cannot_create) if the address cannot be had.
    explicit MetricsServer(MetricsAddress address);
    /// Stops, and removes the Unix socket where it may.
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

    /// Starts answering, on a thread of its own.
    void start();
    /// Ends the thread at once; open connections are closed.
    void stop() noexcept;
    /// The text to answer with from now on.
    void publish(std::string text);

    /// "http://127.0.0.1:9464/metrics" or "unix:/path", for people.
    [[nodiscard]] std::string where() const;
    /// The port that is listened on; 0 for a Unix socket.
    [[nodiscard]] std::uint16_t port() const noexcept { return address_.endpoint.port; }

  private:
    void serve();
    std::shared_ptr<const std::string> current();

    MetricsAddress address_;
    int listener_ = -1;
    int wake_ = -1;  ///< an eventfd that ends the thread
    std::mutex mutex_;
    std::shared_ptr<const std::string> text_;
    std::thread thread_;
};

}  // namespace turnpike::monitor
