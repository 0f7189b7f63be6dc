// Link types (LINKTYPE_ values, www.tcpdump.org/linktypes.html): their names, and the headers that
// exist only in capture files.
#include <algorithm>
#include <array>

#include "wire/walk.h"

namespace turnpike::wire {
namespace {

using Decoder = Decoded (*)(Walk&, Region) noexcept;

// Address families of the systems that write them: BSD, macOS, Linux, Windows, Solaris.
constexpr std::uint32_t family_ipv4 = 2;
constexpr std::array<std::uint32_t, 6> families_ipv6{10, 23, 24, 26, 28, 30};

constexpr std::uint16_t smallest_ether_type = 0x0600;  // IEEE 802.3 3.2.6

// ARPHRD_ values of cooked captures that change what the protocol field means.
constexpr std::uint16_t arphrd_ip_gre = 778;
constexpr std::uint16_t arphrd_radiotap = 803;
constexpr std::uint16_t arphrd_netlink = 824;

/// A small number in the byte order of the machine that wrote it, which the file does not tell.
std::uint32_t read_either_order(base::Bytes bytes) noexcept {
    const std::uint32_t big = base::Cursor(bytes).u32();
    return big > 0xffff ? base::Cursor(bytes).u32_le() : big;
}

bool is_ipv6_family(std::uint32_t family) noexcept {
    return std::ranges::find(families_ipv6, family) != families_ipv6.end();
}

Decoded decode_family(Walk& walk, std::uint32_t family, Region region) noexcept {
    if (family == family_ipv4) {
        return decode_ipv4(walk, region);
    }
    return is_ipv6_family(family) ? decode_ipv6(walk, region) : unknown_payload(walk, Layer::link);
}

/// What follows `count` octets, handed to `next`.
Decoded skip_to(Walk& walk, std::size_t count, Decoder next, Region region) noexcept {
    if (region.captured() < count) {
        return too_short(Layer::link, region);
    }
    return next(walk, region.after(count));
}

/// An address family in the byte order of the capturing machine, which the file does not tell.
Decoded decode_null(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t family = cursor.u32();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    const Region inner = region.after(4);
    const auto type = static_cast<std::uint16_t>(family);
    if (type >= smallest_ether_type) {  // some tools write an EtherType instead
        return decode_ether_type(walk, type, inner);
    }
    return decode_family(walk, read_either_order(region.bytes()), inner);
}

/// OpenBSD's encapsulation interface: family, security parameter index, flags.
Decoded decode_enc(Walk& walk, Region region) noexcept {
    constexpr std::size_t header = 12;
    if (region.captured() < header) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, read_either_order(region.bytes()), region.after(header));
}

/// OpenBSD's packet filter log: its length (padded to 4), the family, and what rule matched.
Decoded decode_packet_filter(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::size_t length = (cursor.u8() + std::size_t{3}) & ~std::size_t{3};
    const std::uint8_t family = cursor.u8();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, family, region.after(length));
}

/// Solaris: version, family (2 or 26), and where the packet was seen, 24 octets in all.
Decoded decode_ipnet(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(1);
    const std::uint8_t family = cursor.u8();
    cursor.skip(22);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_family(walk, family, region.after(24));
}

Decoded decode_cooked_protocol(Walk& walk, std::uint16_t hardware, std::uint16_t protocol,
                               Region region) noexcept {
    switch (hardware) {
        case arphrd_netlink:
            return not_ip(Layer::link);
        case arphrd_radiotap:
            return decode_radiotap(walk, region);
        case arphrd_ip_gre:
            return decode_gre(walk, region);
        default:
            break;
    }
    constexpr std::uint16_t ieee_802_2 = 4;  // linux/if_ether.h: LLC; 1 is Novell's raw 802.3
    if (protocol == ieee_802_2) {
        return decode_llc(walk, region);
    }
    return protocol < smallest_ether_type ? not_ip(Layer::link)
                                          : decode_ether_type(walk, protocol, region);
}

/// Linux "any" device: packet type, hardware type, address length and address, protocol.
Decoded decode_cooked(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(2);
    const std::uint16_t hardware = cursor.u16();
    cursor.skip(10);
    const std::uint16_t protocol = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_cooked_protocol(walk, hardware, protocol, region.after(16));
}

