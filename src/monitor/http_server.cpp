// Runs libmicrohttpd's loop: requests, answers, and streams of events to many listeners.
#include "monitor/http_server.h"

#include <fmt/core.h>
#include <microhttpd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <list>

#include "turnpike/base/error.h"
#include "turnpike/base/quiet_thread.h"
#include "turnpike/base/text.h"

namespace turnpike::monitor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_clients = 32;    // that ask; one more takes the place of the oldest
constexpr std::size_t most_listeners = 16;  // to events
constexpr unsigned most_connections = most_clients + most_listeners + 16;  // while some go
constexpr std::size_t room_for_request = std::size_t{16} << 10U;  // and for the answer's head
constexpr std::size_t piece = std::size_t{32} << 10U;             // of an event
constexpr unsigned listener_patience = 60;  // seconds in which somebody must read something
constexpr auto longest_hold = std::chrono::seconds{3};
// So that a listener that has gone is noticed, and proxies between keep the connection.
constexpr auto heartbeat_every = std::chrono::seconds{15};
constexpr std::string_view heartbeat = ":\n\n";

/// A connection from its beginning to its end.
struct Client {
    MHD_Connection* connection = nullptr;
    Clock::time_point since;
    bool suspended = false;
    bool listens = false;  ///< to events
    bool held = false;     ///< an answer was put off, at least once
    bool gone = false;
    std::string seen;                          ///< the event that was sent last
    std::shared_ptr<const HttpEvent> sending;  ///< the rest of it is to be sent
    std::size_t sent = 0;
    bool beat = false;  ///< a heartbeat is due
};

MHD_Result collect(void* pairs, MHD_ValueKind /*kind*/, const char* name, const char* value) {
    static_cast<std::vector<HttpRequest::Pair>*>(pairs)->emplace_back(
        name, value == nullptr ? std::string_view() : std::string_view(value));
    return MHD_YES;
}

// Origin form or absolute form (RFC 9112 3.2).
std::string_view path_of(std::string_view target) noexcept {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.starts_with(scheme)) {
            const std::size_t slash = target.find('/', scheme.size());
            return slash == std::string_view::npos ? "/" : target.substr(slash);
        }
    }
    return target;
}

HttpRequest request_of(MHD_Connection* connection, const char* target, const char* method,
                       const char* version) {
    HttpRequest request;
    request.version = version;
    request.method = method;
    request.path = path_of(target);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect, &request.fields);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, collect, &request.parameters);
    return request;
}

using Shared = std::shared_ptr<const std::string>;

void release(void* body) {
    delete static_cast<Shared*>(body);
}

/// libmicrohttpd's view of a body that is shared.
MHD_Response* response_of(const Shared& body) {
    // It does not write to it.
    return MHD_create_response_from_buffer_with_free_callback_cls(
        body->size(), const_cast<char*>(body->data()), release, new Shared(body));
}

}  // namespace

std::size_t HttpRequest::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields, [name](const Pair& pair) { return base::equals_ignoring_case(pair.first, name); }));
}

std::string_view HttpRequest::field(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(
        fields, [name](const Pair& pair) { return base::equals_ignoring_case(pair.first, name); });
    return found == fields.end() ? std::string_view() : found->second;
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters, name, &Pair::first);
    return found == parameters.end() ? std::nullopt : std::optional{found->second};
}

HttpAnswer plain_answer(unsigned status, std::string_view text) {
    HttpAnswer answer;
    answer.status = status;
    answer.type = "text/plain; charset=utf-8";
    answer.body = std::make_shared<const std::string>(fmt::format("{}\n", text));
    return answer;
}

std::optional<HttpAnswer> refuse(const HttpRequest& request) {
    if (const auto hosts = request.count("Host");
        hosts > 1 || (hosts == 0 && request.version != "HTTP/1.0")) {
        return plain_answer(400, "a request names its host, once");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        auto answer = plain_answer(405, "nothing can be changed here; GET and HEAD are answered");
        answer.fields.emplace_back("Allow", "GET, HEAD");
        return answer;
    }
    return std::nullopt;
}

/// libmicrohttpd's server and its clients; all but the constructor happens on one thread.
class HttpServer::Daemon {
  public:
    Daemon(HttpServer& server, int listener, HttpService& service, HttpOptions options);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// What to wait for, and for how long: milliseconds.
    [[nodiscard]] int descriptor() const;
    [[nodiscard]] int patience();
    void run();
    /// Something was announced.
    void wake_listeners();

  private:
    static void on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode code);
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* target,
                                 const char* method, const char* version, const char* upload,
                                 std::size_t* upload_size, void** context);
    /// What libmicrohttpd hands back for the next piece of an event stream.
    struct Listener {
        Daemon* daemon;
        Client* client;
    };
    static ssize_t on_piece(void* listener, std::uint64_t position, char* buffer, std::size_t room);

    void accept(MHD_Connection* connection, void** context);
    MHD_Result answer(Client& client, const HttpRequest& request);
    MHD_Result listen(Client& client, const HttpAnswer& answer);
    MHD_Result send(Client& client, const HttpAnswer& answer, MHD_Response* response);
    ssize_t next_piece(Client& client, char* buffer, std::size_t room);
    bool make_room_for_listener();
    void suspend(Client& client);
    void resume(Client& client);
    static void cut(Client& client);
    void tick();
    void count();

    HttpServer& server_;
    HttpService& service_;
    HttpOptions options_;
    std::list<Client> clients_;  ///< the oldest first
    Clock::time_point beat_at_;
    MHD_Daemon* daemon_ = nullptr;
};

