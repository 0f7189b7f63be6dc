#include "monitor/http_answer.h"

#include <gtest/gtest.h>

namespace turnpike::monitor {
namespace {

TEST(HttpAnswer, RefusesWhatItMust) {
    const auto status = [](std::string_view request) {
        const auto response = answer(request, "x\n");
        return response ? response->text.substr(9, 3) : std::string("...");
    };
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.0\n\n"), "200");
    EXPECT_EQ(status("\r\nGET /metrics HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics?name[]=x HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("GET http://localhost:9464/metrics HTTP/1.1\r\nhost: LocalHost:9464\r\n\r\n"),
              "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9464\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: [::1]:9464\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost:\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: rebound.example:9464\r\n\r\n"), "421");
    EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("GET /metrics/ HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("GET http://localhost HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("POST /metrics HTTP/1.0\r\n\r\n"), "405");
    EXPECT_EQ(status("get /metrics HTTP/1.0\r\n\r\n"), "405") << "methods are case-sensitive";
    EXPECT_EQ(status("GET /metrics HTTP/2.0\r\n\r\n"), "505");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\n\r\n"), "400") << "no Host";
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost : a\r\n\r\n"), "400");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"), "400");
    EXPECT_EQ(status("GET /metrics\r\n\r\n"), "400");
    EXPECT_EQ(status("GET  HTTP/1.0\r\n\r\n"), "400");
    EXPECT_EQ(status("GET /me trics HTTP/1.0\r\n\r\n"), "400");
    EXPECT_EQ(status("GET /\x80 HTTP/1.0\r\n\r\n"), "400");
    EXPECT_EQ(status(""), "...");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: a\r\n"), "...");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: a\r\n\r"), "...");
    EXPECT_EQ(status(std::string(most_request, 'x')), "...");
    EXPECT_EQ(status(std::string(most_request + 1, 'x')), "431");
}

TEST(HttpAnswer, EveryPrefixWaitsForMore) {
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost:9464\r\nA: b\r\n\r\n";
    for (std::size_t length = 0; length < request.size(); ++length) {
        EXPECT_FALSE(answer(request.substr(0, length), "x")) << length;
    }
}

}  // namespace
}  // namespace turnpike::monitor
