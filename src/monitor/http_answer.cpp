#include "monitor/http_answer.h"

#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/text.h"

namespace turnpike::monitor {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
// prometheus.io/docs/instrumenting/exposition_formats
constexpr std::string_view exposition = "text/plain; version=0.0.4; charset=utf-8";

std::string response(std::string_view status, std::string_view type, std::string_view body,
                     bool with_body, std::string_view more_fields = {}) {
    return fmt::format(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
        "{}Connection: close\r\n\r\n{}",
        status, type, body.size(), more_fields, with_body ? body : std::string_view{});
}

HttpAnswer refuse(std::string_view status, std::string_view more_fields = {}) {
    return {response(status, plain_text, fmt::format("{}\n", status), true, more_fields), true};
}

// RFC 9110 5.6.2.
constexpr bool token_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, token_character);
}

/// Takes the next line, without its end (RFC 9112 2.2 allows a bare LF).
std::string_view take_line(std::string_view& text) noexcept {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

/// Octets up to and with the empty line that ends the fields; npos: not there yet.
std::size_t head_length(std::string_view request) noexcept {
    for (std::size_t end = request.find('\n'); end != std::string_view::npos;
         end = request.find('\n', end + 1)) {
        const auto rest = request.substr(end + 1);
        if (rest.starts_with("\n")) {
            return end + 2;
        }
        if (rest.starts_with("\r\n")) {
            return end + 3;
        }
    }
    return std::string_view::npos;
}

struct RequestLine {
    std::string_view method;
    std::string_view target;
    std::string_view version;
};

std::optional<RequestLine> parse_request_line(std::string_view line) noexcept {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return std::nullopt;
    }
    const RequestLine parsed{line.substr(0, first), line.substr(first + 1, last - first - 1),
                             line.substr(last + 1)};
    const bool printable =
        std::ranges::all_of(parsed.target, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!is_token(parsed.method) || parsed.target.empty() || !printable ||
        !parsed.version.starts_with("HTTP/")) {
        return std::nullopt;
    }
    return parsed;
}

// Whoever reaches this server is on this machine, so its name is localhost or an address. Another
// name is that of a web page which lets it lead here (DNS rebinding), to read what it must not.
bool is_local(std::string_view host) noexcept {
    while (host.starts_with(' ') || host.starts_with('\t')) {
        host.remove_prefix(1);
    }
    host = host.substr(0, host.find_first_of(" \t\r"));
    if (host.starts_with('[')) {
        return true;  // an address of IPv6
    }
    host = host.substr(0, host.find(':'));
    return host.empty() || base::equals_ignoring_case(host, "localhost") ||
           base::IpAddress::parse(host);
}

struct Hosts {
    std::size_t count = 0;
    bool local = true;
};

// Fields up to the empty line: what Host there is, or nothing if one is malformed.
std::optional<Hosts> find_hosts(std::string_view fields) noexcept {
    Hosts hosts;
    while (!fields.empty()) {
        const auto line = take_line(fields);
        if (line.empty()) {
            break;
        }
        const auto name = line.substr(0, line.find(':'));
        if (name.size() == line.size() || !is_token(name)) {
            return std::nullopt;
        }
        if (base::equals_ignoring_case(name, "host")) {
            ++hosts.count;
            hosts.local = hosts.local && is_local(line.substr(name.size() + 1));
        }
    }
    return hosts;
}

// Origin form or absolute form (RFC 9112 3.2), without the query.
std::string_view path_of(std::string_view target) noexcept {
    if (target.starts_with("http://")) {
        const std::size_t slash = target.find('/', 7);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    return target.substr(0, target.find('?'));
}

}  // namespace

std::optional<HttpAnswer> answer(std::string_view request, std::string_view metrics) {
    // A server should ignore empty lines before the request line (RFC 9112 2.2).
    while (request.starts_with("\r\n")) {
        request.remove_prefix(2);
    }
    const std::size_t length = head_length(request);
    if (length > most_request) {
        if (length == std::string_view::npos && request.size() <= most_request) {
            return std::nullopt;
        }
        return refuse("431 Request Header Fields Too Large");
    }
    auto head = request.substr(0, length);
    const auto line = parse_request_line(take_line(head));
    const auto hosts = find_hosts(head);
    if (!line || !hosts) {
        return refuse("400 Bad Request");
    }
    if (line->version != "HTTP/1.1" && line->version != "HTTP/1.0") {
        return refuse("505 HTTP Version Not Supported");
    }
    if (hosts->count > 1 || (hosts->count == 0 && line->version == "HTTP/1.1")) {
        return refuse("400 Bad Request");
    }
    if (!hosts->local) {
        return refuse("421 Misdirected Request");
    }
    if (line->method != "GET" && line->method != "HEAD") {
        return refuse("405 Method Not Allowed", "Allow: GET, HEAD\r\n");
    }
    const bool with_body = line->method == "GET";
    if (path_of(line->target) != "/metrics") {
        return HttpAnswer{
            response("404 Not Found", plain_text, "metrics are at /metrics\n", with_body), false};
    }
    return HttpAnswer{response("200 OK", exposition, metrics, with_body), false};
}

}  // namespace turnpike::monitor
