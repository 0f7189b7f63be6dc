// `turnpike live` from the outside, on a mirror port that needs no permission: what goes wrong
// leaves nothing half made behind, and the metrics' socket goes with its process.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "app/program.h"
#include "store/sample_run.h"
#include "turnpike/store/reader.h"

namespace turnpike {
namespace {

using test::Outcome;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uid_t nobody = 65'534;
const std::string catalog_directory = TURNPIKE_SOURCE_DIR "/catalog";

/// A socket that is bound to a free port of this machine.
class Bound {
  public:
    explicit Bound(int type) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        if (type == SOCK_STREAM) {
            ::listen(socket_, 1);
        }
    }
    ~Bound() { ::close(socket_); }
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    int socket_;
    std::uint16_t port_ = 0;
};

/// A socket file as a process leaves it that was killed.
void leave_socket(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::close(socket);
}

class LiveProgram : public ::testing::Test {
  protected:
    LiveProgram() {
        // Processes that become somebody else work here as well.
        for (const char* name : {"out", "run"}) {
            std::filesystem::create_directory(directory_ / name);
            std::filesystem::permissions(directory_ / name, std::filesystem::perms::all);
        }
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
    }
    [[nodiscard]] std::string database() const { return (directory_ / "out/live.db").string(); }
    [[nodiscard]] std::filesystem::path socket() const { return directory_ / "run/metrics"; }
    [[nodiscard]] std::string on_socket() const { return "unix:" + socket().string(); }
    [[nodiscard]] std::vector<std::string> words(std::vector<std::string> more) const {
        const auto port = Bound(SOCK_DGRAM).port();
        more.insert(more.begin(),
                    {"live", "--listen", "vxlan:" + std::to_string(port) + "@127.0.0.1",
                     "--catalog", catalog_directory, "--output", database()});
        return more;
    }
    [[nodiscard]] Outcome live(const std::vector<std::string>& more) const {
        return test::run(words(more));
    }
    void refuses(const std::vector<std::string>& more, int status, const char* said) const {
        const auto outcome = live(more);
        EXPECT_EQ(outcome.status, status) << outcome.err;
        EXPECT_THAT(outcome.err, StartsWith("turnpike: "));
        EXPECT_THAT(outcome.err, HasSubstr(said));
        EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
        EXPECT_EQ(outcome.out, "");
        EXPECT_TRUE(std::filesystem::is_empty(directory_ / "out")) << "a database is left behind";
    }
    static bool appears(const std::filesystem::path& path) {
        for (int i = 0; i < 3'000 && !std::filesystem::exists(path); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        return std::filesystem::exists(path);
    }

    TemporaryDirectory directory_;
};

TEST_F(LiveProgram, HelpsAndNamesEverySignalAndStatus) {
    const auto outcome = test::run({"live", "--help"});
    EXPECT_EQ(outcome.status, 0);
    for (const auto* part : {"Usage: turnpike live", "setcap cap_net_raw", "SIGHUP", "SIGUSR1",
                             "--rotate TIME|SIZE", "90s, 15m, 2h or 7d", "500M or 2G", "77 no"}) {
        EXPECT_THAT(outcome.out, HasSubstr(part));
    }
}

TEST_F(LiveProgram, EndsAfterItsTimeWithTheReport) {
    const auto outcome = live({"--duration", "1s", "--require", "whereby"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("whereby"));
    store::Reader reader(database());
    EXPECT_TRUE(reader.runs().at(0).complete);
}

TEST_F(LiveProgram, WrongFiltersLeaveNothingBehind) {
    refuses({"--filter", "udp prot 53", "--filter-inside"}, 64, "udp prot 53");
}

TEST_F(LiveProgram, AMetricsPortInUseLeavesNothingBehind) {
    const Bound taken(SOCK_STREAM);
    refuses({"--metrics", "127.0.0.1:" + std::to_string(taken.port())}, 73, "in use");
}

TEST_F(LiveProgram, AMetricsSocketThatCannotBeLeavesNothingBehind) {
    refuses({"--metrics", "unix:" + (directory_ / "missing/metrics").string()}, 73, "missing");
}

TEST_F(LiveProgram, AnOutputThatCannotBeLeavesNoSocketBehind) {
    const auto outcome = live({"--output", (directory_ / "missing/x.db").string()});
    EXPECT_EQ(outcome.status, 64) << "given twice";
    auto once = words({"--metrics", on_socket()});
    *std::ranges::find(once, database()) = (directory_ / "missing/x.db").string();
    const auto refused = test::run(once);
    EXPECT_EQ(refused.status, 73) << refused.err;
    EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(LiveProgram, AWrongUserLeavesNothingBehind) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "--user is for a start as root";
    }
    refuses({"--user", "no-such-user"}, 64, "--user no-such-user: there is no such user");
    std::filesystem::permissions(directory_ / "out", std::filesystem::perms::owner_all);
    refuses({"--user", std::to_string(nobody)}, 73, "may not write there");
}

TEST_F(LiveProgram, FailsOnAStatusWithEveryFormat) {
    for (const auto* format : {"text", "json", "csv"}) {
        const auto outcome = live({"--duration", "1s", "--require", "whereby", "--format", format,
                                   "--fail-on", "unmatched"});
        EXPECT_EQ(outcome.status, 1) << format << ": " << outcome.err;
    }
    const auto outcome = live(
        {"--duration", "1s", "--require", "whereby", "--format", "json", "--fail-on", "blocked"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out.find("whereby"), std::string::npos) << "no report among the objects";
}

TEST_F(LiveProgram, TheMetricsSocketIsServedAndGone) {
    test::Running running(words({"--metrics", on_socket()}), "");
    ASSERT_TRUE(appears(database()));
    ASSERT_TRUE(std::filesystem::is_socket(socket()));
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    running.signal(SIGTERM);
    const auto outcome = running.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(socket())) << outcome.out;
}

TEST_F(LiveProgram, TheMetricsSocketOfAnEarlierRunIsTakenOver) {
    leave_socket(socket());
    ASSERT_TRUE(std::filesystem::is_socket(socket()));
    const auto outcome = live({"--metrics", on_socket(), "--duration", "1s"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(LiveProgram, AFileAtTheMetricsSocketsPlaceStays) {
    test::write_file(socket(), "a letter");
    refuses({"--metrics", on_socket()}, 73, "in use");
    EXPECT_EQ(test::read_file(socket()), "a letter");
}

// In a folder like /tmp everybody may make files and only owners remove them.
TEST_F(LiveProgram, WhoeverItBecomesTheMetricsSocketIsGone) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "--user is for a start as root";
    }
    ASSERT_EQ(::chmod((directory_ / "run").c_str(), 01777), 0);
    test::Running running(words({"--metrics", on_socket(), "--user", std::to_string(nobody)}), "");
    struct stat status{};
    for (int i = 0; i < 3'000; ++i) {
        if (::stat(socket().c_str(), &status) == 0 && status.st_uid == nobody) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    EXPECT_EQ(status.st_uid, nobody) << "it may be removed by who made it only";
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    running.signal(SIGINT);
    const auto outcome = running.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(socket())) << outcome.out;
}

TEST_F(LiveProgram, AUserWhoCouldNotRemoveTheMetricsSocketIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "--user is for a start as root";
    }
    std::filesystem::permissions(directory_ / "run", std::filesystem::perms::owner_all);
    refuses({"--metrics", on_socket(), "--user", std::to_string(nobody)}, 73,
            "may not write there");
    EXPECT_FALSE(std::filesystem::exists(socket()));
}

}  // namespace
}  // namespace turnpike
