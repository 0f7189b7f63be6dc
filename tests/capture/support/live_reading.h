// Reading live sources in tests, with a deadline.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "capture/support/octets.h"
#include "capture/support/reading.h"
#include "turnpike/capture/live.h"

namespace turnpike::capture::testing {

using Clock = std::chrono::steady_clock;
inline constexpr std::chrono::seconds generous{10};
inline constexpr auto alice = "192.0.2.17";
inline constexpr auto bob = "198.51.100.99";

inline LiveOptions on(std::vector<std::string> interfaces) {
    LiveOptions options;
    options.interfaces = std::move(interfaces);
    options.ring_octets = std::size_t{4} << 20U;
    return options;
}

/// Reads until `enough` says so; false if that takes too long.
inline bool read_until(Source& source, std::vector<KeptFrame>& kept,
                       const std::function<bool()>& enough) {
    const auto deadline = Clock::now() + generous;
    while (!enough() && !source.ended() && Clock::now() < deadline) {
        keep(kept, source.next_batch());
    }
    return enough();
}

inline std::vector<KeptFrame> read_frames(Source& source, std::size_t count) {
    std::vector<KeptFrame> kept;
    read_until(source, kept, [&] { return kept.size() >= count; });
    return kept;
}

inline std::vector<OctetVector> octets_of_all(const std::vector<KeptFrame>& frames) {
    std::vector<OctetVector> all;
    for (const KeptFrame& frame : frames) {
        all.push_back(frame.bytes);
    }
    return all;
}

inline bool delivered(const std::vector<KeptFrame>& frames, const OctetVector& octets) {
    return std::ranges::find(frames, octets, &KeptFrame::bytes) != frames.end();
}

/// Reads until a notice contains `text`.
inline ::testing::AssertionResult notices(Source& source, const std::string& text) {
    std::vector<KeptFrame> frames;
    std::vector<std::string> all;
    const bool found = read_until(source, frames, [&] {
        for (auto& notice : source.take_notices()) {
            all.push_back(std::move(notice));
        }
        return std::ranges::any_of(
            all, [&](const std::string& notice) { return notice.find(text) != std::string::npos; });
    });
    return found ? ::testing::AssertionSuccess()
                 : ::testing::AssertionFailure() << ::testing::PrintToString(all);
}

}  // namespace turnpike::capture::testing
