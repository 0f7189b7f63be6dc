// Serves the live page, and sends its changes to whoever has it open.
#include "turnpike/monitor/web_server.h"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <random>
#include <utility>

#include "monitor/endpoint_text.h"
#include "monitor/http_server.h"
#include "monitor/listening_socket.h"
#include "monitor/web_access.h"
#include "turnpike/base/error.h"
#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

// For a large page over a slow line.
constexpr std::chrono::milliseconds page_patience{30'000};

// The page has a policy of its own; what a page cannot say of itself is said here.
void add_protection(HttpAnswer& answer) {
    answer.fields.emplace_back("Content-Security-Policy", "frame-ancestors 'none'");
    answer.fields.emplace_back("X-Content-Type-Options", "nosniff");
    answer.fields.emplace_back("Referrer-Policy", "no-referrer");
    answer.fields.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    answer.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace

class WebServer::Service : public HttpService {
  public:
    explicit Service(WebOptions options) : options_(std::move(options)) {}

    std::optional<HttpAnswer> answer(const HttpRequest& request, bool last_chance) override {
        auto answer = serve(request, last_chance);
        if (answer) {
            add_protection(*answer);
        }
        return answer;
    }

    void publish(std::string document) {
        auto next = std::make_shared<const std::string>(std::move(document));
        const std::scoped_lock lock(mutex_);
        document_ = std::move(next);
        outdated_ = false;
    }
    void outdate() noexcept { outdated_ = true; }

  private:
    std::optional<HttpAnswer> serve(const HttpRequest& request, bool last_chance) {
        if (auto refusal = turn_away(request, options_)) {
            return refusal;
        }
        if (request.path == "/events") {
            HttpAnswer answer;
            answer.type = "text/event-stream";
            answer.events = true;
            answer.seen = request.field("Last-Event-ID");
            return answer;
        }
        return request.path == "/" ? page(last_chance) : plain_answer(404, "the page is at /");
    }

    std::optional<HttpAnswer> page(bool last_chance) {
        const std::scoped_lock lock(mutex_);
        if (!last_chance && (outdated_ || !document_)) {
            return std::nullopt;
        }
        if (!document_) {
            return plain_answer(503, "there is nothing to show yet; try again in some seconds");
        }
        HttpAnswer answer;
        answer.type = "text/html; charset=utf-8";
        answer.body = document_;
        return answer;
    }

    const WebOptions options_;
    std::mutex mutex_;
    std::shared_ptr<const std::string> document_;
    std::atomic<bool> outdated_ = true;
};

base::Endpoint WebOptions::parse(std::string_view text) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint) {
        throw base::Error(base::ExitStatus::usage,
                          fmt::format("--web {}: {}; use 127.0.0.1:8080 or [::1]:8080",
                                      base::from_network(text), endpoint.error()));
    }
    return *endpoint;
}

WebServer::WebServer(WebOptions options)
    : endpoint_(options.endpoint),
      secure_(!options.certificate.empty()),
      name_(options.name),
      instance_(fmt::format("{:08x}", std::random_device{}())) {
    const int listener = listen_at("--web", endpoint_);
    options.endpoint = endpoint_;  // with the port that was given
    HttpOptions http{page_patience, options.certificate, options.key};
    service_ = std::make_unique<Service>(std::move(options));
    server_ = std::make_unique<HttpServer>(listener, *service_, std::move(http));
}

WebServer::~WebServer() {
    stop();
}

void WebServer::start() {
    server_->start();
}

void WebServer::stop() noexcept {
    server_->stop();
}

void WebServer::publish(std::string document, std::string_view update) {
    service_->publish(std::move(document));
    auto event = std::make_shared<HttpEvent>();
    event->id = fmt::format("{}-{}", instance_, ++published_);
    event->text = fmt::format("retry: 2000\nid: {}\ndata: {}\n\n", event->id, update);
    server_->announce(std::move(event));
}

void WebServer::outdate() noexcept {
    service_->outdate();
}

std::size_t WebServer::watching() const noexcept {
    return server_->waiting();
}

std::string WebServer::where() const {
    auto shown = endpoint_;
    if (shown.address.is_unspecified()) {
        shown.address = *base::IpAddress::parse(shown.address.is_v4() ? "127.0.0.1" : "::1");
    }
    const auto authority =
        name_.empty() ? to_string(shown) : fmt::format("{}:{}", name_, endpoint_.port);
    return fmt::format("{}://{}/", secure_ ? "https" : "http", authority);
}

}  // namespace turnpike::monitor
