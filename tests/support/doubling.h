// Whether twice the work takes about twice the time.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace turnpike::support {

/// CPU time of this process in nanoseconds: other processes do not count, and work that is shared
/// with another thread does.
inline std::int64_t cpu_time() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// The least of several times, for a busy machine makes them longer and never shorter.
template <typename Work>
std::int64_t least_time(const Work& work, int repetitions = 5) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < repetitions; ++i) {
        const auto begin = cpu_time();
        work();
        least = std::min(least, cpu_time() - begin);
    }
    return std::max<std::int64_t>(least, 1);
}

/// What n log n work stays below and quadratic work does not.
inline constexpr double no_more_than_twice = 3.0;

/// Time of the double divided by that of the single, the best of some tries: caches that others
/// fill disturb a try, and what is quadratic stays above in each.
template <typename Single, typename Double>
double growth(const Single& single, const Double& twice) {
    double best = std::numeric_limits<double>::max();
    for (int i = 0; i < 6 && best >= no_more_than_twice; ++i) {
        const auto before = least_time(single);
        best = std::min(best, static_cast<double>(least_time(twice)) / static_cast<double>(before));
    }
    return best;
}

}  // namespace turnpike::support
