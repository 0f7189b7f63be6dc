// What a confined process can no longer do, call by call and file by file.
#include "turnpike/guard/guard.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "guard/confined.h"
#include "turnpike/base/error.h"
#include "turnpike/store/writer.h"

namespace turnpike {
namespace {

// Calls are made for what the filter does to who makes them.
// NOLINTBEGIN(bugprone-unsafe-functions,clang-analyzer-security.insecureAPI.vfork)
// NOLINTBEGIN(bugprone-unused-return-value,clang-analyzer-unix.StdCLibraryFunctions)
using guard::Confinement;
using guard::Needs;
using test::run_confined;
using test::ScratchFolder;

Needs writing_to(const ScratchFolder& folder) {
    Needs needs;
    needs.writable = {folder.path()};
    return needs;
}

Needs sockets(bool packets, bool accept) {
    Needs needs;
    needs.packet_sockets = packets;
    needs.accept = accept;
    return needs;
}

int error_of_opening(const std::filesystem::path& path, int flags) {
    return ::open(path.c_str(), flags, 0600) < 0 ? errno : 0;
}

class Seccomp : public testing::Test {
  protected:
    void SetUp() override {
        if (!test::kernel_has_seccomp()) {
            GTEST_SKIP() << "this kernel has no seccomp filters";
        }
    }
    /// The signal that a child dies from when it does this.
    int signal_of(const std::function<void()>& action, const Needs& more = {}) {
        Needs needs = more;
        needs.writable = {folder_.path()};
        return run_confined(needs,
                            [&](const Confinement&) {
                                action();
                                return 0;
                            })
            .signal;
    }

  private:
    ScratchFolder folder_;
};

TEST_F(Seccomp, ExecIsKilled) {
    EXPECT_EQ(signal_of([] { ::execl("/bin/true", "true", nullptr); }), SIGSYS);
}

TEST_F(Seccomp, ForkIsKilled) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "LeakSanitizer needs processes of its own";
#endif
    EXPECT_EQ(signal_of([] { static_cast<void>(::fork()); }), SIGSYS);
    EXPECT_EQ(signal_of([] { static_cast<void>(::vfork()); }), SIGSYS);
}

TEST_F(Seccomp, NewSocketsAreKilled) {
    EXPECT_EQ(signal_of([] { ::socket(AF_INET, SOCK_STREAM, 0); }), SIGSYS);
    EXPECT_EQ(signal_of([] { ::socket(AF_PACKET, SOCK_RAW, 0); }, sockets(true, false)), SIGSYS);
    EXPECT_EQ(signal_of([] {
                  int ends[2];
                  ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
              }),
              SIGSYS);
}

TEST_F(Seccomp, OpenSocketsCannotBePointedElsewhere) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    ASSERT_GE(socket, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const to = reinterpret_cast<sockaddr*>(&address);
    const Needs all = sockets(true, true);
    EXPECT_EQ(signal_of([&] { ::connect(socket, to, sizeof address); }, all), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::bind(socket, to, sizeof address); }, all), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::listen(socket, 1); }, all), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::sendto(socket, "x", 1, 0, to, sizeof address); }, all), SIGSYS);
    ::close(socket);
}

TEST_F(Seccomp, AttemptsAreMadeOverTcpAndUdpAndNothingElse) {
    Needs attempts;
    attempts.attempts = true;
    const auto signal = [&](const std::function<void()>& action) {
        return signal_of(action, attempts);
    };
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const to = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(signal([&] {
                  const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
                  ::connect(tcp, to, sizeof address);
                  const int udp = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                  const int on = 1;
                  ::setsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
                  const int other = ::socket(AF_INET, SOCK_DGRAM, 0);
                  ::sendto(other, "x", 1, MSG_NOSIGNAL, to, sizeof address);
              }),
              0);
    EXPECT_EQ(signal([&] {  // Landlock, too, lets them be
                  const int tcp = ::socket(AF_INET, SOCK_STREAM, 0);
                  sockaddr_in own{};
                  own.sin_family = AF_INET;
                  if (::bind(tcp, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0 ||
                      (::connect(tcp, to, sizeof address) != 0 && errno == EACCES)) {
                      ::abort();
                  }
              }),
              0);
    EXPECT_EQ(signal([] { ::socket(AF_INET, SOCK_RAW, IPPROTO_TCP); }), SIGSYS);
    EXPECT_EQ(signal([] { ::socket(AF_PACKET, SOCK_DGRAM, 0); }), SIGSYS);
    EXPECT_EQ(signal([] { ::socket(AF_UNIX, SOCK_STREAM, 0); }), SIGSYS);
    EXPECT_EQ(signal([] { ::socket(AF_NETLINK, SOCK_DGRAM, 0); }), SIGSYS);
    EXPECT_EQ(signal([] { ::listen(0, 1); }), SIGSYS);
    EXPECT_EQ(signal([] { ::execl("/bin/true", "true", nullptr); }), SIGSYS);
}

TEST_F(Seccomp, ConnectedSocketsGoOn) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    EXPECT_EQ(signal_of([&] {
                  ::send(ends[0], "x", 1, 0);
                  char octet = 0;
                  ::recv(ends[1], &octet, 1, 0);
              }),
              0);
    ::close(ends[0]);
    ::close(ends[1]);
}

