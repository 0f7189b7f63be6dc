// Hands packets to the inspector in groups, and tells it why other frames cannot be decoded.
#include "app/intake.h"

#include <fmt/core.h>

#include <algorithm>

#include "turnpike/capture/link_type.h"

namespace turnpike::app {

std::string link_type_text(std::uint32_t link_type) {
    const auto name = capture::link_type_name(link_type);
    return name.empty() ? std::to_string(link_type) : fmt::format("{} ({})", name, link_type);
}

// What packets tell of each other may depend on the pauses before them, so that runs of frames are
// told of before their first packet.
void Intake::take(const PacketBatch& batch) {
    constexpr std::size_t group = inspect::Inspector::group;
    const auto packets = batch.packets();
    const auto places = batch.places();
    auto runs = batch.runs();
    const auto tell_runs_before = [&](std::size_t packet) {
        for (; !runs.empty() && runs.front().packets_before < packet; runs = runs.subspan(1)) {
            frames_.add(runs.front().run);
        }
    };
    for (const Undecoded& frame : batch.undecoded()) {
        undecodable(frame);
    }
    for (std::size_t begin = 0; begin < packets.size(); begin += group) {
        const std::size_t end = std::min(begin + group, packets.size());
        const std::size_t next = std::min(2 * group, packets.size() - end);
        tell_runs_before(end);
        inspector_.expect(packets.subspan(end, next), places.subspan(end, next));
        inspector_.inspect(packets.subspan(begin, end - begin), places.subspan(begin, end - begin));
    }
    tell_runs_before(packets.size() + 1);
}

void Intake::tell(const Hidden& hidden, bool at_end) {
    for (const auto& problem : hidden.problems) {
        const auto told =
            std::ranges::find_if(told_.problems, [&problem](const wire::DecodeProblem& earlier) {
                return earlier.layer == problem.layer && earlier.error == problem.error;
            });
        tell(wire::to_string(problem.layer), base::to_string(problem.error), problem.count,
             told == told_.problems.end() ? 0 : told->count);
    }
    const auto layer = wire::to_string(wire::Layer::fragments);
    const auto& fragments = hidden.fragments;
    tell(layer, "others never came", fragments.timed_out + (at_end ? fragments.waiting : 0),
         told_.fragments.timed_out);
    tell(layer, "evicted to make room", fragments.evicted, told_.fragments.evicted);
    told_ = hidden;
}

void Intake::tell(std::string_view layer, std::string_view reason, std::uint64_t count,
                  std::uint64_t told) {
    if (count > told) {
        inspector_.problem(layer, reason, count - told);
    }
}

void Intake::undecodable(const Undecoded& frame) {
    const wire::Decoded& decoded = frame.outcome;
    switch (decoded.kind) {
        case wire::FrameKind::packet:  // its transport header contradicts itself
            inspector_.malformed(wire::to_string(decoded.layer), decoded.error);
            break;
        case wire::FrameKind::not_ip:
            inspector_.no_packet();
            break;
        case wire::FrameKind::fragment:
            inspector_.fragment();
            break;
        case wire::FrameKind::malformed:
            inspector_.malformed(wire::to_string(decoded.layer), decoded.error);
            break;
        case wire::FrameKind::unknown_link_type:
            inspector_.no_packet();
            ++unknown_link_types_[frame.link_type];
            break;
    }
}

}  // namespace turnpike::app
