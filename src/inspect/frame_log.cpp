// Where recordings pause, and which of them saw the same hosts.
#include "turnpike/inspect/frame_log.h"

namespace turnpike::inspect {
namespace {

// Of one recording. Each ends in nearly a minute of silence.
constexpr std::size_t most_stretches = 8'192;
constexpr std::size_t most_taps_of_a_flow = 64;  // a long connection over rotated files

}  // namespace

void FrameLog::add(const FrameRun& run) {
    const base::Duration since_last = run.first().time - quality_.last.time;
    quality_.packets += run.frames();
    quality_.bytes += run.octets();
    quality_.cut += run.cut();
    if (!quality_.first) {
        quality_.first = run.first();
    } else if (since_last < -FrameRun::clock_step) {
        ++quality_.backward_steps;
    }
    if (since_last >= FrameRun::hole) {
        last_hole_ = {quality_.last.time, run.first().time};
    }
    quality_.last = run.last();
    if (run.tap().number != tap_ || !goes_on(run)) {
        begin_stretch(run);
    }
}

// Only the first frame of a run may come after a silence.
bool FrameLog::goes_on(const FrameRun& run) noexcept {
    const base::Timestamp time = run.first().time;
    if (stretch_ == nullptr || time > stretch_->to + facts::Recording::silence ||
        time < stretch_->from - facts::Recording::silence) {
        return false;
    }
    stretch_->from = std::min(stretch_->from, run.span().from);
    stretch_->to = std::max(stretch_->to, run.span().to);
    return true;
}

void FrameLog::begin_stretch(const FrameRun& run) {
    const Tap tap = run.tap();
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
        if (goes_on(run)) {
            return;  // only the frame before was another recording's
        }
    }
    if (stretches.size() == most_stretches) {
        stretches.erase(stretches.begin(), stretches.begin() + most_stretches / 2);
    }
    stretch_ = &stretches.emplace_back(run.span());
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
