// Tests of HTTP/1.x heads.
#include "turnpike/proto/http.h"

#include <gtest/gtest.h>

#include <string>

#include "wire_bytes.h"

namespace turnpike::proto::test {
namespace {

using base::as_bytes;
using base::ParseError;

constexpr std::string_view get_request =
    "GET /call?room=7 HTTP/1.1\r\n"    // request line
    "Host: meet.example.org:8080\r\n"  // authority
    "Connection: keep-alive, Upgrade\r\n"
    "Upgrade: websocket\r\n"  // RFC 6455 4.1
    "Content-Length: 4\r\n"
    "\r\n"  // end of the head
    "body";

TEST(HttpRequest, IsDecoded) {
    const auto request = decode_http_request(as_bytes(get_request));
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->method, "GET");
    EXPECT_EQ(request->target, "/call?room=7");
    EXPECT_EQ(request->host, "meet.example.org:8080");
    EXPECT_EQ(request->authority.host, "meet.example.org");
    EXPECT_EQ(request->authority.port, 8080);
    EXPECT_TRUE(request->websocket);
    EXPECT_FALSE(request->connect);
    EXPECT_EQ(request->content_length, 4U);
    EXPECT_EQ(request->size, get_request.size() - 4);
    EXPECT_EQ(request->minor_version, 1);
}

TEST(HttpRequest, EveryPrefixNeedsMore) {
    for (std::size_t size = 0; size < get_request.size() - 4; ++size) {
        const std::string prefix{get_request.substr(0, size)};
        const auto request = decode_http_request(as_bytes(prefix));
        ASSERT_FALSE(request.has_value()) << size;
        EXPECT_EQ(request.error(), ParseError::truncated) << size;
    }
}

// Whatever it asks for, the answer is a proxy's.
TEST(HttpRequest, ACutConnectIsOne) {
    const auto cut = decode_http_request_prefix(as_bytes("CONNECT api-1.exam"));
    ASSERT_TRUE(cut);
    EXPECT_TRUE(cut->connect);
    EXPECT_TRUE(cut->authority.host.empty());
    EXPECT_FALSE(decode_http_request_prefix(as_bytes("GET /path-that-goes-o")));
    EXPECT_FALSE(decode_http_request_prefix(as_bytes(R"(CONNECT {"verbose":fal)")));  // NATS
    EXPECT_FALSE(decode_http_request(as_bytes("CONNECT api-1.exam")));
}

// The status stands in front, and is whole or unknown.
TEST(HttpResponse, ACutStatusLineTellsItsStatus) {
    const auto cut = decode_http_response_prefix(as_bytes("HTTP/1.1 407 Proxy Auth"));
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->status, 407);
    EXPECT_FALSE(cut->complete);
    EXPECT_TRUE(decode_http_response_prefix(as_bytes("HTTP/1.1 200")));
    EXPECT_FALSE(decode_http_response_prefix(as_bytes("HTTP/1.1 20")));
    EXPECT_FALSE(decode_http_response(as_bytes("HTTP/1.1 407 Proxy Auth")));
}

// The host decides whether it leads to another site, and only whole.
TEST(HttpResponse, ACutLocationCountsIfItsHostIsWhole) {
    constexpr std::string_view head = "HTTP/1.1 302 Found\r\nLocation: http://block.example/den";
    const auto location = [](std::string_view text) {
        return decode_http_response_prefix(as_bytes(text))->location;
    };
    EXPECT_EQ(location(head), "http://block.example/den");
    EXPECT_EQ(location(head.substr(0, head.size() - 4)), "");
}

TEST(HttpRequest, PrefixKeepsWholeLines) {
    const auto host_line_end = get_request.find("Connection");
    for (std::size_t size = 0; size < get_request.size() - 4; ++size) {
        const std::string prefix{get_request.substr(0, size)};
        const auto request = decode_http_request_prefix(as_bytes(prefix));
        EXPECT_EQ(request.has_value(), size >= get_request.find("Host")) << size;
        if (request) {
            EXPECT_FALSE(request->complete);
            EXPECT_EQ(request->authority.host, size >= host_line_end ? "meet.example.org" : "")
                << size;
        }
    }
}