// Whoever serves clients answers them by sendmsg, which could name anybody on a datagram socket.
TEST_F(Seccomp, AnswersOnStreamsOnly) {
    int streams[2] = {-1, -1};
    int datagrams[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, streams), 0);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams), 0);
    iovec piece{const_cast<char*>("x"), 1};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const Needs serves = sockets(false, true);
    EXPECT_EQ(signal_of([&] { ::sendmsg(streams[0], &message, 0); }, serves), 0);
    EXPECT_EQ(signal_of([&] { ::sendmsg(streams[0], &message, MSG_FASTOPEN); }, serves), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::sendmsg(datagrams[0], &message, 0); }, serves), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::sendmsg(streams[0], &message, 0); }), SIGSYS) << "serves nobody";
    for (const int descriptor : {streams[0], streams[1], datagrams[0], datagrams[1]}) {
        ::close(descriptor);
    }
}

TEST_F(Seccomp, AcceptsOnlyWhereNeeded) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ASSERT_GE(socket, 0);
    EXPECT_EQ(signal_of([&] { ::accept4(socket, nullptr, nullptr, 0); }), SIGSYS);
    EXPECT_EQ(signal_of([&] { ::accept4(socket, nullptr, nullptr, 0); }, sockets(false, true)), 0);
    ::close(socket);
}

TEST_F(Seccomp, OtherProcessesAreOutOfReach) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "LeakSanitizer traces its own process";
#endif
    EXPECT_EQ(signal_of([] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }), SIGSYS);
    EXPECT_EQ(signal_of([] { ::kill(::getppid(), 0); }), SIGSYS);
    EXPECT_EQ(signal_of([] { ::raise(SIGTERM); }), SIGTERM);
}

TEST_F(Seccomp, CallsOfAdministratorsAreKilled) {
    for (const long call :
         {SYS_mount, SYS_bpf, SYS_unshare, SYS_setns, SYS_keyctl, SYS_io_uring_setup,
          SYS_process_vm_writev, SYS_init_module, SYS_setuid, SYS_chroot}) {
        EXPECT_EQ(signal_of([&] { ::syscall(call, 0, 0, 0, 0, 0); }), SIGSYS) << call;
    }
}

TEST_F(Seccomp, MemoryDoesNotBecomeCode) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "not limited under sanitizers";
#endif
    ScratchFolder folder;
    const auto ending = run_confined(writing_to(folder), [](const Confinement&) {
        constexpr std::size_t page = 4096;
        void* const plain =
            ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (plain == MAP_FAILED) {
            return 1;
        }
        if (::mprotect(plain, page, PROT_READ | PROT_EXEC) == 0 || errno != EACCES) {
            return 2;
        }
        return ::mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                       MAP_FAILED
                   ? 0
                   : 3;
    });
    EXPECT_EQ(ending.signal, 0);
    EXPECT_EQ(ending.status, 0);
}

// What is written to one goes out onto the link that is watched.
class PacketSockets : public Seccomp {
  protected:
    void SetUp() override {
        Seccomp::SetUp();
        for (int& link : links_) {
            link = ::socket(AF_PACKET, SOCK_RAW, 0);
            other_ = ::open("/dev/null", O_WRONLY);
        }
        if (links_[0] < 0) {
            GTEST_SKIP() << "packet sockets are root's";
        }
    }
    void TearDown() override {
        for (const int descriptor : links_) {
            ::close(descriptor);
        }
    }
    int links_[2] = {-1, -1};
    int other_ = -1;  // above the last of them; another lies between
};

TEST_F(PacketSockets, AreNeverWrittenTo) {
    const Needs needs = sockets(true, true);
    for (const int link : links_) {
        EXPECT_EQ(signal_of([&] { static_cast<void>(!::write(link, "x", 1)); }, needs), SIGSYS);
        EXPECT_EQ(signal_of([&] { ::send(link, "x", 1, 0); }, needs), SIGSYS);
        const iovec piece{const_cast<char*>("x"), 1};
        EXPECT_EQ(signal_of([&] { static_cast<void>(!::writev(link, &piece, 1)); }, needs), SIGSYS);
    }
}

