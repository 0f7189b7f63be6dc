// Turns a file's link type field into a registered value, names it, and says how long its records
// may be.
#include "capture/link_type.h"

#include <pcap/pcap.h>

#include "turnpike/capture/link_type.h"

namespace turnpike::capture {

namespace {

// draft-ietf-opsawg-pcap section 4: bits 28 to 31 are the length of the frame check sequence in
// units of 16 bits, bit 26 says that it is known, the rest above bit 15 is reserved. A reserved bit
// that is set stays in the value, so that it shows as an unknown link type.
constexpr std::uint32_t fcs_bits = 0xFC000000;

}  // namespace

std::uint32_t link_type_from_file(std::uint32_t field) noexcept {
    const std::uint32_t value = field & ~fcs_bits;
    switch (value) {
        case 11:         // DLT_ATM_RFC1483
            return 100;  // LINKTYPE_ATM_RFC1483
        case 12:         // DLT_RAW on most systems
        case 14:         // DLT_RAW on OpenBSD
            return 101;  // LINKTYPE_RAW
        case 15:         // DLT_SLIP_BSDOS
            return 102;  // LINKTYPE_SLIP_BSDOS
        case 16:         // DLT_PPP_BSDOS
            return 103;  // LINKTYPE_PPP_BSDOS
        default:
            return value;
    }
}

// libpcap names the numbers that this system's interfaces have, which differ below 104.
std::string link_type_name(std::uint32_t link_type) {
    if (link_type >= DLT_USER0 && link_type <= DLT_USER15) {  // these it does not name
        return "USER" + std::to_string(link_type - DLT_USER0);
    }
    const auto number = link_type == 101 ? DLT_RAW : static_cast<int>(link_type);
    const char* const name = ::pcap_datalink_val_to_name(number);
    return name == nullptr ? std::string{} : std::string{name};
}

std::uint32_t longest_record(std::uint32_t link_type) noexcept {
    switch (link_type) {
        case 186:  // LINKTYPE_USB_FREEBSD
        case 189:  // LINKTYPE_USB_LINUX
        case 220:  // LINKTYPE_USB_LINUX_MMAPPED
        case 231:  // LINKTYPE_DBUS: a message may have 128 MiB by the D-Bus specification
        case 249:  // LINKTYPE_USBPCAP
        case 266:  // LINKTYPE_USB_DARWIN
            return 128U << 20U;
        default:
            return 256U << 10U;  // the largest snap length that capturing programs use
    }
}

}  // namespace turnpike::capture
