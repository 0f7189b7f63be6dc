// HTTP by libmicrohttpd, on a socket and a thread of its own. Everything that a confined process
// may not do any more (sockets, keys, descriptors to wait on) is done by the constructor.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace turnpike::monitor {

/// What a client asks for; the views are valid while it is answered.
struct HttpRequest {
    using Pair = std::pair<std::string_view, std::string_view>;

    std::string_view version;  ///< "HTTP/1.1"
    std::string_view method;
    std::string_view path;  ///< without the query
    std::vector<Pair> fields;
    std::vector<Pair> parameters;  ///< of the query

    /// How many fields have this name, whatever its case.
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    /// The first of them; empty: none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string_view type;  ///< of the body; must live for ever
    std::shared_ptr<const std::string> body;
    std::vector<std::pair<const char*, std::string>> fields;
    /// A stream of what is announced (HTML Living Standard 9.2), from the first event on whose id
    /// is not `seen`; then `body` is not used.
    bool events = false;
    std::string seen;
};

/// A message to everybody who listens. Of several only the newest is sent to whoever is slow.
struct HttpEvent {
    std::string id;
    std::string text;  ///< as it goes over the wire, with its empty line at the end
};

/// What a server serves. Called on the server's thread.
class HttpService {
  public:
    HttpService() = default;
    virtual ~HttpService() = default;
    HttpService(const HttpService&) = delete;
    HttpService& operator=(const HttpService&) = delete;
    /// Nothing: not yet; asked again with the next announcement, or once more, `last_chance`, when
    /// the client has waited long enough.
    virtual std::optional<HttpAnswer> answer(const HttpRequest& request, bool last_chance) = 0;
};

/// An answer of one line of text.
HttpAnswer plain_answer(unsigned status, std::string_view text);

/// What no service of ours takes: another method than GET and HEAD, or not exactly one Host (RFC
/// 9112 3.2; HTTP/1.0 needs none).
std::optional<HttpAnswer> refuse(const HttpRequest& request);

struct HttpOptions {
    std::chrono::milliseconds patience{2000};  ///< a request and its answer together
    std::string certificate;                   ///< PEM; empty: no TLS
    std::string key;                           ///< PEM
};

/// Serves clients side by side: so many at once, and one more takes the place of the oldest. Bodies
/// of requests are not read; each connection has one request.
class HttpServer {
  public:
    /// Takes over a listening socket. Throws base::Error (bad_input) if `options` hold a key that
    /// is none. `service` must outlive the server.
    HttpServer(int listener, HttpService& service, HttpOptions options);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Starts answering, on a thread of its own. Then epoll_wait, accept4, recv, send, sendmsg,
    /// setsockopt, shutdown, close, poll and write are needed.
    void start();
    /// Ends the thread at once; open connections are closed. Cannot be started again.
    void stop() noexcept;
    /// Sends an event to all who listen, and asks again for answers that were put off.
    void announce(std::shared_ptr<const HttpEvent> event);
    /// Clients that listen to events or wait for an answer.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

  private:
    class Daemon;
    void serve();

    int wake_;  ///< an eventfd
    std::atomic<bool> stopping_ = false;
    std::atomic<std::size_t> waiting_ = 0;
    std::mutex mutex_;
    std::shared_ptr<const HttpEvent> event_;
    std::unique_ptr<Daemon> daemon_;
    std::thread thread_;
};

}  // namespace turnpike::monitor
