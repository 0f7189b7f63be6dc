// Decodes HTTP heads line by line: RFC 9112 2 to 5, RFC 9110 5.6, 7.2 and 9, RFC 6455 4, RFC
// 9113 3.4.
#include "turnpike/proto/http.h"

#include <algorithm>
#include <array>
#include <optional>

#include "turnpike/base/text.h"

namespace turnpike::proto {

using base::Bytes;
using base::ParseError;
using base::Result;

namespace {

constexpr std::size_t max_head = std::size_t{1} << 16U;
constexpr std::size_t max_method = 32;  // the longest registered one has 16 octets
constexpr std::string_view version_prefix = "HTTP/1.";
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 3.4

// IANA "HTTP Method Registry", the common ones, and those of SSDP and RTSP's cousins left out.
constexpr std::array<std::string_view, 26> known_methods = {
    "GET",     "POST",  "HEAD",     "PUT",      "DELETE",     "OPTIONS",
    "CONNECT", "TRACE", "PATCH",    "PROPFIND", "PROPPATCH",  "MKCOL",
    "COPY",    "MOVE",  "LOCK",     "UNLOCK",   "REPORT",     "SEARCH",
    "MERGE",   "PURGE", "CHECKOUT", "CHECKIN",  "MKACTIVITY", "VERSION-CONTROL",
    "BIND",    "PRI"};

/// RFC 9110 5.6.2.
constexpr bool is_token_char(char c) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
}

constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string_view take_until(std::string_view& text, char end) noexcept {
    const auto at = text.find(end);
    const auto taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

/// Lines of a head: each ends with LF, a CR before it is dropped (RFC 9112 2.2).
class Lines {
  public:
    explicit Lines(std::string_view text) noexcept : text_(text) {}
    /// The next whole line; nothing if the text ends before it does.
    std::optional<std::string_view> next() noexcept {
        const auto end = text_.find('\n', position_);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        auto line = text_.substr(position_, end - position_);
        position_ = end + 1;
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        return line;
    }
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    /// What stands behind the last whole line.
    [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(position_); }

  private:
    std::string_view text_;
    std::size_t position_ = 0;
};

struct Field {
    std::string_view name;
    std::string_view value;
};

/// RFC 9112 5. A line without a colon, and the folded lines of old (5.2), have no name.
Field split_field(std::string_view line) noexcept {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.empty() || is_space(line.front())) {
        return {};
    }
    return {.name = trim(line.substr(0, colon)), .value = trim(line.substr(colon + 1))};
}

/// Does a comma-separated list hold `wanted` (RFC 9110 5.6.1)?
bool lists(std::string_view list, std::string_view wanted) noexcept {
    while (!list.empty()) {
        if (base::equals_ignoring_case(trim(take_until(list, ',')), wanted)) {
            return true;
        }
    }
    return false;
}

std::optional<std::uint64_t> decimal(std::string_view text, std::size_t max_digits) noexcept {
    if (text.empty() || text.size() > max_digits) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

/// "HTTP/1.x": the x.
std::optional<std::uint8_t> minor_version(std::string_view text) noexcept {
    if (text.size() != version_prefix.size() + 1 || !text.starts_with(version_prefix) ||
        text.back() < '0' || text.back() > '9') {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(text.back() - '0');
}

/// The authority in an absolute-form target (RFC 9112 3.2.2), or nothing.
std::string_view absolute_authority(std::string_view target) noexcept {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos || scheme == 0 || scheme > 8 || target.front() == '/') {
        return {};
    }
    const auto rest = target.substr(scheme + 3);
    return rest.substr(0, rest.find_first_of("/?#"));
}

/// RFC 9112 3: method SP target SP version. Spaces inside the target are let through: what stands
/// between the first and the last space is what was asked for.
bool read_request_line(std::string_view line, HttpRequest& request) noexcept {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return false;
    }
    const auto version = minor_version(trim(line.substr(last + 1)));
    request.method = line.substr(0, first);
    request.target = trim(line.substr(first + 1, last - first - 1));
    if (!version || request.method.empty() || request.method.size() > max_method ||
        request.target.empty() || !std::ranges::all_of(request.method, is_token_char)) {
        return false;
    }
    request.minor_version = *version;
    request.connect = request.method == "CONNECT";
    return true;
}

void read_request_field(const Field& field, HttpRequest& request) noexcept {
    if (base::equals_ignoring_case(field.name, "host")) {
        if (!request.has_host) {  // RFC 9112 3.2: a second one is an error; the first stands
            request.host = field.value;
            request.has_host = true;
        }
    } else if (base::equals_ignoring_case(field.name, "upgrade")) {
        request.upgrade = field.value;
        request.websocket = lists(field.value, "websocket");  // RFC 6455 4.1
    } else if (base::equals_ignoring_case(field.name, "content-length")) {
        request.content_length = decimal(field.value, 18).value_or(0);
    } else if (base::equals_ignoring_case(field.name, "transfer-encoding")) {
        request.chunked = lists(field.value, "chunked");
    }
}

void find_authority(HttpRequest& request) noexcept {
    const std::string_view named =
        request.connect ? request.target : absolute_authority(request.target);
    // RFC 9112 3.2.2: the target's authority goes before the Host field.
    const auto authority = decode_http_authority(named.empty() ? request.host : named);
    request.authority = authority.value_or(HttpAuthority{});
}

bool read_status_line(std::string_view line, HttpResponse& response) noexcept {
    const auto version = minor_version(line.substr(0, version_prefix.size() + 1));
    if (!version || line.size() < 12 || line[8] != ' ') {
        return false;
    }
    const auto status = decimal(line.substr(9, 3), 3);
    if (!status || *status < 100 || (line.size() > 12 && line[12] != ' ')) {
        return false;
    }
    response.minor_version = *version;
    response.status = static_cast<std::uint16_t>(*status);
    response.reason = line.size() > 13 ? line.substr(13) : std::string_view{};
    return true;
}

/// Of Proxy-Authenticate and the other fields that only proxies send (RFC 9110 11.7).
constexpr std::string_view proxy_prefix = "proxy-";

void read_response_field(const Field& field, HttpResponse& response) noexcept {
    if (base::equals_ignoring_case(field.name, "location")) {
        response.location = field.value;
    } else if (base::equals_ignoring_case(field.name, "upgrade")) {
        response.upgrade = field.value;
        response.websocket = lists(field.value, "websocket");
    } else if (base::equals_ignoring_case(field.name, "server")) {
        response.server = field.value;
    } else if (base::equals_ignoring_case(field.name, "via")) {
        response.via = field.value;
    } else if (base::equals_ignoring_case(field.name.substr(0, proxy_prefix.size()),
                                          proxy_prefix)) {
        response.proxy_field = true;
    }
}

/// A field that was cut, and tells where it leads all the same.
bool says_enough(const Field& field) noexcept {
    const auto scheme = field.value.find("://");
    return base::equals_ignoring_case(field.name, "location") && scheme != std::string_view::npos &&
           field.value.find_first_of("/?#", scheme + 3) != std::string_view::npos;
}

/// What a head has in common: a first line, fields, an empty line.
template <typename Head, typename ReadFirst, typename ReadField>
Result<Head> decode_head(Bytes bytes, bool may_be_cut, ReadFirst read_first,
                         ReadField read_field) noexcept {
    const auto text = base::as_text(bytes.first(std::min(bytes.size(), max_head)));
    Lines lines{text};
    auto line = lines.next();
    while (line && line->empty()) {  // RFC 9112 2.2: empty lines before the first are skipped
        line = lines.next();
    }
    if (!line) {
        return std::unexpected{bytes.size() > max_head ? ParseError::limit : ParseError::truncated};
    }
    Head head;
    if (!read_first(*line, head)) {
        return std::unexpected{ParseError::bad_value};
    }
    line = lines.next();
    while (line && !line->empty()) {
        read_field(split_field(*line), head);
        line = lines.next();
    }
    head.complete = line.has_value();
    head.size = lines.position();
    if (!head.complete && !may_be_cut) {
        return std::unexpected{bytes.size() > max_head ? ParseError::limit : ParseError::truncated};
    }
    if (const auto field = split_field(lines.rest()); !head.complete && says_enough(field)) {
        read_field(field, head);
    }
    return head;
}

/// CONNECT and the first character of an authority, which NATS's command of that name lacks.
bool begins_with_connect(std::string_view text) noexcept {
    constexpr std::string_view method = "CONNECT ";
    return text.starts_with(method) && text.size() > method.size() && text[method.size()] != '{';
}

Result<HttpRequest> decode_request(Bytes bytes, bool may_be_cut) noexcept {
    if (probe_http_request(bytes) == Likelihood::no) {
        return std::unexpected{bytes.empty() ? ParseError::truncated : ParseError::not_this};
    }
    auto request =
        decode_head<HttpRequest>(bytes, may_be_cut, read_request_line, read_request_field);
    if (request) {
        find_authority(*request);
    } else if (may_be_cut && request.error() == ParseError::truncated &&
               begins_with_connect(base::as_text(bytes))) {
        HttpRequest cut;
        cut.method = base::as_text(bytes).substr(0, 7);
        cut.connect = true;
        cut.complete = false;
        cut.size = bytes.size();
        return cut;
    }
    return request;
}

std::string_view without_leading_lines(std::string_view text) noexcept {
    const auto at = text.find_first_not_of("\r\n");
    return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

Result<HttpResponse> decode_response(Bytes bytes, bool may_be_cut) noexcept {
    if (probe_http_response(bytes) == Likelihood::no) {
        return std::unexpected{bytes.empty() ? ParseError::truncated : ParseError::not_this};
    }
    auto response =
        decode_head<HttpResponse>(bytes, may_be_cut, read_status_line, read_response_field);
    if (!response && may_be_cut && response.error() == ParseError::truncated) {
        HttpResponse cut;  // within its first line: the status stands in front
        if (read_status_line(without_leading_lines(base::as_text(bytes)), cut)) {
            cut.complete = false;
            cut.size = bytes.size();
            return cut;
        }
    }
    return response;
}

bool is_prefix_of_method(std::string_view text) noexcept {
    return std::ranges::any_of(known_methods,
                               [=](std::string_view method) { return method.starts_with(text); });
}

}  // namespace

Result<HttpAuthority> decode_http_authority(std::string_view text) noexcept {
    const auto user = text.rfind('@');  // RFC 3986 3.2.1
    if (user != std::string_view::npos) {
        text.remove_prefix(user + 1);
    }
    HttpAuthority authority;
    std::string_view port;
    if (text.starts_with('[')) {  // RFC 3986 3.2.2: IP-literal
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return std::unexpected{ParseError::bad_value};
        }
        authority.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && port.front() != ':') {
            return std::unexpected{ParseError::bad_value};
        }
    } else {
        const auto colon = text.find(':');
        authority.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    }
    if (authority.host.empty()) {
        return std::unexpected{ParseError::bad_value};
    }
    if (port.size() > 1) {
        const auto number = decimal(port.substr(1), 5);
        if (!number || *number > 0xffff) {
            return std::unexpected{ParseError::bad_value};
        }
        authority.port = static_cast<std::uint16_t>(*number);
    }
    return authority;
}

