// Loaded in front of the C library (LD_PRELOAD): the wall clock is an hour ahead.
#include <dlfcn.h>
#include <time.h>

extern "C" int clock_gettime(clockid_t clock, timespec* time) {
    static const auto real =
        reinterpret_cast<int (*)(clockid_t, timespec*)>(::dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = real(clock, time);
    constexpr time_t hour = 3600;
    if (result == 0 && clock == CLOCK_REALTIME) {
        time->tv_sec += hour;
    }
    return result;
}
