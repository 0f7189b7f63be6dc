// Logical Link Control (IEEE 802.2 3) with the Subnetwork Access Protocol (RFC 1042): how IP
// travels on networks whose headers have no EtherType.
#include "wire/ethernet.h"
#include "wire/walk.h"

namespace turnpike::wire {
namespace {

// Service access points (IEEE 802.2, IANA "IEEE 802 Numbers").
constexpr std::uint8_t sap_null = 0x00;
constexpr std::uint8_t sap_ip = 0x06;
constexpr std::uint8_t sap_spanning_tree = 0x42;
constexpr std::uint8_t sap_snap = 0xaa;
constexpr std::uint8_t sap_ipx = 0xe0;
constexpr std::uint8_t sap_netbios = 0xf0;
constexpr std::uint8_t sap_osi = 0xfe;
constexpr std::uint8_t sap_global = 0xff;
constexpr std::uint8_t unnumbered_information = 0x03;  // control octet of RFC 1042 frames

constexpr std::uint32_t oui_encapsulated = 0x000000;   // RFC 1042: an EtherType follows
constexpr std::uint32_t oui_bridge_tunnel = 0x0000f8;  // IEEE 802.1H: an EtherType follows
constexpr std::uint32_t oui_bridged = 0x0080c2;        // RFC 2684 B, RFC 2427 4.2
constexpr std::uint16_t bridged_ethernet_with_fcs = 0x0001;
constexpr std::uint16_t bridged_ethernet_without_fcs = 0x0007;

Decoded decode_snap(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t oui = cursor.u24();
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::llc, region);
    }
    const Region inner = region.after(5);
    if (oui == oui_encapsulated || oui == oui_bridge_tunnel) {
        return decode_ether_type(walk, type, inner);
    }
    if (oui == oui_bridged &&
        (type == bridged_ethernet_with_fcs || type == bridged_ethernet_without_fcs)) {
        return decode_ethernet(walk, inner);
    }
    return not_ip(Layer::llc);  // Cisco's discovery protocols and the like
}

}  // namespace

bool probe_llc(base::Bytes bytes) noexcept {
    base::Cursor cursor(bytes);
    const std::uint8_t destination = cursor.u8() & 0xfeU;  // lowest bit: group address
    const std::uint8_t source = cursor.u8() & 0xfeU;       // lowest bit: response
    if (!cursor.ok() || (destination != source && destination != sap_null)) {
        return false;
    }
    return source == sap_ip || source == sap_spanning_tree || source == sap_snap ||
           source == sap_ipx || source == sap_netbios || source == sap_osi ||
           source == (sap_global & 0xfeU);
}

Decoded decode_llc(Walk& walk, Region region) noexcept {
    if (!walk.enter()) {
        return too_deep(Layer::llc);
    }
    base::Cursor cursor(region.bytes());
    const std::uint8_t destination = cursor.u8();
    const std::uint8_t source = cursor.u8();
    const std::uint8_t control = cursor.u8();
    if (!cursor.ok()) {
        return too_short(Layer::llc, region);
    }
    if (destination == sap_snap && source == sap_snap && control == unnumbered_information) {
        return decode_snap(walk, region.after(3));
    }
    if (destination == sap_ip && source == sap_ip && control == unnumbered_information) {
        return decode_ip(walk, region.after(3));
    }
    return probe_llc(region.bytes()) ? not_ip(Layer::llc) : unknown_payload(walk, Layer::llc);
}

}  // namespace turnpike::wire
