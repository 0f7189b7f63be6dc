// Estimates offset and drift between the clocks of two captures from pairs of packets.
#include "compare/clock.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace turnpike::compare {
namespace {

using std::chrono::seconds;

/// What differs from the median by more is no pair: queues do not last so long, and no clock drifts
/// as far in a call.
constexpr base::Duration plausible = seconds{5};
constexpr std::size_t most_windows = 16;
constexpr std::size_t pairs_of_a_window = 20;

base::Duration difference(const Pair& pair) noexcept {
    return pair.outside - pair.inside;
}

base::Duration median_difference(std::vector<Pair>& pairs) {
    const auto middle = pairs.begin() + static_cast<std::ptrdiff_t>(pairs.size() / 2);
    std::ranges::nth_element(pairs, middle, {}, difference);
    return difference(*middle);
}

/// The quickest packets each way bound the offset.
struct Bounds {
    base::Duration lower = base::Duration::min();  ///< of inward packets
    base::Duration upper = base::Duration::max();  ///< of outward packets

    void add(const Pair& pair) noexcept {
        if (pair.outward) {
            upper = std::min(upper, difference(pair));
        } else {
            lower = std::max(lower, difference(pair));
        }
    }
    [[nodiscard]] bool both() const noexcept {
        return lower != base::Duration::min() && upper != base::Duration::max();
    }
    [[nodiscard]] base::Duration middle() const noexcept {
        if (both()) {
            return lower + (upper - lower) / 2;
        }
        return upper == base::Duration::max() ? lower : upper;
    }
};

struct Point {
    double time = 0;  ///< seconds
    double offset = 0;
};

/// The median of the slopes between all points (Theil and Sen): one bad window changes nothing.
double slope(const std::vector<Point>& points) {
    std::vector<double> slopes;
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            slopes.push_back((points[j].offset - points[i].offset) /
                             (points[j].time - points[i].time));
        }
    }
    if (slopes.empty()) {
        return 0;
    }
    const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
    std::ranges::nth_element(slopes, middle);
    return *middle;
}

double in_seconds(base::Duration duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}

/// Windows in which only one direction was seen say less than they seem to, and are left out.
double drift_of(const std::vector<Pair>& pairs) {
    const auto first = pairs.front().inside;
    const auto length = pairs.back().inside - first;
    const auto windows = std::min(most_windows, pairs.size() / pairs_of_a_window);
    // Over less than a minute the noise of single packets is larger than any drift.
    if (windows < 3 || length < seconds{60}) {
        return 0;
    }
    std::vector<Point> points;
    std::size_t next = 0;
    for (std::size_t window = 1; window <= windows; ++window) {
        const auto end =
            first + length * static_cast<std::int64_t>(window) / static_cast<std::int64_t>(windows);
        Bounds bounds;
        double sum = 0;
        const auto from = next;
        for (; next < pairs.size() && pairs[next].inside <= end; ++next) {
            bounds.add(pairs[next]);
            sum += in_seconds(pairs[next].inside - first);
        }
        if (bounds.both()) {
            points.push_back({sum / static_cast<double>(next - from), in_seconds(bounds.middle())});
        }
    }
    const auto found = slope(points);
    // Half a thousandth is more than any working clock's; then it was no drift that was measured.
    constexpr double credible = 5e-4;
    return std::abs(found) <= credible ? found : 0;
}

}  // namespace

base::Timestamp Clock::inside(base::Timestamp outside) const noexcept {
    const auto near = outside - offset;
    return near - base::Duration{
                      static_cast<std::int64_t>(drift * static_cast<double>((near - at).count()))};
}

std::optional<Clock> estimate_clock(std::vector<Pair> pairs) {
    if (pairs.empty()) {
        return std::nullopt;
    }
    const auto median = median_difference(pairs);
    std::erase_if(pairs, [median](const Pair& pair) {
        return std::chrono::abs(difference(pair) - median) > plausible;
    });
    std::ranges::sort(pairs, {}, &Pair::inside);
    Clock clock;
    clock.at = pairs.front().inside;
    clock.pairs = pairs.size();
    clock.drift = drift_of(pairs);
    Bounds bounds;
    for (auto pair : pairs) {
        pair.outside -= base::Duration{static_cast<std::int64_t>(
            clock.drift * static_cast<double>((pair.inside - clock.at).count()))};
        bounds.add(pair);
    }
    clock.offset = bounds.middle();
    clock.uncertainty = bounds.both() ? std::chrono::abs(bounds.upper - bounds.lower) / 2
                                      : base::Duration{plausible};
    return clock;
}

}  // namespace turnpike::compare
