// Runs a libpcap filter over the innermost packet, with a header made up where fragments were
// joined.
#include "app/inner_filter.h"

#include <algorithm>
#include <array>

namespace turnpike::app {
namespace {

/// A header as the fragments had it together, as far as filters look at it: the datagram itself was
/// put together elsewhere, without one.
class RebuiltHeader {
  public:
    explicit RebuiltHeader(const wire::Packet& packet) {
        if (packet.source.is_v4()) {
            put(0x45);  // RFC 791 3.1
            put(0);
            put_u16(std::min(packet.ip_length, std::uint32_t{UINT16_MAX}));
            put_u16(packet.ip_id);
            put_u16(0);
            put(packet.hop_limit);
            put(packet.protocol);
            put_u16(0);
        } else {
            put(0x60);  // RFC 8200 3
            put(0);
            put_u16(0);
            put_u16(std::min(packet.ip_length, std::uint32_t{UINT16_MAX}));
            put(packet.protocol);
            put(packet.hop_limit);
        }
        put(packet.source.octets());
        put(packet.destination.octets());
        put_u16(packet.source_port);
        put_u16(packet.destination_port);
        put_u16(packet.payload_length + 8);
        put_u16(packet.udp_checksum);
    }
    [[nodiscard]] base::Bytes bytes() const noexcept { return {octets_.data(), size_}; }

  private:
    void put(std::uint8_t octet) noexcept { octets_[size_++] = octet; }
    void put_u16(std::uint32_t value) noexcept {
        put(static_cast<std::uint8_t>(value >> 8U));
        put(static_cast<std::uint8_t>(value));
    }
    void put(base::Bytes octets) noexcept {
        std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += octets.size();
    }

    std::array<std::uint8_t, 64> octets_{};
    std::size_t size_ = 0;
};

}  // namespace

bool InnerFilter::matches(const wire::Packet& packet) const noexcept {
    return packet.reassembled ? filter_.matches(RebuiltHeader(packet).bytes(), packet.ip_length)
                              : filter_.matches(packet.ip, packet.ip_length);
}

}  // namespace turnpike::app