HttpServer::Daemon::Daemon(HttpServer& server, int listener, HttpService& service,
                           HttpOptions options)
    : server_(server),
      service_(service),
      options_(std::move(options)),
      beat_at_(Clock::now() + heartbeat_every) {
    const bool secure = !options_.certificate.empty();
    std::vector<MHD_OptionItem> more;
    if (secure) {
        more.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, options_.certificate.data()});
        more.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, options_.key.data()});
    }
    more.push_back({MHD_OPTION_END, 0, nullptr});
    const unsigned flags = static_cast<unsigned>(MHD_USE_EPOLL) |
                           static_cast<unsigned>(MHD_ALLOW_SUSPEND_RESUME) |
                           (secure ? static_cast<unsigned>(MHD_USE_TLS) : 0U);
    daemon_ = MHD_start_daemon(flags, 0, nullptr, nullptr, &Daemon::on_request, this,  //
                               MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
                               most_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                               room_for_request, MHD_OPTION_NOTIFY_CONNECTION,
                               &Daemon::on_connection, this, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                               MHD_OPTION_ARRAY, more.data(), MHD_OPTION_END);
    if (daemon_ == nullptr) {
        throw base::Error(base::ExitStatus::bad_input,
                          secure ? "the certificate and its key are not a pair of PEM files that "
                                   "can be used; give both, the key without a password"
                                 : "the web server cannot be started");
    }
}

HttpServer::Daemon::~Daemon() {
    for (auto& client : clients_) {
        client.gone = true;
        resume(client);  // libmicrohttpd must not be stopped while some are suspended
    }
    MHD_stop_daemon(daemon_);
}

