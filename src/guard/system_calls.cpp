// An allow list: everything else kills the process. It was written from what strace(1) shows of
// turnpike, SQLite, libpcap, libarchive, OpenSSL, glibc and mimalloc; glibc picks among several
// calls by its version and the kernel's, so the relatives of each are on it too.
#include "guard/system_calls.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "guard/packet_sockets.h"
#include "turnpike/base/spare_memory.h"

namespace turnpike::guard {
namespace {

constexpr std::array memory{
    SCMP_SYS(brk),    SCMP_SYS(madvise), SCMP_SYS(mincore),
    SCMP_SYS(mremap), SCMP_SYS(msync),   SCMP_SYS(munmap),
};
constexpr std::array threads_and_signals{
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(futex_waitv),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(getcpu),
    SCMP_SYS(gettid),
    SCMP_SYS(membarrier),
    SCMP_SYS(pause),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sigreturn),
    SCMP_SYS(signalfd4),
};
constexpr std::array time_and_limits{
    SCMP_SYS(clock_getres), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit),    SCMP_SYS(getrusage),     SCMP_SYS(gettimeofday),    SCMP_SYS(nanosleep),
    SCMP_SYS(sysinfo),      SCMP_SYS(time),          SCMP_SYS(times),           SCMP_SYS(uname),
};
constexpr std::array who_am_i{
    SCMP_SYS(getegid),   SCMP_SYS(geteuid), SCMP_SYS(getgid),  SCMP_SYS(getpgid),
    SCMP_SYS(getpgrp),   SCMP_SYS(getpid),  SCMP_SYS(getppid), SCMP_SYS(getresgid),
    SCMP_SYS(getresuid), SCMP_SYS(getuid),
};
constexpr std::array open_files{
    SCMP_SYS(close),     SCMP_SYS(close_range), SCMP_SYS(dup),
    SCMP_SYS(dup2),      SCMP_SYS(dup3),        SCMP_SYS(fadvise64),
    SCMP_SYS(fallocate), SCMP_SYS(fchmod),      SCMP_SYS(fchown),
    SCMP_SYS(fcntl),     SCMP_SYS(fdatasync),   SCMP_SYS(flock),
    SCMP_SYS(fstat),     SCMP_SYS(fstatfs),     SCMP_SYS(fsync),
    SCMP_SYS(ftruncate), SCMP_SYS(lseek),       SCMP_SYS(pread64),
    SCMP_SYS(preadv),    SCMP_SYS(preadv2),     SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),   SCMP_SYS(pwritev2),    SCMP_SYS(read),
    SCMP_SYS(readahead), SCMP_SYS(readv),       SCMP_SYS(sync_file_range),
};
// Where these reach is up to Landlock and permissions.
constexpr std::array files_by_name{
    SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getcwd),
    SCMP_SYS(getdents64), SCMP_SYS(lstat),     SCMP_SYS(mkdir),      SCMP_SYS(mkdirat),
    SCMP_SYS(newfstatat), SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(rename),    SCMP_SYS(renameat),   SCMP_SYS(renameat2),
    SCMP_SYS(rmdir),      SCMP_SYS(stat),      SCMP_SYS(statfs),     SCMP_SYS(statx),
    SCMP_SYS(umask),      SCMP_SYS(unlink),    SCMP_SYS(unlinkat),
};
constexpr std::array waiting{
    SCMP_SYS(epoll_create1),   SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),     SCMP_SYS(epoll_pwait2),
    SCMP_SYS(epoll_wait),      SCMP_SYS(eventfd2),
    SCMP_SYS(pipe2),           SCMP_SYS(poll),
    SCMP_SYS(ppoll),           SCMP_SYS(pselect6),
    SCMP_SYS(select),          SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(timerfd_settime),
};
// On sockets that are open: reports to the service manager, the clients of /metrics, mirrors.
constexpr std::array open_sockets{
    SCMP_SYS(getpeername), SCMP_SYS(getsockname), SCMP_SYS(getsockopt), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmmsg),    SCMP_SYS(recvmsg),     SCMP_SYS(shutdown),
};

