// The HTTP server of the live page: whoever may see it gets the page and then every change of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "turnpike/base/ip_address.h"

namespace turnpike::monitor {

class HttpServer;

/// Where the page is served, and to whom.
struct WebOptions {
    base::Endpoint endpoint;
    /// What browsers may call this machine besides its address; empty: nothing.
    std::string name;
    /// What a browser must bring along (`/?token=...` once, then a cookie); empty: nothing.
    std::string token;
    std::string certificate;  ///< PEM; empty: no TLS
    std::string key;          ///< PEM

    /// "127.0.0.1:8080", "[::1]:8080", "192.0.2.7:8080", "0.0.0.0:8080"; port 0 takes any free one.
    /// Throws base::Error (usage).
    static base::Endpoint parse(std::string_view text);
};

/// Serves GET and HEAD of `/` and of `/events`, a stream of server-sent events (HTML Living
/// Standard 9.2). There is nothing to change. A request must name this machine as its Host
/// (otherwise a page elsewhere could read ours through a name that points here) and, where it has
/// an Origin, come from our page. Each browser takes the newest state as fast as it can; those
/// between are skipped.
class WebServer {
  public:
    /// Listens. Throws base::Error: cannot_create if the address cannot be had, bad_input if
    /// certificate and key are no pair.
    explicit WebServer(WebOptions options);
    ~WebServer();
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    /// Starts answering, on a thread of its own.
    void start();
    /// Ends the thread at once; open connections are closed.
    void stop() noexcept;
    /// The page to answer with from now on, and the change (one line of JSON) for open ones.
    void publish(std::string document, std::string_view update);
    /// What was published is not the newest any more: who asks for the page waits for a moment.
    void outdate() noexcept;
    /// Browsers that watch or wait.
    [[nodiscard]] std::size_t watching() const noexcept;

    /// "http://127.0.0.1:8080/", for people.
    [[nodiscard]] std::string where() const;
    /// The port that is listened on, also where any free one was asked for.
    [[nodiscard]] std::uint16_t port() const noexcept { return endpoint_.port; }

  private:
    class Service;
    base::Endpoint endpoint_;
    bool secure_;
    std::string name_;
    std::string instance_;  ///< tells the events of this server from those of one before it
    std::uint64_t published_ = 0;
    std::unique_ptr<Service> service_;
    std::unique_ptr<HttpServer> server_;
};

}  // namespace turnpike::monitor
