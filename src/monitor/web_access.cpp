// Checks host, origin, cookie and token of a request for the live page.
#include "monitor/web_access.h"

#include <fmt/core.h>

#include "monitor/endpoint_text.h"
#include "turnpike/base/text.h"

namespace turnpike::monitor {
namespace {

// Whatever the port: the page may be looked at through a tunnel (ssh -L).
bool names_this_machine(std::string_view authority, const WebOptions& options) {
    const auto host = host_of(authority);
    const auto& own = options.endpoint.address;
    if (!options.name.empty() && base::equals_ignoring_case(host, options.name)) {
        return true;
    }
    if (own.is_loopback() && base::equals_ignoring_case(host, "localhost")) {
        return true;
    }
    // Names can be pointed here by whoever owns them, addresses cannot.
    const auto address = base::IpAddress::parse(host);
    return address && (*address == own || own.is_unspecified());
}

bool comes_from_our_page(const HttpRequest& request, bool secure) {
    const auto origin = request.field("Origin");
    const auto own = fmt::format("{}://{}", secure ? "https" : "http", request.field("Host"));
    if (request.count("Origin") > 1 ||
        (!origin.empty() && !base::equals_ignoring_case(origin, own))) {
        return false;
    }
    // Browsers say it of every request (Fetch Metadata); a link from elsewhere may lead to the
    // page.
    const auto site = request.field("Sec-Fetch-Site");
    return request.path == "/" || site.empty() || site == "same-origin" || site == "none";
}

// Takes as long whatever is wrong.
bool same_secret(std::string_view given, std::string_view secret) noexcept {
    unsigned difference = given.size() == secret.size() ? 0 : 1;
    for (std::size_t i = 0; i < secret.size(); ++i) {
        const char other = i < given.size() ? given[i] : '\0';
        difference |= static_cast<unsigned char>(other ^ secret[i]);
    }
    return difference == 0;
}

// Cookies of one host are shared by all its ports.
std::string cookie_name(const WebOptions& options) {
    return fmt::format("turnpike-{}", options.endpoint.port);
}

bool brings_cookie(const HttpRequest& request, const WebOptions& options) {
    auto cookies = request.field("Cookie");
    const auto wanted = cookie_name(options) + "=";
    while (!cookies.empty()) {
        const auto end = std::min(cookies.find(';'), cookies.size());
        auto cookie = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        while (cookie.starts_with(' ')) {
            cookie.remove_prefix(1);
        }
        if (cookie.starts_with(wanted) &&
            same_secret(cookie.substr(wanted.size()), options.token)) {
            return true;
        }
    }
    return false;
}

bool brings_token(const HttpRequest& request, const WebOptions& options) {
    constexpr std::string_view scheme = "Bearer ";
    const auto authorization = request.field("Authorization");
    return (authorization.starts_with(scheme) &&
            same_secret(authorization.substr(scheme.size()), options.token)) ||
           brings_cookie(request, options);
}

HttpAnswer take_cookie(const WebOptions& options) {
    auto answer = plain_answer(303, "the page is at /");
    answer.fields.emplace_back("Location", "/");
    answer.fields.emplace_back(
        "Set-Cookie",
        fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(options),
                    options.token, options.certificate.empty() ? "" : "; Secure"));
    return answer;
}

}  // namespace

std::optional<HttpAnswer> turn_away(const HttpRequest& request, const WebOptions& options) {
    if (auto refusal = refuse(request)) {
        return refusal;
    }
    if (!names_this_machine(request.field("Host"), options)) {
        return plain_answer(403,
                            "this is not the machine that the address names; use its IP "
                            "address, or start turnpike with --web-name");
    }
    if (!comes_from_our_page(request, !options.certificate.empty())) {
        return plain_answer(403, "pages from elsewhere may not read this");
    }
    if (options.token.empty()) {
        return std::nullopt;
    }
    if (const auto token = request.parameter("token");
        token && request.path == "/" && same_secret(*token, options.token)) {
        return take_cookie(options);
    }
    if (!brings_token(request, options)) {
        auto answer = plain_answer(401,
                                   "open /?token= and the token behind it; it is in the file "
                                   "that turnpike named when it started");
        answer.fields.emplace_back("WWW-Authenticate", "Bearer");
        return answer;
    }
    return std::nullopt;
}

}  // namespace turnpike::monitor