TEST_F(PacketSockets, AreFoundHoweverHighTheirNumber) {
    for (int& link : links_) {
        const int low = std::exchange(link, ::fcntl(link, F_DUPFD, 5'000));
        ::close(low);
        if (link < 0) {
            GTEST_SKIP() << "no more than 5,000 descriptors are allowed";
        }
    }
    const Needs needs = sockets(true, true);
    for (const int link : links_) {
        EXPECT_EQ(signal_of([&] { static_cast<void>(!::write(link, "x", 1)); }, needs), SIGSYS);
    }
    EXPECT_EQ(signal_of([&] { static_cast<void>(!::write(other_, "", 0)); }, needs), 0);
}

TEST_F(PacketSockets, LeaveOtherDescriptorsAlone) {
    const Needs needs = sockets(true, true);
    for (const int descriptor : {STDERR_FILENO, links_[0] + 1, other_}) {
        EXPECT_EQ(signal_of([&] { static_cast<void>(!::write(descriptor, "", 0)); }, needs), 0);
    }
}

TEST_F(Seccomp, ThreadsStartAndAreBoundToo) {
    EXPECT_EQ(signal_of([] { std::thread([] {}).join(); }), 0);
    EXPECT_EQ(signal_of([] { std::thread([] { ::socket(AF_INET, SOCK_STREAM, 0); }).join(); }),
              SIGSYS);
}

class Landlock : public testing::Test {
  protected:
    void SetUp() override {
        if (test::landlock_version() == 0) {
            GTEST_SKIP() << "this kernel has no Landlock";
        }
    }
};

TEST_F(Landlock, FilesOutsideAreClosed) {
    const ScratchFolder inside;
    const ScratchFolder outside;
    std::ofstream(outside.path() / "secret") << "x";
    const int version = test::landlock_version();
    const auto ending = run_confined(writing_to(inside), [&](const Confinement& done) {
        if (done.landlock_abi != version) {
            return 1;
        }
        if (error_of_opening(outside.path() / "secret", O_RDONLY) != EACCES) {
            return 2;
        }
        if (error_of_opening(outside.path() / "new", O_WRONLY | O_CREAT) != EACCES) {
            return 3;
        }
        if (::unlink((outside.path() / "secret").c_str()) == 0 || errno != EACCES) {
            return 4;
        }
        int error = 0;
        std::thread([&] { error = error_of_opening("/etc/passwd", O_RDONLY); }).join();
        return error == EACCES ? 0 : 5;
    });
    EXPECT_EQ(ending.status, 0);
}

TEST_F(Landlock, ReadableIsReadOnly) {
    const ScratchFolder inside;
    const ScratchFolder catalog;
    std::ofstream(catalog.path() / "entry") << "x";
    Needs needs = writing_to(inside);
    needs.readable = {catalog.path()};
    const auto ending = run_confined(needs, [&](const Confinement&) {
        if (error_of_opening(catalog.path() / "entry", O_RDONLY) != 0) {
            return 1;
        }
        return error_of_opening(catalog.path() / "entry", O_WRONLY) == EACCES ? 0 : 2;
    });
    EXPECT_EQ(ending.status, 0);
}

TEST_F(Landlock, NotesWhatCannotBeOpened) {
    const ScratchFolder inside;
    Needs needs = writing_to(inside);
    needs.readable = {"/does/not/exist"};
    const auto ending = run_confined(needs, [](const Confinement& done) {
        return done.notes.empty() ||
               done.notes.front() != "/does/not/exist: stays closed: No such file or directory";
    });
    EXPECT_EQ(ending.status, 0);
}

TEST(Confine, ProcessStatusShowsIt) {
    const ScratchFolder folder;
    Needs needs = writing_to(folder);
    needs.readable = {"/proc"};
    const auto ending = run_confined(needs, [](const Confinement& done) {
        constexpr const char* none = "0000000000000000";
        if (!done.capabilities_dropped || test::own_status("CapEff") != none ||
            test::own_status("CapPrm") != none || test::own_status("CapInh") != none ||
            test::own_status("CapAmb") != none) {
            return 1;
        }
        if (!done.no_new_privileges || test::own_status("NoNewPrivs") != "1") {
            return 2;
        }
        return !done.system_calls_filtered || test::own_status("Seccomp") == "2" ? 0 : 3;
    });
    EXPECT_EQ(ending.status, 0);
}

TEST(Confine, DatabaseWithLogIsMadeWrittenAndRemoved) {
    const ScratchFolder folder;
    const auto path = folder.path() / "run.db";
    const auto ending = run_confined(writing_to(folder), [&](const Confinement&) {
        const facts::Observation observation;
        for (int run = 1; run <= 2; ++run) {  // a fresh database is written without a log
            store::Writer writer(path);
            writer.begin({});
            writer.write_facts(observation);
            if (run == 2 && !std::filesystem::exists(path.string() + "-wal")) {
                return 1;
            }
            writer.end({}, true);
        }
        if (std::filesystem::exists(path.string() + "-wal")) {
            return 2;
        }
        std::filesystem::rename(path, folder.path() / "old.db");
        return std::filesystem::remove(folder.path() / "old.db") ? 0 : 3;
    });
    EXPECT_EQ(ending.signal, 0);
    EXPECT_EQ(ending.status, 0);
}
// NOLINTEND(bugprone-unused-return-value,clang-analyzer-unix.StdCLibraryFunctions)
// NOLINTEND(bugprone-unsafe-functions,clang-analyzer-security.insecureAPI.vfork)

}  // namespace
}  // namespace turnpike