/// The rules while they are put together.
class Filter {
  public:
    Filter() : context_(::seccomp_init(SCMP_ACT_KILL_PROCESS)) {}
    ~Filter() { ::seccomp_release(context_); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    template <std::size_t Count>
    void allow(const std::array<int, Count>& calls) {
        for (const int call : calls) {
            allow(call);
        }
    }
    /// Only if the arguments are as given.
    void allow(int call, const std::vector<scmp_arg_cmp>& arguments = {}) {
        add(SCMP_ACT_ALLOW, call, arguments);
    }
    void refuse(int call, int error, const std::vector<scmp_arg_cmp>& arguments = {}) {
        add(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, arguments);
    }
    /// 0, or what the kernel says.
    int load() {
        if (failure_ == 0) {
            failure_ = ::seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        }
        if (failure_ == 0) {
            failure_ = ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1);
        }
        return failure_ != 0 ? failure_ : ::seccomp_load(context_);
    }

  private:
    void add(std::uint32_t action, int call, const std::vector<scmp_arg_cmp>& arguments) {
        if (failure_ == 0) {
            failure_ = ::seccomp_rule_add_array(
                context_, action, call, static_cast<unsigned>(arguments.size()), arguments.data());
        }
    }

    scmp_filter_ctx context_;
    int failure_ = 0;
};

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// A request is an int, whose upper half the kernel ignores and some C libraries fill.
scmp_arg_cmp request(unsigned long value) {
    return masked(1, 0xFFFF'FFFFU, value);
}

// Threads, not processes. The arguments of clone3 lie in memory, where a filter cannot look: told
// that the kernel has none, glibc takes clone.
[[maybe_unused]] void allow_threads(Filter& filter) {
    filter.allow(SCMP_SYS(clone), {masked(0, CLONE_THREAD, CLONE_THREAD)});
    filter.refuse(SCMP_SYS(clone3), ENOSYS);
}

// Refused, not killed: a library that loads another on demand gets along without.
[[maybe_unused]] void allow_memory_that_is_not_executable(Filter& filter) {
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)}) {
        filter.allow(call, {masked(2, PROT_EXEC, 0)});
        filter.refuse(call, EACCES, {masked(2, PROT_EXEC, PROT_EXEC)});
    }
}

// Signals to this process only (abort, raise); its id stays the same, as it cannot fork.
[[maybe_unused]] void allow_signals_to_itself(Filter& filter) {
    const auto self = static_cast<std::uint64_t>(::getpid());
    filter.allow(SCMP_SYS(kill), {equals(0, self)});
    filter.allow(SCMP_SYS(tgkill), {equals(0, self)});
}

void allow_control(Filter& filter) {
    constexpr std::uint64_t name_of_mapping = 0x53564d41;  // PR_SET_VMA, newer than Debian's header
    for (const std::uint64_t option :
         {std::uint64_t{PR_SET_NAME}, std::uint64_t{PR_GET_NAME}, name_of_mapping,
          std::uint64_t{PR_GET_THP_DISABLE}, std::uint64_t{PR_GET_DUMPABLE}}) {
        filter.allow(SCMP_SYS(prctl), {equals(0, option)});
    }
    // Limits may be read.
    filter.allow(SCMP_SYS(prlimit64), {equals(2, 0)});
    // Of the terminal: is it one, how large is it, is this process in front, its mode. Not TIOCSTI,
    // which types into it.
    for (const auto asked : std::array<unsigned long, 8>{
             TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO}) {
        filter.allow(SCMP_SYS(ioctl), {request(asked)});
    }
}

// Conditions that a descriptor is none of these: below the first, above the last, and each other
// one between. Which descriptors are sockets that were open before cannot change: none can be
// opened any more but those that are accepted.
std::vector<scmp_arg_cmp> all_but(const std::vector<int>& descriptors) {
    const auto first = static_cast<std::uint64_t>(descriptors.front());
    const auto last = static_cast<std::uint64_t>(descriptors.back());
    std::vector<scmp_arg_cmp> others{{0, SCMP_CMP_LT, first, 0}, {0, SCMP_CMP_GT, last, 0}};
    for (auto between = first + 1; between < last; ++between) {
        if (!std::ranges::binary_search(descriptors, static_cast<int>(between))) {
            others.push_back(equals(0, between));
        }
    }
    return others;
}

// What is written to a packet socket goes out as a frame, to the very link that is watched. So
// writing is allowed to every descriptor but those.
void allow_writing(Filter& filter, bool anywhere) {
    const auto links = packet_sockets();
    const auto allow = [&filter, anywhere](const std::vector<scmp_arg_cmp>& which) {
        filter.allow(SCMP_SYS(write), which);
        filter.allow(SCMP_SYS(writev), which);
        std::vector<scmp_arg_cmp> sending(which);
        if (!anywhere) {  // to where the socket is connected
            sending.push_back(equals(4, 0));
        }
        filter.allow(SCMP_SYS(sendto), sending);
    };
    if (links.empty()) {
        allow({});
        return;
    }
    for (const auto& other : all_but(links)) {
        allow({other});
    }
}