Result<HttpRequest> decode_http_request(Bytes bytes) noexcept {
    return decode_request(bytes, false);
}

Result<HttpRequest> decode_http_request_prefix(Bytes bytes) noexcept {
    return decode_request(bytes, true);
}

Result<HttpResponse> decode_http_response(Bytes bytes) noexcept {
    return decode_response(bytes, false);
}

Result<HttpResponse> decode_http_response_prefix(Bytes bytes) noexcept {
    return decode_response(bytes, true);
}

Likelihood probe_http_request(Bytes bytes) noexcept {
    const auto text = without_leading_lines(base::as_text(bytes));
    const auto space = text.substr(0, max_method + 1).find(' ');
    if (space == std::string_view::npos) {
        return !text.empty() && is_prefix_of_method(text) ? Likelihood::maybe : Likelihood::no;
    }
    const auto method = text.substr(0, space);
    if (method.empty() || !std::ranges::all_of(method, is_token_char)) {
        return Likelihood::no;
    }
    const bool known = std::ranges::find(known_methods, method) != known_methods.end();
    const auto line_end = text.find('\n');
    if (line_end == std::string_view::npos) {
        // SIP and RTSP have an OPTIONS too.
        const bool ambiguous = method == "OPTIONS";
        return !known ? Likelihood::no : ambiguous ? Likelihood::maybe : Likelihood::yes;
    }
    auto line = text.substr(0, line_end);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    HttpRequest request;
    if (!read_request_line(line, request)) {
        return Likelihood::no;
    }
    return known ? Likelihood::yes : Likelihood::maybe;
}

Likelihood probe_http_response(Bytes bytes) noexcept {
    const auto text = without_leading_lines(base::as_text(bytes));
    const auto begin = text.substr(0, version_prefix.size());
    if (begin.empty() || !version_prefix.starts_with(begin)) {
        return Likelihood::no;
    }
    return begin.size() == version_prefix.size() ? Likelihood::yes : Likelihood::maybe;
}

Likelihood probe_http2(Bytes bytes) noexcept {
    const auto begin = base::as_text(bytes).substr(0, http2_preface.size());
    if (begin.empty() || !http2_preface.starts_with(begin)) {
        return Likelihood::no;
    }
    return begin.size() == http2_preface.size() ? Likelihood::yes : Likelihood::maybe;
}

}  // namespace turnpike::proto
