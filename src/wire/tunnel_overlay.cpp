// Overlays of data centers over UDP: VXLAN (RFC 7348 5), VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe 3),
// GENEVE (RFC 8926 3.4), LISP (RFC 9300 5.1).
#include "wire/ethernet.h"
#include "wire/tunnel_udp.h"

namespace turnpike::wire {
namespace {

constexpr std::uint8_t vni_present = 0x08;       // RFC 7348 5: the I flag
constexpr std::uint8_t protocol_present = 0x04;  // GPE: the P flag
constexpr std::uint8_t gpe_version_mask = 0x30;

Tunnel::Decoder gpe_decoder(std::uint8_t next) noexcept {
    switch (next) {  // draft 3.2
        case 1:
            return decode_ipv4;
        case 2:
            return decode_ipv6;
        case 3:
            return decode_ethernet;
        case 4:
            return decode_nsh;
        case 5:
            return decode_mpls;
        default:
            return nullptr;
    }
}

Tunnel::Decoder geneve_decoder(std::uint16_t type) noexcept {
    switch (type) {
        case ether_type::bridged_ethernet:
            return decode_ethernet;
        case ether_type::ipv4:
            return decode_ipv4;
        case ether_type::ipv6:
            return decode_ipv6;
        case ether_type::mpls:
            return decode_mpls;
        case ether_type::nsh:
            return decode_nsh;
        default:
            return nullptr;
    }
}

}  // namespace

std::optional<Tunnel> probe_vxlan(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t flags = cursor.u8();
    cursor.skip(3);  // reserved: ignored on receipt, and used by extensions such as group policy
    const std::uint32_t vni = cursor.u24();
    cursor.skip(1);
    if (!cursor.ok() || (flags & vni_present) == 0) {
        return std::nullopt;
    }
    return Tunnel{
        .layer = Layer::vxlan, .decode = decode_ethernet, .id = vni, .inner = region.after(8)};
}

std::optional<Tunnel> probe_vxlan_gpe(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t flags = cursor.u8();
    cursor.skip(2);
    const std::uint8_t next = cursor.u8();
    const std::uint32_t vni = cursor.u24();
    cursor.skip(1);
    const Tunnel::Decoder decoder =
        (flags & protocol_present) != 0 ? gpe_decoder(next) : decode_ethernet;
    if (!cursor.ok() || (flags & vni_present) == 0 || (flags & gpe_version_mask) != 0 ||
        decoder == nullptr) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::vxlan, .decode = decoder, .id = vni, .inner = region.after(8)};
}

std::optional<Tunnel> probe_geneve(Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint8_t version_and_length = cursor.u8();
    const std::uint8_t flags = cursor.u8();
    const Tunnel::Decoder decoder = geneve_decoder(cursor.u16());
    const std::uint32_t vni = cursor.u24();
    cursor.skip(1);
    cursor.skip((version_and_length & 0x3fU) * std::size_t{4});  // options, in 4-octet words
    // RFC 8926 3.4: version 0; the six bits after O and C are zero.
    if (!cursor.ok() || version_and_length >> 6U != 0 || (flags & 0x3fU) != 0 ||
        decoder == nullptr) {
        return std::nullopt;
    }
    return Tunnel{.layer = Layer::geneve,
                  .decode = decoder,
                  .id = vni,
                  .inner = region.after(cursor.position())};
}

std::optional<Tunnel> probe_lisp(Region region) noexcept {
    if (region.captured() <= 8 || !probe_whole_ip(region.after(8))) {
        return std::nullopt;
    }
    base::Cursor cursor(region.bytes().subspan(4));
    return Tunnel{.layer = Layer::udp,
                  .decode = decode_ip,
                  .id = cursor.u24(),  // RFC 9300 5.3: the instance identifier
                  .inner = region.after(8)};
}

}  // namespace turnpike::wire
