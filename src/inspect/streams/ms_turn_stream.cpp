// Takes TURN messages and data out of Microsoft's frames.
#include "ms_turn_stream.h"

#include "turnpike/base/cursor.h"

namespace turnpike::inspect {
namespace {

using Next = Progress::Next;

// [MS-TURN] 2.1.2: type, a reserved octet, and a length of two octets.
constexpr std::size_t header_size = 4;
constexpr std::uint8_t control = 2;
constexpr std::uint8_t data = 3;
constexpr std::size_t stun_header = 20;  // RFC 8489 5

std::size_t length_of(base::Bytes octets) noexcept {
    return base::Cursor{octets.subspan(2)}.u16();
}

}  // namespace

bool begins_ms_turn(base::Bytes octets) noexcept {
    constexpr std::size_t up_to_cookie = 8;
    return octets.size() >= header_size + up_to_cookie && octets[0] == control && octets[1] == 0 &&
           proto::probe_stun(octets.subspan(header_size)) != proto::Likelihood::no &&
           length_of(octets) >= stun_header;
}

Progress MsTurnStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    if (octets.size() < header_size) {
        return {};
    }
    if (gap || (octets[0] != control && octets[0] != data)) {
        return {octets.size(), Next::wait};
    }
    const std::size_t size = header_size + length_of(octets);
    if (octets.size() < size) {
        return {};
    }
    const base::Bytes content = octets.first(size).subspan(header_size);
    if (octets[0] == data) {
        messages_.channel_data(payload, content);
    } else if (const auto message = proto::decode_stun(content)) {
        messages_.stun_message(payload, *message);
    } else {
        context_.problems.count("stun", message.error());
    }
    return {size, Next::more};
}

}  // namespace turnpike::inspect