/// Version 2: protocol, reserved, interface, hardware type, packet type, address length, address.
Decoded decode_cooked_2(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint16_t protocol = cursor.u16();
    cursor.skip(6);
    const std::uint16_t hardware = cursor.u16();
    cursor.skip(10);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_cooked_protocol(walk, hardware, protocol, region.after(20));
}

/// Netfilter's log: family, version, resource, then type-length-values of which one is the packet.
Decoded decode_netfilter_log(Walk& walk, Region region) noexcept {
    constexpr std::uint16_t payload = 9;
    base::Cursor cursor(region.bytes());
    const std::uint8_t family = cursor.u8();
    cursor.skip(3);
    while (!cursor.empty()) {
        const std::uint16_t length = cursor.u16_le();
        const std::uint16_t type = cursor.u16_le();
        if (!cursor.ok()) {
            break;
        }
        if (length < 4) {
            return malformed(Layer::link, base::ParseError::bad_length);
        }
        if (type == payload) {
            return decode_family(walk, family,
                                 region.after(cursor.position()).limited(length - 4U));
        }
        cursor.skip(((length + std::size_t{3}) & ~std::size_t{3}) - 4);  // padded
    }
    return cursor.ok() && !region.cut() ? not_ip(Layer::link) : too_short(Layer::link, region);
}

/// Frame control, two addresses, LLC (ISO 9314-2). Anything but an LLC frame is the ring's own.
Decoded decode_fddi(Walk& walk, Region region) noexcept {
    if (region.bytes().empty()) {
        return too_short(Layer::link, region);
    }
    const bool is_llc = (region.bytes()[0] & 0x70U) == 0x50U;
    return is_llc ? skip_to(walk, 13, decode_llc, region) : not_ip(Layer::link);
}

/// IEEE 802.5: access and frame control, two addresses, perhaps a route, LLC.
Decoded decode_token_ring(Walk& walk, Region region) noexcept {
    constexpr std::size_t header = 14;
    base::Cursor cursor(region.bytes());
    cursor.skip(1);
    const bool is_llc = cursor.u8() >> 6U == 1;
    cursor.skip(6);
    const bool routed = (cursor.u8() & 0x80U) != 0;
    cursor.skip(5);
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    if (!is_llc) {
        return not_ip(Layer::link);
    }
    const std::size_t route = routed ? cursor.peek() & 0x1fU : 0U;
    return skip_to(walk, header + route, decode_llc, region);
}

/// IP over IEEE 1394 as macOS captures it: two addresses of 8 octets and the EtherType.
Decoded decode_firewire(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    cursor.skip(16);
    const std::uint16_t type = cursor.u16();
    if (!cursor.ok()) {
        return too_short(Layer::link, region);
    }
    return decode_ether_type(walk, type, region.after(18));
}

Decoded decode_slip(Walk& walk, Region region) noexcept {
    return skip_to(walk, 16, decode_ip, region);  // direction and the compressed header
}
Decoded decode_directed_ppp(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_ppp, region);
}
Decoded decode_directed_hdlc(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_cisco_hdlc, region);
}
Decoded decode_directed_relay(Walk& walk, Region region) noexcept {
    return skip_to(walk, 1, decode_frame_relay, region);
}
Decoded decode_netanalyzer(Walk& walk, Region region) noexcept {
    return skip_to(walk, 4, decode_ethernet, region);
}
Decoded decode_mpacket(Walk& walk, Region region) noexcept {
    return skip_to(walk, 8, decode_ethernet, region);  // IEEE 802.3 99: preamble
}

/// macOS: the header's length, what kind of record, the link type of what follows.
Decoded decode_pktap(Walk& walk, Region region) noexcept {
    base::Cursor cursor(region.bytes());
    const std::uint32_t length = cursor.u32_le();
    cursor.skip(4);
    const std::uint32_t link_type = cursor.u32_le();
    if (!cursor.ok() || length > region.captured()) {
        return too_short(Layer::link, region);
    }
    return decode_link(walk, link_type, region.after(length));
}

struct LinkType {
    std::uint16_t number;
    std::string_view name;
    Decoder decode;  ///< null: known by name only
};