int HttpServer::Daemon::descriptor() const {
    return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int HttpServer::Daemon::patience() {
    const auto now = Clock::now();
    auto next = beat_at_;
    for (const auto& client : clients_) {
        if (!client.listens) {
            next = std::min(next, client.since + options_.patience);
        }
        if (client.suspended && client.held) {
            next = std::min(next, client.since + longest_hold);
        }
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    auto wait = static_cast<MHD_UNSIGNED_LONG_LONG>(std::max<std::int64_t>(left, 0));
    if (MHD_UNSIGNED_LONG_LONG its_own = 0; MHD_get_timeout(daemon_, &its_own) == MHD_YES) {
        wait = std::min(wait, its_own);
    }
    return static_cast<int>(wait);
}

void HttpServer::Daemon::run() {
    tick();
    MHD_run(daemon_);
}

// Who has had enough time.
void HttpServer::Daemon::tick() {
    const auto now = Clock::now();
    const bool beat = now >= beat_at_;
    if (beat) {
        beat_at_ = now + heartbeat_every;
    }
    for (auto& client : clients_) {
        if (client.listens) {
            client.beat = client.beat || beat;
            if (beat) {
                resume(client);
            }
        } else if (client.suspended && now - client.since >= longest_hold) {
            resume(client);
        } else if (now - client.since >= options_.patience && !client.suspended) {
            cut(client);
        }
    }
}

void HttpServer::Daemon::wake_listeners() {
    for (auto& client : clients_) {
        resume(client);
    }
}

void HttpServer::Daemon::suspend(Client& client) {
    MHD_suspend_connection(client.connection);
    client.suspended = true;
    count();
}

void HttpServer::Daemon::resume(Client& client) {
    if (std::exchange(client.suspended, false)) {
        MHD_resume_connection(client.connection);
    }
}

// The daemon notices, and forgets it.
void HttpServer::Daemon::cut(Client& client) {
    client.gone = true;
    ::shutdown(
        MHD_get_connection_info(client.connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
        SHUT_RDWR);
}

void HttpServer::Daemon::count() {
    server_.waiting_ = static_cast<std::size_t>(std::ranges::count_if(
        clients_, [](const Client& client) { return client.listens || client.suspended; }));
}

void HttpServer::Daemon::on_connection(void* self, MHD_Connection* connection, void** context,
                                       MHD_ConnectionNotificationCode code) {
    auto& daemon = *static_cast<Daemon*>(self);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        daemon.accept(connection, context);
        return;
    }
    daemon.clients_.remove_if(
        [connection](const Client& client) { return client.connection == connection; });
    daemon.count();
}

void HttpServer::Daemon::accept(MHD_Connection* connection, void** context) {
    const auto asking = [](const Client& client) { return !client.listens && !client.gone; };
    if (std::ranges::count_if(clients_, asking) >= static_cast<std::ptrdiff_t>(most_clients)) {
        auto oldest = std::ranges::find_if(clients_, asking);
        resume(*oldest);
        cut(*oldest);
    }
    auto& client = clients_.emplace_back();
    client.connection = connection;
    client.since = Clock::now();
    *context = &client;
}

MHD_Result HttpServer::Daemon::on_request(void* self, MHD_Connection* connection,
                                          const char* target, const char* method,
                                          const char* version, const char* /*upload*/,
                                          std::size_t* /*upload_size*/, void** /*context*/) {
    auto& daemon = *static_cast<Daemon*>(self);
    auto& client = *static_cast<Client*>(
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
    if (client.gone) {
        return MHD_NO;
    }
    return daemon.answer(client, request_of(connection, target, method, version));
}

MHD_Result HttpServer::Daemon::answer(Client& client, const HttpRequest& request) {
    const bool last_chance = Clock::now() - client.since >= longest_hold;
    const auto answer = service_.answer(request, last_chance);
    if (!answer) {
        client.held = true;
        suspend(client);
        return MHD_YES;
    }
    client.held = false;
    count();
    return answer->events ? listen(client, *answer)
                          : send(client, *answer, response_of(answer->body));
}

MHD_Result HttpServer::Daemon::send(Client& client, const HttpAnswer& answer,
                                    MHD_Response* response) {
    const std::string type(answer.type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type.c_str());
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    for (const auto& [name, value] : answer.fields) {
        MHD_add_response_header(response, name, value.c_str());
    }
    const auto queued = MHD_queue_response(client.connection, answer.status, response);
    MHD_destroy_response(response);
    return queued;
}

// Whoever has not taken an event for long makes room; everybody else keeps his place.
bool HttpServer::Daemon::make_room_for_listener() {
    const auto listens = [](const Client& client) { return client.listens && !client.gone; };
    if (std::ranges::count_if(clients_, listens) < static_cast<std::ptrdiff_t>(most_listeners)) {
        return true;
    }
    const auto slow = std::ranges::find_if(clients_, [&](const Client& client) {
        return listens(client) && client.sending != nullptr && !client.suspended;
    });
    if (slow == clients_.end()) {
        return false;
    }
    cut(*slow);
    return true;
}

MHD_Result HttpServer::Daemon::listen(Client& client, const HttpAnswer& answer) {
    if (!make_room_for_listener()) {
        const auto full = plain_answer(503, "so many browsers watch already; close one");
        return send(client, full, response_of(full.body));
    }
    client.listens = true;
    client.seen = answer.seen;
    client.beat = true;  // at once, so that the browser knows that it is connected
    count();
    // The unit is seconds without any progress; a suspended connection has no limit.
    MHD_set_connection_option(client.connection, MHD_CONNECTION_OPTION_TIMEOUT, listener_patience);
    return send(client, answer,
                MHD_create_response_from_callback(
                    MHD_SIZE_UNKNOWN, piece, &Daemon::on_piece, new Listener{this, &client},
                    [](void* listener) { delete static_cast<Listener*>(listener); }));
}

ssize_t HttpServer::Daemon::on_piece(void* listener, std::uint64_t /*position*/, char* buffer,
                                     std::size_t room) {
    const auto& [daemon, client] = *static_cast<Listener*>(listener);
    return daemon->next_piece(*client, buffer, room);
}

ssize_t HttpServer::Daemon::next_piece(Client& client, char* buffer, std::size_t room) {
    if (client.gone) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (client.sending == nullptr) {
        const std::scoped_lock lock(server_.mutex_);
        if (server_.event_ != nullptr && server_.event_->id != client.seen) {
            client.sending = server_.event_;
            client.sent = 0;
        }
    }
    if (client.sending == nullptr) {
        if (std::exchange(client.beat, false)) {
            return static_cast<ssize_t>(heartbeat.copy(buffer, room));
        }
        suspend(client);
        return 0;
    }
    const auto count = client.sending->text.copy(buffer, room, client.sent);
    client.sent += count;
    if (client.sent == client.sending->text.size()) {
        client.seen = client.sending->id;
        client.sending = nullptr;
    }
    return static_cast<ssize_t>(count);
}

HttpServer::HttpServer(int listener, HttpService& service, HttpOptions options)
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      daemon_(std::make_unique<Daemon>(*this, listener, service, std::move(options))) {}

HttpServer::~HttpServer() {
    stop();
}

void HttpServer::start() {
    thread_ = base::quiet_thread(&HttpServer::serve, this);
}

void HttpServer::stop() noexcept {
    if (thread_.joinable()) {
        stopping_ = true;
        wake();
        thread_.join();
    }
    daemon_ = nullptr;
}

void HttpServer::announce(std::shared_ptr<const HttpEvent> event) {
    {
        const std::scoped_lock lock(mutex_);
        event_ = std::move(event);
    }
    wake();
}

void HttpServer::wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

void HttpServer::serve() {
    while (!stopping_) {
        pollfd waited[] = {{daemon_->descriptor(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
        ::poll(waited, std::size(waited), daemon_->patience());
        std::uint64_t news = 0;
        if (waited[1].revents != 0 && ::read(wake_.get(), &news, sizeof news) > 0) {
            daemon_->wake_listeners();
        }
        daemon_->run();
    }
}

}  // namespace turnpike::monitor
