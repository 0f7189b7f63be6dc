// The server with real clients, good ones and bad ones.
#include "turnpike/monitor/metrics_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "monitor/http_client.h"
#include "turnpike/base/error.h"

namespace turnpike::monitor {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

using Client = test::HttpClient;

class MetricsServerTest : public testing::Test {
  protected:
    MetricsServerTest() {
        server_.publish("turnpike_packets_total 5\n");
        server_.start();
    }
    [[nodiscard]] std::string ask(std::string_view request) const {
        const Client client(server_.port());
        client.send(request);
        return client.receive();
    }
    MetricsServer server_{MetricsAddress::parse("127.0.0.1:0")};
};

constexpr std::string_view get = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(MetricsServerTest, AnswersGet) {
    const auto response = ask(get);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"));
    EXPECT_THAT(response, HasSubstr("\r\nContent-Length: 25\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(response, EndsWith("\r\n\r\nturnpike_packets_total 5\n"));
    server_.publish("turnpike_packets_total 6\n");
    EXPECT_THAT(ask(get), EndsWith("\r\n\r\nturnpike_packets_total 6\n"));
}

TEST_F(MetricsServerTest, AnswersHeadWithoutBody) {
    const auto response = ask("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(response, HasSubstr("\r\nContent-Length: 25\r\n"));
    EXPECT_THAT(response, EndsWith("\r\n\r\n"));
}

TEST_F(MetricsServerTest, TakesARequestInPieces) {
    const Client client(server_.port());
    for (const char octet : get) {
        client.send({&octet, 1});
    }
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(MetricsServerTest, SendsMuchTextToASlowReader) {
    const std::string text(4'000'000, 'x');
    server_.publish(text);
    const Client client(server_.port());
    client.send(get);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    EXPECT_THAT(client.receive().size(), testing::Gt(text.size()));
}

TEST_F(MetricsServerTest, SlowClientsDelayNobody) {
    std::vector<std::unique_ptr<Client>> sleepers;
    for (int i = 0; i < 40; ++i) {
        sleepers.push_back(std::make_unique<Client>(server_.port()));
        ASSERT_TRUE(sleepers.back()->connected());
        sleepers.back()->send("GET /metrics HT");
    }
    const auto start = Clock::now();
    EXPECT_THAT(ask(get), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(Clock::now() - start, std::chrono::milliseconds{1500});
}

TEST_F(MetricsServerTest, CutsOffWhoIsTooSlow) {
    const Client client(server_.port());
    client.send("GET /metrics HT");
    const auto start = Clock::now();
    EXPECT_EQ(client.receive(), "");
    EXPECT_LT(Clock::now() - start, std::chrono::seconds{8});
}

TEST_F(MetricsServerTest, TooLongARequestIsToldSo) {
    EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100'000, 'x')),
                StartsWith("HTTP/1.1 431 "));
}

TEST_F(MetricsServerTest, RefusesWhatItMust) {
    const auto status = [this](std::string_view request) { return ask(request).substr(9, 3); };
    EXPECT_EQ(status("GET /metrics HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("\r\nGET /metrics HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics?name[]=x HTTP/1.0\r\n\r\n"), "200");
    EXPECT_EQ(status("GET http://localhost:9464/metrics HTTP/1.1\r\nhost: LocalHost:9464\r\n\r\n"),
              "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9464\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: [::1]:9464\r\n\r\n"), "200");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: rebound.example:9464\r\n\r\n"), "421");
    EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("GET /metrics/ HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("GET http://localhost HTTP/1.0\r\n\r\n"), "404");
    EXPECT_EQ(status("POST /metrics HTTP/1.0\r\n\r\n"), "405");
    EXPECT_EQ(status("POST /metrics HTTP/1.0\r\nContent-Length: 5\r\n\r\nabcde"), "405");
    EXPECT_EQ(status("get /metrics HTTP/1.0\r\n\r\n"), "405") << "methods are case-sensitive";
    EXPECT_EQ(status("GET /metrics HTTP/2.0\r\n\r\n"), "505");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\n\r\n"), "400") << "no Host";
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400");
}

TEST_F(MetricsServerTest, StopsAtOnceWithClientsConnected) {
    const Client client(server_.port());
    client.send("GET");
    const auto start = Clock::now();
    server_.stop();
    EXPECT_LT(Clock::now() - start, std::chrono::seconds{1});
    server_.stop();
}

TEST_F(MetricsServerTest, SurvivesGarbage) {
    std::mt19937 random(6);
    for (int i = 0; i < 200; ++i) {
        std::string request(random() % 300, ' ');
        for (char& c : request) {
            c = static_cast<char>(random());
        }
        const Client client(server_.port());
        client.send(request + "\r\n\r\n");
        if (i % 2 == 0) {
            EXPECT_THAT(client.receive(1), testing::AnyOf("", StartsWith("HTTP/1.1 4")));
        }
    }
    EXPECT_THAT(ask(get), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(MetricsServer, AnAddressInUseIsAnError) {
    const MetricsServer first(MetricsAddress::parse("127.0.0.1:0"));
    auto taken = MetricsAddress::parse("127.0.0.1:0");
    taken.endpoint.port = first.port();
    try {
        const MetricsServer second(taken);
        FAIL() << "two servers at one port";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.status(), base::ExitStatus::cannot_create);
        EXPECT_THAT(error.what(), HasSubstr("in use already"));
    }
}

TEST(MetricsServer, ListensOnIpv6Loopback) {
    try {
        const MetricsServer server(MetricsAddress::parse("[::1]:0"));
        EXPECT_NE(server.port(), 0);
        EXPECT_THAT(server.where(), StartsWith("http://[::1]:"));
    } catch (const base::Error& error) {
        GTEST_SKIP() << "no IPv6 here: " << error.what();
    }
}

class UnixSocket : public testing::Test {
  protected:
    UnixSocket() {
        std::string name = testing::TempDir() + "turnpike-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "metrics.sock";
    }
    ~UnixSocket() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] MetricsAddress address() const {
        return MetricsAddress::parse("unix:" + path_.string());
    }
    std::filesystem::path folder_;
    std::filesystem::path path_;
};

TEST_F(UnixSocket, IsServedAndRemoved) {
    {
        MetricsServer server(address());
        server.publish("x 1\n");
        server.start();
        const Client client(path_.string());
        client.send(get);
        EXPECT_THAT(client.receive(), EndsWith("\r\n\r\nx 1\n"));
        EXPECT_EQ(server.where(), "unix:" + path_.string());
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, OfADeadProcessIsTakenOver) {
    {
        // Bound and closed without removal, as after kill -9.
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        std::strncpy(local.sun_path, path_.c_str(), sizeof local.sun_path - 1);
        const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&local), sizeof local), 0);
        ::close(dead);
    }
    ASSERT_TRUE(std::filesystem::exists(path_));
    MetricsServer server(address());
    server.start();
    EXPECT_TRUE(Client(path_.string()).connected());
}

TEST_F(UnixSocket, OfALivingProcessIsNot) {
    const MetricsServer first(address());
    EXPECT_THROW(MetricsServer{address()}, base::Error);
    EXPECT_TRUE(Client(path_.string()).connected());
}

TEST_F(UnixSocket, NeverReplacesAFile) {
    std::ofstream(path_) << "precious";
    EXPECT_THROW(MetricsServer{address()}, base::Error);
    EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(UnixSocket, CanHaveALongPathOnlyUpToALimit) {
    try {
        MetricsServer{MetricsAddress::parse("unix:/" + std::string(200, 'x'))};
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("longer than 107 bytes"));
    }
}

}  // namespace
}  // namespace turnpike::monitor
