// Loaded in front of the C library (LD_PRELOAD) into the program under test.
//
// TURNPIKE_MARKER=TEXT: when a read brings that text, says on standard error whether the process
// could still open a file that is none of its business.
// TURNPIKE_FAIL=KIND:N: the N-th call of that kind fails: malloc, read, write, open, thread,
// step. Memory for libseccomp and pcap_compile is left out. TURNPIKE_COUNT=FILE: at the end the
// number of calls of each kind is written there, and for each place that allocates memory or steps
// a statement the numbers of its first and its last call, and what tells it from others in every
// run. A place is a whole stack of callers within the program, with the two innermost callers of
// the library that it called: how a library came there (SQLite's parser walks expressions of any
// depth) changes nothing for who gets the error.
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum Kind : unsigned { of_malloc, of_read, of_write, of_open, of_thread, of_step, kinds };
constexpr std::array<const char*, kinds> names{"malloc", "read", "write", "open", "thread", "step"};

std::array<std::atomic<unsigned long>, kinds> calls{};
std::atomic<bool> ready{false};
unsigned failing_kind = kinds;
unsigned long failing_call = 0;
const char* marker = nullptr;
int counts_file = -1;

/// Who allocates or steps: a stack of callers, by its hash.
struct Place {
    std::uintptr_t stack = 0;
    Kind kind = kinds;
    unsigned long first = 0;
    unsigned long last = 0;
};
constexpr std::size_t most_places = 1U << 16U;
std::array<Place, most_places> places{};
std::atomic_flag places_taken;
thread_local bool noting = false;  // what walks the stack may allocate

/// Where an object lies: the program itself, this library.
struct Range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;

    bool holds(const void* address) const noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(address);
        return begin <= number && number < end;
    }
};
Range program;
Range ourselves;
Range seccomp;

/// The first object is the program.
int note_object(dl_phdr_info* object, std::size_t /*size*/, void* /*data*/) noexcept {
    Range range{object->dlpi_addr, object->dlpi_addr};
    for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
        const auto& part = object->dlpi_phdr[i];
        if (part.p_type == PT_LOAD) {
            range.end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
        }
    }
    if (program.end == 0) {
        program = range;
    }
    if (range.holds(&places)) {
        ourselves = range;
    }
    if (std::strstr(object->dlpi_name, "libseccomp") != nullptr) {
        seccomp = range;
    }
    return 0;
}

std::uintptr_t hash_of_callers(Kind kind) noexcept {
    constexpr int most_foreign = 2;
    std::array<void*, 128> callers{};
    const int depth = ::backtrace(callers.data(), callers.size());
    std::uintptr_t stack = 1 + kind;
    int foreign = 0;
    for (int i = 0; i < depth; ++i) {
        const void* const caller = callers[static_cast<std::size_t>(i)];
        if (!program.holds(caller) && (ourselves.holds(caller) || foreign++ >= most_foreign)) {
            continue;
        }
        Dl_info object{};  // an address is another one in the next run
        ::dladdr(caller, &object);
        stack ^= reinterpret_cast<std::uintptr_t>(caller) -
                 reinterpret_cast<std::uintptr_t>(object.dli_fbase);
        stack *= 0x9e3779b97f4a7c15U;
        stack ^= stack >> 32U;
    }
    return stack;
}

void note_place(Kind kind, unsigned long number) noexcept {
    if (counts_file < 0 || noting) {
        return;
    }
    noting = true;
    const std::uintptr_t stack = hash_of_callers(kind);
    while (places_taken.test_and_set(std::memory_order_acquire)) {
    }
    for (std::size_t i = 0; i < most_places; ++i) {
        Place& place = places[(stack + i) % most_places];
        if (place.stack == 0) {
            place = {stack, kind, number, number};
        }
        if (place.stack == stack) {
            place.last = number;
            break;
        }
    }
    places_taken.clear(std::memory_order_release);
    noting = false;
}

bool fails(Kind kind) noexcept {
    if (!ready.load(std::memory_order_relaxed)) {
        return false;
    }
    const auto number = ++calls[kind];
    if (kind == of_malloc || kind == of_step) {
        note_place(kind, number);
    }
    return kind == failing_kind && number == failing_call;
}

thread_local bool compiling_filter = false;

/// The program has seen to it that libseccomp and libpcap's compiler of filters, which do not
/// survive it, find memory.
bool memory_fails(const void* caller) noexcept {
    return !compiling_filter && !seccomp.holds(caller) && fails(of_malloc);
}

void say(const char* text) noexcept {
    ::syscall(SYS_write, STDERR_FILENO, text, std::strlen(text));
}

void look_for_marker(const void* octets, ssize_t count) noexcept {
    if (marker == nullptr || count <= 0 ||
        ::memmem(octets, static_cast<std::size_t>(count), marker, std::strlen(marker)) == nullptr) {
        return;
    }
    const long opened = ::syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC, 0);
    say(opened < 0 ? "marker read: confined\n" : "marker read: NOT CONFINED\n");
    if (opened >= 0) {
        ::syscall(SYS_close, opened);
    }
}

