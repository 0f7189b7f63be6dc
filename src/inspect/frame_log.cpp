// Where recordings pause, and which of them saw the same hosts.
#include "turnpike/inspect/frame_log.h"

namespace turnpike::inspect {
namespace {

// Of one recording. Each ends in nearly a minute of silence.
constexpr std::size_t most_stretches = 8'192;
constexpr std::size_t most_taps_of_a_flow = 64;  // a long connection over rotated files

}  // namespace

void FrameLog::begin_stretch(Tap tap, base::Timestamp time) {
    auto& recordings = quality_.recordings;
    if (tap.number >= recordings.size()) {
        const auto known = static_cast<std::uint32_t>(recordings.size());
        recordings.resize(tap.number + 1);
        for (std::uint32_t i = known; i <= tap.number; ++i) {
            recordings[i].tap = i;
        }
    }
    facts::Recording& recording = recordings[tap.number];
    auto& stretches = recording.stretches;
    tap_ = tap.number;
    if (stretches.empty()) {
        recording.link_type = tap.link_type;
    } else {
        stretch_ = &stretches.back();
        if (goes_on(time)) {
            return;  // only the frame before was another recording's
        }
    }
    if (stretches.size() == most_stretches) {
        stretches.erase(stretches.begin(), stretches.begin() + most_stretches / 2);
    }
    stretch_ = &stretches.emplace_back(time, time);
}

void FrameLog::note_same_flows(std::uint32_t before, std::uint32_t now) {
    auto& recordings = quality_.recordings;
    if (now >= recordings.size()) {
        return;
    }
    auto& known = recordings[now].same_flows_as;
    if (std::ranges::find(known, before) == known.end() && known.size() < most_taps_of_a_flow) {
        known.push_back(before);
    }
}

}  // namespace turnpike::inspect
