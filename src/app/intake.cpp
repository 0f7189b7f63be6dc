#include "app/intake.h"

#include <fmt/core.h>

namespace turnpike::app {

std::string link_type_text(std::uint32_t link_type) {
    const auto name = wire::link_type_name(link_type);
    return name.empty() ? std::to_string(link_type) : fmt::format("{} ({})", name, link_type);
}

void Intake::take(const capture::Frame& frame) {
    const auto decoded = decoder_.decode(frame.link_type, frame.bytes, frame.wire_length,
                                         frame.time, frame.number, packet_);
    if (filter_ != nullptr && (!decoded || !filter_->matches(packet_))) {
        return;  // as if the kernel had not delivered it
    }
    packet_.tap = frame.tap;
    inspector_.frame(frame.time, frame.number, static_cast<std::uint32_t>(frame.bytes.size()),
                     frame.wire_length, {frame.tap, frame.link_type});
    if (decoded && !decoded.damaged) {
        inspector_.inspect(packet_);
    } else {
        undecodable(frame, decoded);
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