template <typename Function>
Function* next(const char* name) noexcept {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

[[gnu::constructor]] void begin() {
    marker = std::getenv("TURNPIKE_MARKER");
    ::dl_iterate_phdr(note_object, nullptr);
    if (const char* const file = std::getenv("TURNPIKE_COUNT")) {
        std::array<void*, 4> nobody{};
        ::backtrace(nobody.data(), nobody.size());  // loads what it needs
        counts_file =
            static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT, 0600));
    }
    if (const char* const wanted = std::getenv("TURNPIKE_FAIL")) {
        const char* const colon = std::strchr(wanted, ':');
        for (unsigned kind = 0; colon != nullptr && kind < kinds; ++kind) {
            if (std::strncmp(names[kind], wanted, static_cast<std::size_t>(colon - wanted)) == 0) {
                failing_kind = kind;
                failing_call = std::strtoul(colon + 1, nullptr, 10);
            }
        }
    }
    ready = true;
}

[[gnu::destructor]] void end() {
    ready = false;
    std::array<char, 400> text{};
    int size = 0;
    for (unsigned kind = 0; kind < kinds; ++kind) {
        size += std::snprintf(text.data() + size, text.size() - static_cast<std::size_t>(size),
                              "%s %lu\n", names[kind], calls[kind].load());
    }
    if (counts_file < 0) {
        return;
    }
    ::syscall(SYS_write, counts_file, text.data(), size);
    for (const Place& place : places) {
        if (place.stack != 0) {
            size = std::snprintf(text.data(), text.size(), "place %s %lu %lu %lx\n",
                                 names[place.kind], place.first, place.last, place.stack);
            ::syscall(SYS_write, counts_file, text.data(), size);
        }
    }
}

}  // namespace

extern "C" {

ssize_t read(int descriptor, void* into, size_t count) {
    if (fails(of_read)) {
        errno = EIO;
        return -1;
    }
    const ssize_t got = ::syscall(SYS_read, descriptor, into, count);
    look_for_marker(into, got);
    return got;
}
ssize_t pread64(int descriptor, void* into, size_t count, off64_t offset) {
    if (fails(of_read)) {
        errno = EIO;
        return -1;
    }
    const ssize_t got = ::syscall(SYS_pread64, descriptor, into, count, offset);
    look_for_marker(into, got);
    return got;
}
ssize_t pread(int descriptor, void* into, size_t count, off_t offset) {
    return pread64(descriptor, into, count, offset);
}
ssize_t write(int descriptor, const void* from, size_t count) {
    if (descriptor != STDERR_FILENO && fails(of_write)) {
        errno = ENOSPC;
        return -1;
    }
    return ::syscall(SYS_write, descriptor, from, count);
}
ssize_t pwrite64(int descriptor, const void* from, size_t count, off64_t offset) {
    if (fails(of_write)) {
        errno = ENOSPC;
        return -1;
    }
    return ::syscall(SYS_pwrite64, descriptor, from, count, offset);
}
ssize_t pwrite(int descriptor, const void* from, size_t count, off_t offset) {
    return pwrite64(descriptor, from, count, offset);
}
int open64(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const int mode = (flags & O_CREAT) != 0 ? va_arg(list, int) : 0;
    va_end(list);
    if (fails(of_open)) {
        errno = EMFILE;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
int open(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const int mode = (flags & O_CREAT) != 0 ? va_arg(list, int) : 0;
    va_end(list);
    return open64(path, flags, mode);
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) {
    if (fails(of_thread)) {
        return EAGAIN;
    }
    static auto* const real =
        next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
    return real(thread, attributes, run, argument);
}
int pcap_compile(void* handle, void* program, const char* text, int optimize, unsigned netmask) {
    static auto* const real = next<int(void*, void*, const char*, int, unsigned)>("pcap_compile");
    compiling_filter = true;
    const int status = real(handle, program, text, optimize, netmask);
    compiling_filter = false;
    return status;
}
int sqlite3_step(void* statement) {
    constexpr int input_output_error = 10;  // SQLITE_IOERR
    // sqlite3_exec, which calls this as well, asks the statement what came of it, not this call.
    if (program.holds(__builtin_return_address(0)) && fails(of_step)) {
        return input_output_error;
    }
    static auto* const real = next<int(void*)>("sqlite3_step");
    return real(statement);
}
// operator new comes here, too.
void* malloc(size_t size) {
    if (memory_fails(__builtin_return_address(0))) {
        errno = ENOMEM;
        return nullptr;
    }
    static auto* const real = next<void*(size_t)>("malloc");
    return real(size);
}
void* calloc(size_t count, size_t size) {
    if (memory_fails(__builtin_return_address(0))) {
        errno = ENOMEM;
        return nullptr;
    }
    static auto* const real = next<void*(size_t, size_t)>("calloc");
    return real(count, size);
}
void* realloc(void* memory, size_t size) {
    if (memory_fails(__builtin_return_address(0))) {
        errno = ENOMEM;
        return nullptr;
    }
    static auto* const real = next<void*(void*, size_t)>("realloc");
    return real(memory, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
    if (fails(of_malloc)) {
        return ENOMEM;
    }
    static auto* const real = next<int(void**, size_t, size_t)>("posix_memalign");
    return real(memory, alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
    if (fails(of_malloc)) {
        errno = ENOMEM;
        return nullptr;
    }
    static auto* const real = next<void*(size_t, size_t)>("aligned_alloc");
    return real(alignment, size);
}
}