TEST(HttpRequest, ConnectHasAnAuthorityForTarget) {
    // RFC 9110 9.3.6.
    const auto request = decode_http_request(
        as_bytes("CONNECT turn.example.org:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n"));
    ASSERT_TRUE(request.has_value());
    EXPECT_TRUE(request->connect);
    EXPECT_EQ(request->authority.host, "turn.example.org");
    EXPECT_EQ(request->authority.port, 443);
    EXPECT_EQ(request->host, "proxy.example");
    const auto v6 = decode_http_request(as_bytes("CONNECT [2001:db8::1]:443 HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(v6->authority.host, "2001:db8::1");
    EXPECT_EQ(v6->minor_version, 0);
}

TEST(HttpRequest, AbsoluteTargetGoesBeforeHost) {
    // RFC 9112 3.2.2.
    const auto request = decode_http_request(
        as_bytes("GET http://a.example:81/x?y HTTP/1.1\r\nHost: b.example\r\n\r\n"));
    EXPECT_EQ(request->authority.host, "a.example");
    EXPECT_EQ(request->authority.port, 81);
    const auto path = decode_http_request(
        as_bytes("GET /?u=http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n"));
    EXPECT_EQ(path->authority.host, "b.example");
}

TEST(HttpRequest, OddButReal) {
    // Empty lines first, bare line feeds, lower-case names, no space, a folded line, two Hosts.
    const auto request = decode_http_request(
        as_bytes("\r\n\nPOST / HTTP/1.1\nX: 1\n folded\nhost:a.example  \nHost: b.example\n"
                 "transfer-encoding: gzip, chunked\n\n"));
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->host, "a.example");
    EXPECT_TRUE(request->chunked);
    const auto unknown = decode_http_request(as_bytes("FETCH /a HTTP/1.1\r\nHost: c\r\n\r\n"));
    ASSERT_TRUE(unknown.has_value());
    EXPECT_EQ(unknown->method, "FETCH");
    const auto spaces = decode_http_request(as_bytes("GET /a b c HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(spaces->target, "/a b c");
    EXPECT_FALSE(spaces->has_host);
}

TEST(HttpRequest, LookAlikesAreRefused) {
    for (const std::string_view other :
         {"SSH-2.0-OpenSSH_9.2\r\n", "INVITE sip:a@b SIP/2.0\r\n\r\n",
          "OPTIONS rtsp://a RTSP/1.0\r\n\r\n", "EHLO mail.example\r\n", "HTTP/1.1 200 OK\r\n\r\n",
          "GET / HTTP/2.0\r\n\r\n", "\x16\x03\x01"}) {
        const auto request = decode_http_request(as_bytes(other));
        ASSERT_FALSE(request.has_value()) << other;
        EXPECT_EQ(request.error(), ParseError::not_this) << other;
    }
    EXPECT_EQ(probe_http_request(as_bytes("OPTIONS sip:")), Likelihood::maybe);
    EXPECT_EQ(probe_http_request(as_bytes("GET /long")), Likelihood::yes);
    EXPECT_EQ(probe_http_request(as_bytes("GE")), Likelihood::maybe);
    EXPECT_EQ(probe_http_request(as_bytes("FOO /x HTTP/1.1\r\n")), Likelihood::maybe);
}

TEST(HttpRequest, EndlessHeadsHitTheLimit) {
    std::string endless = "GET / HTTP/1.1\r\n";
    endless += "X: " + std::string(70000, 'a');
    EXPECT_EQ(decode_http_request(as_bytes(endless)).error(), ParseError::limit);
    const std::string line = "GET /" + std::string(70000, 'a');
    EXPECT_EQ(decode_http_request(as_bytes(line)).error(), ParseError::limit);
}

TEST(HttpResponse, IsDecoded) {
    constexpr std::string_view text =
        "HTTP/1.1 302 Found\r\n"
        "Location: http://block.example/denied\r\n"
        "Server: gate\r\n"
        "Via: 1.1 proxy\r\n"
        "\r\n";
    const auto response = decode_http_response(as_bytes(text));
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 302);
    EXPECT_EQ(response->reason, "Found");
    EXPECT_EQ(response->location, "http://block.example/denied");
    EXPECT_EQ(response->server, "gate");
    EXPECT_EQ(response->via, "1.1 proxy");
    EXPECT_EQ(response->size, text.size());
    EXPECT_FALSE(response->interim());
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::string prefix{text.substr(0, size)};
        EXPECT_EQ(decode_http_response(as_bytes(prefix)).error(), ParseError::truncated) << size;
    }
    const auto cut = decode_http_response_prefix(as_bytes(text.substr(0, 60)));
    ASSERT_TRUE(cut.has_value());
    EXPECT_FALSE(cut->complete);
    EXPECT_EQ(cut->status, 302);
}

TEST(HttpResponse, UpgradesAndInterimAnswers) {
    const auto upgrade = decode_http_response(
        as_bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\n"));
    EXPECT_TRUE(upgrade->websocket);
    EXPECT_FALSE(upgrade->interim());
    EXPECT_TRUE(decode_http_response(as_bytes("HTTP/1.1 103 Early Hints\r\n\r\n"))->interim());
    EXPECT_EQ(decode_http_response(as_bytes("HTTP/1.0 200\r\n\r\n"))->status, 200);
}

TEST(HttpResponse, MalformedStatusLinesAreRefused) {
    for (const std::string_view bad : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n",
                                       "HTTP/1.1  200\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n"}) {
        EXPECT_EQ(decode_http_response(as_bytes(bad)).error(), ParseError::bad_value) << bad;
    }
    EXPECT_EQ(decode_http_response(as_bytes("ICY 200 OK\r\n\r\n")).error(), ParseError::not_this);
    EXPECT_EQ(probe_http_response(as_bytes("HTTP")), Likelihood::maybe);
}

TEST(HttpAuthority, FormsAndMistakes) {
    EXPECT_EQ(decode_http_authority("a.example")->port, 0);
    EXPECT_EQ(decode_http_authority("a.example:")->host, "a.example");
    EXPECT_EQ(decode_http_authority("user:pw@a.example:80")->host, "a.example");
    EXPECT_EQ(decode_http_authority("[::1]:5")->port, 5);
    for (const std::string_view bad : {"", ":80", "a:65536", "a:1x", "[::1", "[::1]x"}) {
        EXPECT_EQ(decode_http_authority(bad).error(), ParseError::bad_value) << bad;
    }
}

TEST(ProbeHttp2, KnowsThePreface) {
    EXPECT_EQ(probe_http2(as_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n....")), Likelihood::yes);
    EXPECT_EQ(probe_http2(as_bytes("PRI *")), Likelihood::maybe);
    EXPECT_EQ(probe_http2(as_bytes("GET / HTTP/1.1")), Likelihood::no);
    EXPECT_EQ(probe_http2({}), Likelihood::no);
}

}  // namespace
}  // namespace turnpike::proto::test
