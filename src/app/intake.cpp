#include "app/intake.h"

#include <fmt/core.h>

namespace turnpike::app {

std::string link_type_text(std::uint32_t link_type) {
    const auto name = wire::link_type_name(link_type);
    return name.empty() ? std::to_string(link_type) : fmt::format("{} ({})", name, link_type);
}

bool Intake::decode(const capture::Frame& frame, wire::Packet& packet) {
    const auto decoded = decoder_.decode(frame.link_type, frame.bytes, frame.wire_length,
                                         frame.time, frame.number, packet);
    if (filter_ != nullptr && (!decoded || !filter_->matches(packet))) {
        return false;  // as if the kernel had not delivered it
    }
    packet.tap = frame.tap;
    inspector_.frame(frame.time, frame.number, static_cast<std::uint32_t>(frame.bytes.size()),
                     frame.wire_length, {frame.tap, frame.link_type});
    const bool whole = decoded && !decoded.damaged;
    if (!whole) {
        undecodable(frame, decoded);
    }
    return whole;
}

void Intake::take(const capture::Frame& frame) {
    if (decode(frame, packets_.front())) {
        inspector_.inspect(packets_.front());
    }
}

void Intake::take(std::span<const capture::Frame> frames) {
    std::size_t count = 0;
    for (const capture::Frame& frame : frames) {
        wire::Packet& packet = packets_[count];
        count += decode(frame, packet) ? std::size_t{1} : 0;
        // What was put together of fragments is gone with the next frame.
        if (count == packets_.size() || (count > 0 && packets_[count - 1].reassembled)) {
            inspector_.inspect(std::span(packets_).first(count));
            count = 0;
        }
    }
    if (count > 0) {
        inspector_.inspect(std::span(packets_).first(count));
    }
}

void Intake::undecodable(const capture::Frame& frame, const wire::Decoded& decoded) {
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
