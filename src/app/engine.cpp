#include "app/engine.h"

#include <fmt/core.h>

#include "turnpike/base/error.h"

namespace turnpike::app {

std::string link_type_text(std::uint32_t link_type) {
    const auto name = wire::link_type_name(link_type);
    return name.empty() ? std::to_string(link_type) : fmt::format("{} ({})", name, link_type);
}

Reading Engine::read(const std::function<void(std::uint64_t)>& after_batch) {
    try {
        read_batches(after_batch);
    } catch (const base::Error& error) {
        reading_.breaks.emplace_back(error.what());
    }
    finish();
    return std::move(reading_);
}

void Engine::read_batches(const std::function<void(std::uint64_t)>& after_batch) {
    while (!source_.ended()) {
        const auto batch = source_.next_batch();
        for (const auto& loss : source_.losses()) {
            inspector_.lost(loss.frames);
        }
        for (const auto& frame : batch) {
            take(frame);
        }
        after_batch(reading_.frames);
    }
}

void Engine::take(const capture::Frame& frame) {
    ++reading_.frames;
    inspector_.frame(frame.time, frame.number, static_cast<std::uint32_t>(frame.bytes.size()),
                     frame.wire_length);
    const auto decoded = decoder_.decode(frame.link_type, frame.bytes, frame.wire_length,
                                         frame.time, frame.number, packet_);
    switch (decoded.kind) {
        case wire::FrameKind::packet:
            inspector_.inspect(packet_);
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
            ++reading_.undecodable;
            ++reading_.unknown_link_types[frame.link_type];
            break;
    }
}

void Engine::finish() {
    for (const auto& line : source_.cut_offs()) {
        reading_.breaks.push_back(line);
    }
    if (!reading_.breaks.empty()) {
        inspector_.cut_off();
    }
    inspector_.finish();
    auto& quality = inspector_.observation().quality;
    // Losses say where; the counters say how many, each frame once.
    if (const auto drops = source_.drops(); drops.known) {
        quality.dropped = drops.total();
    }
    for (const auto& [link_type, frames] : reading_.unknown_link_types) {
        quality.problems.push_back({"link type " + link_type_text(link_type), "not known", frames});
    }
}

}  // namespace turnpike::app