// clang-format off
constexpr std::array link_types{
    LinkType{0, "NULL", decode_null},
    LinkType{1, "ETHERNET", decode_ethernet},
    LinkType{3, "AX25", nullptr},
    LinkType{6, "IEEE802_5", decode_token_ring},
    LinkType{7, "ARCNET_BSD", nullptr},
    LinkType{8, "SLIP", decode_slip},
    LinkType{9, "PPP", decode_ppp},
    LinkType{10, "FDDI", decode_fddi},
    LinkType{12, "RAW", decode_ip},
    LinkType{14, "RAW", decode_ip},
    LinkType{50, "PPP_HDLC", decode_cisco_hdlc},
    LinkType{51, "PPP_ETHER", decode_pppoe},
    LinkType{99, "SYMANTEC_FIREWALL", nullptr},
    LinkType{100, "ATM_RFC1483", decode_llc},
    LinkType{101, "RAW", decode_ip},
    LinkType{104, "C_HDLC", decode_cisco_hdlc},
    LinkType{105, "IEEE802_11", decode_wifi},
    LinkType{106, "ATM_CLIP", decode_llc},
    LinkType{107, "FRELAY", decode_frame_relay},
    LinkType{108, "LOOP", decode_null},
    LinkType{109, "ENC", decode_enc},
    LinkType{113, "LINUX_SLL", decode_cooked},
    LinkType{114, "LTALK", nullptr},
    LinkType{115, "ECONET", nullptr},
    LinkType{116, "IPFILTER", nullptr},
    LinkType{117, "PFLOG", decode_packet_filter},
    LinkType{118, "CISCO_IOS", nullptr},
    LinkType{119, "IEEE802_11_PRISM", decode_prism},
    LinkType{120, "AIRONET_HEADER", nullptr},
    LinkType{122, "IP_OVER_FC", nullptr},
    LinkType{123, "SUNATM", nullptr},
    LinkType{124, "RIO", nullptr},
    LinkType{125, "PCI_EXP", nullptr},
    LinkType{126, "AURORA", nullptr},
    LinkType{127, "IEEE802_11_RADIOTAP", decode_radiotap},
    LinkType{128, "TZSP", nullptr},
    LinkType{129, "ARCNET_LINUX", nullptr},
    LinkType{130, "JUNIPER_MLPPP", nullptr},
    LinkType{131, "JUNIPER_MLFR", nullptr},
    LinkType{132, "JUNIPER_ES", nullptr},
    LinkType{133, "JUNIPER_GGSN", nullptr},
    LinkType{134, "JUNIPER_MFR", nullptr},
    LinkType{135, "JUNIPER_ATM2", nullptr},
    LinkType{136, "JUNIPER_SERVICES", nullptr},
    LinkType{137, "JUNIPER_ATM1", nullptr},
    LinkType{138, "APPLE_IP_OVER_IEEE1394", decode_firewire},
    LinkType{139, "MTP2_WITH_PHDR", nullptr},
    LinkType{140, "MTP2", nullptr},
    LinkType{141, "MTP3", nullptr},
    LinkType{142, "SCCP", nullptr},
    LinkType{143, "DOCSIS", nullptr},
    LinkType{144, "LINUX_IRDA", nullptr},
    LinkType{145, "IBM_SP", nullptr},
    LinkType{146, "IBM_SN", nullptr},
    LinkType{147, "USER0", nullptr},
    LinkType{148, "USER1", nullptr},
    LinkType{149, "USER2", nullptr},
    LinkType{150, "USER3", nullptr},
    LinkType{151, "USER4", nullptr},
    LinkType{152, "USER5", nullptr},
    LinkType{153, "USER6", nullptr},
    LinkType{154, "USER7", nullptr},
    LinkType{155, "USER8", nullptr},
    LinkType{156, "USER9", nullptr},
    LinkType{157, "USER10", nullptr},
    LinkType{158, "USER11", nullptr},
    LinkType{159, "USER12", nullptr},
    LinkType{160, "USER13", nullptr},
    LinkType{161, "USER14", nullptr},
    LinkType{162, "USER15", nullptr},
    LinkType{163, "IEEE802_11_AVS", decode_prism},
    LinkType{164, "JUNIPER_MONITOR", nullptr},
    LinkType{165, "BACNET_MS_TP", nullptr},
    LinkType{166, "PPP_PPPD", decode_directed_ppp},
    LinkType{167, "JUNIPER_PPPOE", nullptr},
    LinkType{168, "JUNIPER_PPPOE_ATM", nullptr},
    LinkType{169, "GPRS_LLC", nullptr},
    LinkType{170, "GPF_T", nullptr},
    LinkType{171, "GPF_F", nullptr},
    LinkType{172, "GCOM_T1E1", nullptr},
    LinkType{173, "GCOM_SERIAL", nullptr},
    LinkType{174, "JUNIPER_PIC_PEER", nullptr},
    LinkType{175, "ERF_ETH", nullptr},
    LinkType{176, "ERF_POS", nullptr},
    LinkType{177, "LINUX_LAPD", nullptr},
    LinkType{178, "JUNIPER_ETHER", nullptr},
    LinkType{179, "JUNIPER_PPP", nullptr},
    LinkType{180, "JUNIPER_FRELAY", nullptr},
    LinkType{181, "JUNIPER_CHDLC", nullptr},
    LinkType{182, "MFR", nullptr},
    LinkType{183, "JUNIPER_VP", nullptr},
    LinkType{184, "A429", nullptr},
    LinkType{185, "A653_ICM", nullptr},
    LinkType{186, "USB_FREEBSD", nullptr},
    LinkType{187, "BLUETOOTH_HCI_H4", nullptr},
    LinkType{188, "IEEE802_16_MAC_CPS", nullptr},
    LinkType{189, "USB_LINUX", nullptr},
    LinkType{190, "CAN20B", nullptr},
    LinkType{191, "IEEE802_15_4_LINUX", nullptr},
    LinkType{192, "PPI", decode_ppi},
    LinkType{193, "IEEE802_16_MAC_CPS_RADIO", nullptr},
    LinkType{194, "JUNIPER_ISM", nullptr},
    LinkType{195, "IEEE802_15_4_WITHFCS", nullptr},
    LinkType{196, "SITA", nullptr},
    LinkType{197, "ERF", nullptr},
    LinkType{198, "RAIF1", nullptr},
    LinkType{199, "IPMB_KONTRON", nullptr},
    LinkType{200, "JUNIPER_ST", nullptr},
    LinkType{201, "BLUETOOTH_HCI_H4_WITH_PHDR", nullptr},
    LinkType{202, "AX25_KISS", nullptr},
    LinkType{203, "LAPD", nullptr},
    LinkType{204, "PPP_WITH_DIR", decode_directed_ppp},
    LinkType{205, "C_HDLC_WITH_DIR", decode_directed_hdlc},
    LinkType{206, "FRELAY_WITH_DIR", decode_directed_relay},
    LinkType{207, "LAPB_WITH_DIR", nullptr},
    LinkType{209, "IPMB_LINUX", nullptr},
    LinkType{210, "FLEXRAY", nullptr},
    LinkType{211, "MOST", nullptr},
    LinkType{212, "LIN", nullptr},
    LinkType{213, "X2E_SERIAL", nullptr},
    LinkType{214, "X2E_XORAYA", nullptr},
    LinkType{215, "IEEE802_15_4_NONASK_PHY", nullptr},
    LinkType{216, "LINUX_EVDEV", nullptr},
    LinkType{217, "GSMTAP_UM", nullptr},
    LinkType{218, "GSMTAP_ABIS", nullptr},
    LinkType{219, "MPLS", decode_mpls},
    LinkType{220, "USB_LINUX_MMAPPED", nullptr},
    LinkType{221, "DECT", nullptr},
    LinkType{222, "AOS", nullptr},
    LinkType{223, "WIHART", nullptr},
    LinkType{224, "FC_2", nullptr},
    LinkType{225, "FC_2_WITH_FRAME_DELIMS", nullptr},
    LinkType{226, "IPNET", decode_ipnet},
    LinkType{227, "CAN_SOCKETCAN", nullptr},
    LinkType{228, "IPV4", decode_ipv4},
    LinkType{229, "IPV6", decode_ipv6},
    LinkType{230, "IEEE802_15_4_NOFCS", nullptr},
    LinkType{231, "DBUS", nullptr},
    LinkType{232, "JUNIPER_VS", nullptr},
    LinkType{233, "JUNIPER_SRX_E2E", nullptr},
    LinkType{234, "JUNIPER_FIBRECHANNEL", nullptr},
    LinkType{235, "DVB_CI", nullptr},
    LinkType{236, "MUX27010", nullptr},
    LinkType{237, "STANAG_5066_D_PDU", nullptr},
    LinkType{238, "JUNIPER_ATM_CEMIC", nullptr},
    LinkType{239, "NFLOG", decode_netfilter_log},
    LinkType{240, "NETANALYZER", decode_netanalyzer},
    LinkType{241, "NETANALYZER_TRANSPARENT", nullptr},
    LinkType{242, "IPOIB", nullptr},
    LinkType{243, "MPEG_2_TS", nullptr},
    LinkType{244, "NG40", nullptr},
    LinkType{245, "NFC_LLCP", nullptr},
    LinkType{246, "PFSYNC", nullptr},
    LinkType{247, "INFINIBAND", nullptr},
    LinkType{248, "SCTP", nullptr},
    LinkType{249, "USBPCAP", nullptr},
    LinkType{250, "RTAC_SERIAL", nullptr},
    LinkType{251, "BLUETOOTH_LE_LL", nullptr},
    LinkType{252, "WIRESHARK_UPPER_PDU", nullptr},
    LinkType{253, "NETLINK", nullptr},
    LinkType{254, "BLUETOOTH_LINUX_MONITOR", nullptr},
    LinkType{255, "BLUETOOTH_BREDR_BB", nullptr},
    LinkType{256, "BLUETOOTH_LE_LL_WITH_PHDR", nullptr},
    LinkType{257, "PROFIBUS_DL", nullptr},
    LinkType{258, "PKTAP", decode_pktap},
    LinkType{259, "EPON", nullptr},
    LinkType{260, "IPMI_HPM_2", nullptr},
    LinkType{261, "ZWAVE_R1_R2", nullptr},
    LinkType{262, "ZWAVE_R3", nullptr},
    LinkType{263, "WATTSTOPPER_DLM", nullptr},
    LinkType{264, "ISO_14443", nullptr},
    LinkType{265, "RDS", nullptr},
    LinkType{266, "USB_DARWIN", nullptr},
    LinkType{267, "OPENFLOW", nullptr},
    LinkType{268, "SDLC", nullptr},
    LinkType{269, "TI_LLN_SNIFFER", nullptr},
    LinkType{270, "LORATAP", nullptr},
    LinkType{271, "VSOCK", nullptr},
    LinkType{272, "NORDIC_BLE", nullptr},
    LinkType{273, "DOCSIS31_XRA31", nullptr},
    LinkType{274, "ETHERNET_MPACKET", decode_mpacket},
    LinkType{275, "DISPLAYPORT_AUX", nullptr},
    LinkType{276, "LINUX_SLL2", decode_cooked_2},
    LinkType{277, "SERCOS_MONITOR", nullptr},
    LinkType{278, "OPENVIZSLA", nullptr},
    LinkType{279, "EBHSCR", nullptr},
    LinkType{280, "VPP_DISPATCH", nullptr},
    LinkType{281, "DSA_TAG_BRCM", nullptr},
    LinkType{282, "DSA_TAG_BRCM_PREPEND", nullptr},
    LinkType{283, "IEEE802_15_4_TAP", nullptr},
    LinkType{284, "DSA_TAG_DSA", nullptr},
    LinkType{285, "DSA_TAG_EDSA", nullptr},
    LinkType{286, "ELEE", nullptr},
    LinkType{287, "Z_WAVE_SERIAL", nullptr},
    LinkType{288, "USB_2_0", nullptr},
    LinkType{289, "ATSC_ALP", nullptr},
};
// clang-format on

constexpr std::uint32_t ethernet = 1;

const LinkType* find_link_type(std::uint32_t number) noexcept {
    const auto* const found = std::ranges::lower_bound(link_types, number, {}, &LinkType::number);
    return found != link_types.end() && found->number == number ? found : nullptr;
}

}  // namespace

Decoded decode_link(Walk& walk, std::uint32_t link_type, Region region) noexcept {
    if (link_type == ethernet) {
        return decode_ethernet(walk, region);
    }
    if (!walk.enter()) {
        return too_deep(Layer::link);
    }
    const LinkType* const found = find_link_type(link_type);
    if (found == nullptr || found->decode == nullptr) {
        return {.kind = FrameKind::unknown_link_type, .layer = Layer::link, .error = {}};
    }
    return found->decode(walk, region);
}

std::string_view link_type_name(std::uint32_t link_type) noexcept {
    const LinkType* const found = find_link_type(link_type);
    return found != nullptr ? found->name : std::string_view{};
}

}  // namespace turnpike::wire
