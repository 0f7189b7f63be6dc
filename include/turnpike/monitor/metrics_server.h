// The HTTP server of /metrics: loopback or a Unix socket, nothing but GET.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "turnpike/base/ip_address.h"

namespace turnpike::monitor {

class HttpServer;

/// Where metrics are served: a loopback endpoint or the path of a Unix socket.
struct MetricsAddress {
    base::Endpoint endpoint;  ///< empty address: `path` counts
    std::string path;

    /// "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" (127.0.0.1) or "unix:/path". Port
    /// 0 takes any free one. Throws base::Error (usage) for anything else, also for addresses that
    /// others can reach: what is seen on the wire is for the administrator of this machine.
    static MetricsAddress parse(std::string_view text);
};

/// Answers HTTP/1.1 GET and HEAD of /metrics (RFC 9112) by libmicrohttpd, one response a
/// connection. A request and its answer have 2 s; clients are served side by side, so that slow
/// ones delay nobody. The sockets are made by the constructor, before the process confines itself.
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
    class Service;
    MetricsAddress address_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<HttpServer> server_;
};

}  // namespace turnpike::monitor
