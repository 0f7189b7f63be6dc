// The live page's server with real clients: who may see it, and what slow ones cost.
#include "turnpike/monitor/web_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "monitor/http_client.h"
#include "turnpike/base/error.h"

namespace turnpike::monitor {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Client = test::HttpClient;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view listen = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string ask(const WebServer& server, std::string_view request) {
    const Client client(server.port());
    client.send(request);
    return client.receive();
}

std::string status(const WebServer& server, std::string_view fields,
                   std::string_view line = "GET / HTTP/1.1\r\n") {
    return ask(server, std::string(line) + std::string(fields) + "\r\n").substr(9, 3);
}

bool comes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 500 && !condition(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    return condition();
}

WebOptions at_moment(std::string_view endpoint, std::string name = {}, std::string token = {}) {
    return {WebOptions::parse(endpoint), std::move(name), std::move(token), {}, {}};
}

class WebServerTest : public testing::Test {
  protected:
    WebServerTest() {
        server_.publish("<p>first</p>", "1");
        server_.start();
    }
    WebServer server_{at_moment("127.0.0.1:0")};
};

TEST_F(WebServerTest, ServesThePageAndNothingElse) {
    const auto response = ask(server_, get);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nContent-Security-Policy: frame-ancestors 'none'\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nCross-Origin-Resource-Policy: same-origin\r\n"));
    EXPECT_THAT(response, Not(HasSubstr("Access-Control")));
    EXPECT_THAT(response, EndsWith("\r\n\r\n<p>first</p>"));
    EXPECT_EQ(status(server_, "Host: localhost\r\n", "GET /etc/passwd HTTP/1.1\r\n"), "404");
    for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
        EXPECT_EQ(status(server_, "Host: localhost\r\nContent-Length: 0\r\n",
                         std::string(method) + " / HTTP/1.1\r\n"),
                  "405")
            << method;
    }
}

TEST_F(WebServerTest, MustBeCalledByItsOwnName) {
    const auto port = std::to_string(server_.port());
    EXPECT_EQ(status(server_, "Host: 127.0.0.1:" + port + "\r\n"), "200");
    EXPECT_EQ(status(server_, "Host: localhost:9999\r\n"), "200") << "through a tunnel";
    EXPECT_EQ(status(server_, "Host: evil.example:" + port + "\r\n"), "403");
    EXPECT_EQ(status(server_, "Host: localhost.evil.example\r\n"), "403");
    EXPECT_EQ(status(server_, "Host: 192.0.2.1\r\n"), "403");
    EXPECT_EQ(status(server_, "Host: [::1]\r\n"), "403");
    EXPECT_EQ(status(server_, "Host:\r\n"), "403");
    EXPECT_EQ(status(server_, ""), "400");
    EXPECT_EQ(status(server_, "Host: localhost\r\nHost: evil.example\r\n"), "400");
    EXPECT_EQ(status(server_, "", "GET / HTTP/1.0\r\n"), "403");
}

TEST_F(WebServerTest, PagesFromElsewhereReadNothing) {
    const std::string host = "Host: localhost:8080\r\n";
    EXPECT_EQ(status(server_, host + "Origin: http://localhost:8080\r\n"), "200");
    EXPECT_EQ(status(server_, host + "Origin: https://localhost:8080\r\n"), "403");
    EXPECT_EQ(status(server_, host + "Origin: http://localhost:8081\r\n"), "403");
    EXPECT_EQ(status(server_, host + "Origin: http://evil.example\r\n"), "403");
    EXPECT_EQ(status(server_, host + "Origin: null\r\n"), "403");
    EXPECT_EQ(status(server_, host + "Sec-Fetch-Site: cross-site\r\n"), "200") << "a link";
    EXPECT_EQ(status(server_, host + "Sec-Fetch-Site: cross-site\r\n", "GET /events HTTP/1.1\r\n"),
              "403");
}

TEST_F(WebServerTest, TellsWhatChanges) {
    const Client client(server_.port());
    client.send(listen);
    const auto first = client.receive_until("data: 1\n\n");
    EXPECT_THAT(first, HasSubstr("\r\nContent-Type: text/event-stream\r\n"));
    EXPECT_THAT(first, HasSubstr("data: 1\n\n"));
    EXPECT_TRUE(comes_true([&] { return server_.watching() == 1; }));
    server_.publish("<p>second</p>", "2");
    EXPECT_THAT(client.receive_until("data: 2\n\n"), HasSubstr("data: 2\n\n"));
    EXPECT_THAT(ask(server_, get), EndsWith("<p>second</p>"));
}

