// Writes and erases the progress line: how much was read, how fast, and how long it will take.
#include "app/progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "turnpike/base/printable.h"

namespace turnpike::app {
namespace {

constexpr auto first_shown_after = std::chrono::milliseconds{300};
constexpr auto redrawn_every = std::chrono::milliseconds{100};

struct Unit {
    double octets;
    const char* name;
};

Unit unit_of(std::uint64_t octets) noexcept {
    constexpr std::array units{Unit{1e9, "GB"}, Unit{1e6, "MB"}, Unit{1e3, "kB"}};
    const auto* const fits = std::ranges::find_if(
        units, [octets](const Unit& unit) { return static_cast<double>(octets) >= unit.octets; });
    return fits == units.end() ? Unit{1, "bytes"} : *fits;
}

std::string octets_read(const capture::Progress& progress) {
    const Unit unit = unit_of(progress.octets_total.value_or(progress.octets_read));
    const double read = static_cast<double>(progress.octets_read) / unit.octets;
    if (!progress.octets_total) {
        return fmt::format("{:.1f} {}", read, unit.name);
    }
    return fmt::format("{:.1f} of {:.1f} {}", read,
                       static_cast<double>(*progress.octets_total) / unit.octets, unit.name);
}

std::string duration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 120) {
        return fmt::format("{} s", whole);
    }
    return whole < 7200 ? fmt::format("{} min", whole / 60)
                        : fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

std::string progress_line(const capture::Progress& progress, std::uint64_t packets,
                          std::chrono::nanoseconds elapsed) {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    const double total = static_cast<double>(progress.octets_total.value_or(0));
    const double done = total > 0 ? static_cast<double>(progress.octets_read) / total : 0;
    std::string line;
    if (total > 0) {
        line += fmt::format("{:3.0f} %  ", std::min(done, 1.0) * 100);
    }
    line += octets_read(progress);
    if (seconds > 0) {
        const double rate = static_cast<double>(packets) / seconds;
        line += fmt::format("  {} packets/s", base::grouped(static_cast<std::uint64_t>(rate)));
    }
    if (done > 0 && done < 1) {
        line += fmt::format("  {} left", duration(seconds * (1 - done) / done));
    }
    return line;
}

ProgressLine::ProgressLine(bool shown) noexcept
    : shown_(shown), started_(Clock::now()), next_(started_ + first_shown_after) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::update(const capture::Progress& progress, std::uint64_t packets) {
    if (!shown_) {
        return;
    }
    const auto now = Clock::now();
    if (now < next_) {
        return;
    }
    next_ = now + redrawn_every;
    drawn_ = true;
    // Back to the first column, the line, and the rest of the old one erased (ECMA-48 8.3.41).
    std::fprintf(stderr, "\r%s\x1b[K", progress_line(progress, packets, now - started_).c_str());
    std::fflush(stderr);
}

void ProgressLine::clear() noexcept {
    if (drawn_) {
        std::fputs("\r\x1b[K", stderr);
        std::fflush(stderr);
        drawn_ = false;
    }
}

}  // namespace turnpike::app
