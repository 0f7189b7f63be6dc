// Writes integers in network order, and lengths once what they count is written.
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

Writer::Length::Length(Writer& writer, std::size_t octets)
    : writer_(writer), at_(writer.size()), octets_(octets) {
    writer.zeros(octets);
}

Writer::Length::~Length() {
    auto value = writer_.size() - at_ - octets_;
    for (auto i = octets_; i > 0; --i) {
        writer_.octets()[at_ + i - 1] = static_cast<std::uint8_t>(value);
        value >>= 8U;
    }
}

void Writer::u16(unsigned value) {
    u8(value >> 8U);
    u8(value);
}

void Writer::u24(std::uint32_t value) {
    u8(value >> 16U);
    u16(value);
}

void Writer::u32(std::uint32_t value) {
    u16(value >> 16U);
    u16(value);
}

}  // namespace turnpike::speak