// To answer clients by sendmsg, which names an addressee where a filter cannot look: streams that
// are connected have theirs. MSG_FASTOPEN would connect one that is not.
void allow_answers_on_streams(Filter& filter) {
    const auto no_connecting = masked(2, MSG_FASTOPEN, 0);
    const auto datagrams = datagram_sockets();
    if (datagrams.empty()) {
        filter.allow(SCMP_SYS(sendmsg), {no_connecting});
        return;
    }
    for (const auto& other : all_but(datagrams)) {
        filter.allow(SCMP_SYS(sendmsg), {other, no_connecting});
    }
}

// TCP and UDP. Flags may be set in the type.
void allow_attempts(Filter& filter) {
    constexpr std::uint64_t kinds = 0xf;  // SOCK_TYPE_MASK, which the C library does not tell
    for (const auto family : {std::uint64_t{AF_INET}, std::uint64_t{AF_INET6}}) {
        for (const auto kind : {std::uint64_t{SOCK_STREAM}, std::uint64_t{SOCK_DGRAM}}) {
            filter.allow(SCMP_SYS(socket), {equals(0, family), masked(1, kinds, kind)});
        }
    }
    filter.allow(SCMP_SYS(bind));
    filter.allow(SCMP_SYS(connect));
}

void allow_sockets(Filter& filter, const Needs& needs) {
    filter.allow(open_sockets);
    if (needs.packet_sockets) {
        for (const auto asked :
             std::array<unsigned long, 7>{SIOCGIFFLAGS, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFHWADDR,
                                          SIOCGIFMTU, SIOCGSTAMP, SIOCOUTQ}) {
            filter.allow(SCMP_SYS(ioctl), {request(asked)});
        }
    }
    if (needs.accept) {
        filter.allow(SCMP_SYS(accept));
        filter.allow(SCMP_SYS(accept4));
        allow_answers_on_streams(filter);
    }
    if (needs.answer) {
        filter.allow(SCMP_SYS(sendmsg));
    }
    if (needs.packet_sockets || needs.accept || needs.answer || needs.attempts) {
        filter.allow(SCMP_SYS(setsockopt));
    }
    if (needs.attempts) {
        allow_attempts(filter);
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// LeakSanitizer stops the threads of the process from a process of its own when it ends, and
// reports fetch names of functions from there.
void allow_sanitizer(Filter& filter) {
    for (const int call :
         {SCMP_SYS(clone), SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(prctl), SCMP_SYS(mmap),
          SCMP_SYS(mprotect), SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(process_vm_readv),
          SCMP_SYS(pipe), SCMP_SYS(getdents), SCMP_SYS(arch_prctl), SCMP_SYS(personality),
          SCMP_SYS(setrlimit), SCMP_SYS(prlimit64)}) {
        filter.allow(call);
    }
    filter.refuse(SCMP_SYS(clone3), ENOSYS);  // as in allow_threads
}
#endif

}  // namespace

bool filter_system_calls(const Needs& needs, std::vector<std::string>& missing) {
    // libseccomp 2.5 that runs out of memory loops, or leaves out rules and says nothing. It needs
    // 0.2 MB.
    base::make_sure_of_memory(2'048, 256);
    Filter filter;
    filter.allow(memory);
    filter.allow(threads_and_signals);
    filter.allow(time_and_limits);
    filter.allow(who_am_i);
    filter.allow(open_files);
    filter.allow(files_by_name);
    filter.allow(waiting);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    allow_sanitizer(filter);
#else
    allow_threads(filter);
    allow_memory_that_is_not_executable(filter);
    allow_signals_to_itself(filter);
#endif
    allow_control(filter);
    allow_writing(filter, needs.attempts);
    allow_sockets(filter, needs);
    if (const int failure = filter.load(); failure != 0) {
        missing.push_back(
            fmt::format("system calls are not filtered: the kernel refuses ({}); it needs "
                        "CONFIG_SECCOMP_FILTER",
                        std::strerror(-failure)));
        return false;
    }
    return true;
}

}  // namespace turnpike::guard
