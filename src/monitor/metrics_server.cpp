// Answers /metrics with the newest text, to requests from this machine only.
#include "turnpike/monitor/metrics_server.h"

#include <fmt/core.h>
#include <unistd.h>

#include <mutex>
#include <utility>

#include "monitor/endpoint_text.h"
#include "monitor/http_server.h"
#include "monitor/listening_socket.h"
#include "turnpike/base/text.h"

namespace turnpike::monitor {
namespace {

// prometheus.io/docs/instrumenting/exposition_formats
constexpr std::string_view exposition = "text/plain; version=0.0.4; charset=utf-8";

int listener_of(MetricsAddress& address) {
    return address.endpoint ? listen_at("--metrics", address.endpoint)
                            : listen_at("--metrics", address.path);
}

// Whoever reaches this server is on this machine, so its name is localhost or an address. Another
// name is that of a web page which lets it lead here (DNS rebinding), to read what it must not.
bool is_local(std::string_view authority) noexcept {
    const auto host = host_of(authority);
    return host.empty() || base::equals_ignoring_case(host, "localhost") ||
           base::IpAddress::parse(host);
}

}  // namespace

class MetricsServer::Service : public HttpService {
  public:
    std::optional<HttpAnswer> answer(const HttpRequest& request, bool /*last_chance*/) override {
        if (const auto refusal = refuse(request)) {
            return refusal;
        }
        if (!is_local(request.field("Host"))) {
            return plain_answer(421, "metrics are for this machine, by its address or localhost");
        }
        if (request.path != "/metrics") {
            return plain_answer(404, "metrics are at /metrics");
        }
        HttpAnswer answer;
        answer.type = exposition;
        const std::scoped_lock lock(mutex_);
        answer.body = text_;
        return answer;
    }

    void publish(std::string text) {
        auto next = std::make_shared<const std::string>(std::move(text));
        const std::scoped_lock lock(mutex_);
        text_ = std::move(next);
    }

  private:
    std::mutex mutex_;
    std::shared_ptr<const std::string> text_ = std::make_shared<const std::string>();
};

MetricsServer::MetricsServer(MetricsAddress address)
    : address_(std::move(address)),
      service_(std::make_unique<Service>()),
      server_(std::make_unique<HttpServer>(listener_of(address_), *service_, HttpOptions{})) {}

MetricsServer::~MetricsServer() {
    stop();
    if (!address_.path.empty()) {
        ::unlink(address_.path.c_str());
    }
}

void MetricsServer::start() {
    server_->start();
}

void MetricsServer::stop() noexcept {
    server_->stop();
}

void MetricsServer::publish(std::string text) {
    service_->publish(std::move(text));
}

std::string MetricsServer::where() const {
    return address_.endpoint ? fmt::format("http://{}/metrics", to_string(address_.endpoint))
                             : "unix:" + address_.path;
}

}  // namespace turnpike::monitor