TEST_F(WebServerTest, WhoComesBackIsToldWhatIsNew) {
    std::string id;
    {
        const Client client(server_.port());
        client.send(listen);
        const auto text = client.receive_until("data: 1\n\n");
        const auto begin = text.find("id: ") + 4;
        id = text.substr(begin, text.find('\n', begin) - begin);
    }
    const Client client(server_.port());
    client.send("GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + id + "\r\n\r\n");
    EXPECT_THAT(client.receive(1), Not(HasSubstr("data: ")));
    server_.publish("<p>second</p>", "2");
    EXPECT_THAT(client.receive_until("data: 2\n\n"), HasSubstr("data: 2\n\n"));
}

TEST_F(WebServerTest, AnOutdatedPageIsWaitedFor) {
    server_.outdate();
    const Client client(server_.port());
    client.send(get);
    EXPECT_TRUE(comes_true([&] { return server_.watching() == 1; }));
    server_.publish("<p>second</p>", "2");
    EXPECT_THAT(client.receive(), EndsWith("<p>second</p>"));
    server_.outdate();
    const auto start = Clock::now();
    EXPECT_THAT(ask(server_, get), EndsWith("<p>second</p>")) << "better than nothing";
    EXPECT_LT(Clock::now() - start, 8s);
}

// A hundred browsers that listen and take nothing, while megabytes are published.
TEST_F(WebServerTest, SlowBrowsersCostNobodyElseAnything) {
    std::vector<std::unique_ptr<Client>> sleepers;
    for (int i = 0; i < 100; ++i) {
        sleepers.push_back(std::make_unique<Client>(server_.port()));
        sleepers.back()->send(i % 2 == 0 ? listen : std::string_view("GET / HT"));
    }
    EXPECT_TRUE(comes_true([&] { return server_.watching() == 16; }));
    const std::string large(4'000'000, 'x');
    std::chrono::nanoseconds longest{0};
    for (int i = 0; i < 40; ++i) {
        const auto start = Clock::now();
        server_.publish(large, large);
        longest = std::max<std::chrono::nanoseconds>(longest, Clock::now() - start);
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_LT(longest, 1s) << "publishing waits for no browser";
    EXPECT_LE(server_.watching(), 16U);
    server_.publish("<p>last</p>", "last");
    EXPECT_THAT(ask(server_, get), EndsWith("<p>last</p>"));
    const Client quick(server_.port());
    quick.send(listen);
    EXPECT_THAT(quick.receive_until("data: last\n\n"), HasSubstr("data: last\n\n"))
        << "somebody who takes nothing makes room";
}

TEST_F(WebServerTest, StopsAtOnceWithBrowsersConnected) {
    const Client listener(server_.port());
    listener.send(listen);
    EXPECT_TRUE(comes_true([&] { return server_.watching() == 1; }));
    server_.outdate();
    const Client waiter(server_.port());
    waiter.send(get);
    EXPECT_TRUE(comes_true([&] { return server_.watching() == 2; }));
    const auto start = Clock::now();
    server_.stop();
    EXPECT_LT(Clock::now() - start, 1s);
}

class WithToken : public testing::Test {
  protected:
    WithToken() {
        server_.publish("<p>secret</p>", "1");
        server_.start();
    }
    WebServer server_{at_moment("127.0.0.1:0", {}, "0123456789abcdef")};
    std::string host_ = "Host: localhost\r\n";
};

TEST_F(WithToken, ShowsNothingWithoutIt) {
    EXPECT_THAT(ask(server_, get), AllOf(StartsWith("HTTP/1.1 401"), Not(HasSubstr("secret"))));
    EXPECT_EQ(status(server_, host_, "GET /events HTTP/1.1\r\n"), "401");
    EXPECT_EQ(status(server_, host_, "GET /nothing HTTP/1.1\r\n"), "401");
    EXPECT_EQ(status(server_, host_, "GET /?token=0123456789abcdeX HTTP/1.1\r\n"), "401");
    EXPECT_EQ(status(server_, host_, "GET /?token=0123456789abcde HTTP/1.1\r\n"), "401");
    EXPECT_EQ(status(server_, host_, "GET /?token= HTTP/1.1\r\n"), "401");
    EXPECT_EQ(status(server_, host_ + "Authorization: Bearer wrong\r\n"), "401");
    EXPECT_EQ(status(server_, host_ + "Cookie: turnpike-1=0123456789abcdef\r\n"), "401");
}

TEST_F(WithToken, TurnsItIntoACookie) {
    const auto answer =
        ask(server_, "GET /?token=0123456789abcdef HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 303"));
    EXPECT_THAT(answer, HasSubstr("\r\nLocation: /\r\n"));
    const auto cookie = "turnpike-" + std::to_string(server_.port()) + "=0123456789abcdef";
    EXPECT_THAT(answer,
                HasSubstr("Set-Cookie: " + cookie + "; Path=/; HttpOnly; SameSite=Strict\r\n"));
    EXPECT_EQ(status(server_, host_ + "Cookie: a=b; " + cookie + "; c=d\r\n"), "200");
    EXPECT_EQ(status(server_, host_ + "Authorization: Bearer 0123456789abcdef\r\n"), "200");
    EXPECT_EQ(status(server_, "Host: evil.example\r\nCookie: " + cookie + "\r\n"), "403");
}

TEST(WebServer, TakesNamesAndAddressesItHas) {
    WebServer server(at_moment("0.0.0.0:0", "monitor.example"));
    server.publish("x", "1");
    server.start();
    EXPECT_EQ(status(server, "Host: MONITOR.example:8080\r\n"), "200");
    EXPECT_EQ(status(server, "Host: 192.0.2.7:8080\r\n"), "200");
    EXPECT_EQ(status(server, "Host: other.example\r\n"), "403");
    EXPECT_THAT(server.where(), StartsWith("http://monitor.example:"));
}

TEST(WebServer, AWrongCertificateIsAnError) {
    try {
        auto options = at_moment("127.0.0.1:0");
        options.certificate = "no certificate";
        options.key = "no key";
        const WebServer server(options);
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::bad_input);
    }
}

TEST(WebOptions, NameAnAddressAndAPort) {
    EXPECT_EQ(to_string(WebOptions::parse(":8080")), "127.0.0.1:8080");
    EXPECT_EQ(to_string(WebOptions::parse("0.0.0.0:80")), "0.0.0.0:80");
    EXPECT_EQ(to_string(WebOptions::parse("[2001:db8::1]:443")), "[2001:db8::1]:443");
    for (const auto* text : {"", "8080", "example.com:8080", "127.0.0.1:", "127.0.0.1:65536"}) {
        EXPECT_THROW(WebOptions::parse(text), base::Error) << text;
    }
}

}  // namespace
}  // namespace turnpike::monitor
