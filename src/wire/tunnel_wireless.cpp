// How wireless equipment hands over frames, over UDP: CAPWAP data (RFC 5415 4.3) and TZSP.
#include "wire/tunnel_udp.h"

namespace turnpike::wire {
namespace {

// RFC 5415 4.3, in the 24 bits after the preamble: header length, radio, binding, flags.
constexpr std::uint32_t capwap_native = 0x000100;  // T: a frame of the binding, not 802.3
constexpr std::uint32_t capwap_fragment = 0x000080;
constexpr std::uint32_t capwap_keepalive = 0x000008;

constexpr std::uint8_t tzsp_version = 1;
constexpr std::uint8_t tzsp_received = 0;
constexpr std::uint8_t tzsp_transmit = 1;
constexpr std::uint8_t tzsp_padding = 0;  // tags without a length
constexpr std::uint8_t tzsp_end = 1;

Tunnel::Decoder tzsp_decoder(std::uint16_t protocol) noexcept {
    switch (protocol) {
        case 1:
            return decode_ethernet;
        case 18:
            return decode_wifi;
        case 119:
        case 127:
            return decode_prism;
        default:
            return nullptr;
    }
}

}  // namespace

std::optional<Tunnel> probe_capwap(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t preamble = cursor.u8();
    const std::uint32_t fields = cursor.u24();
    const std::size_t header = (fields >> 19U) * std::size_t{4};
    // RFC 5415 4.1: version 0, type 0 is a header in clear. Fragments are not put together.
    if (!cursor.ok() || preamble != 0 || header < 8 || header >= region.captured() ||
        (fields & (capwap_fragment | capwap_keepalive)) != 0) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::capwap,
                  .decode = (fields & capwap_native) != 0 ? decode_wifi : decode_ethernet,
                  .id = 0,
                  .inner = region.after(header)};
}

std::optional<Tunnel> probe_tzsp(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t version = cursor.u8();
    const std::uint8_t type = cursor.u8();
    const Tunnel::Decoder decoder = tzsp_decoder(cursor.u16());
    if (!cursor.ok() || version != tzsp_version ||
        (type != tzsp_received && type != tzsp_transmit) || decoder == nullptr) {
        return std::nullopt;
    }
    std::uint8_t tag = cursor.u8();
    while (cursor.ok() && tag != tzsp_end) {
        if (tag != tzsp_padding) {
            cursor.skip(cursor.u8());
        }
        tag = cursor.u8();
    }
    if (!cursor.ok()) {
        return std::nullopt;
    }
    return Tunnel{
        .layer = Layer::tzsp, .decode = decoder, .id = 0, .inner = region.after(cursor.position())};
}

}  // namespace turnpike::wire
