// Tells the format of a file by its first octets.
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "capture/file_format.h"
#include "capture/pcap.h"
#include "capture/pcapng.h"
#include "turnpike/base/error.h"

namespace turnpike::capture {

namespace {

/// Captures that other programs write and editcap converts.
struct ForeignFormat {
    std::string_view beginning;
    std::string_view name;
};
constexpr std::array foreign_formats{
    ForeignFormat{.beginning = {"snoop\0\0\0", 8}, .name = "snoop"},  // RFC 1761
    ForeignFormat{.beginning = "RTSS", .name = "Network Monitor"},
    ForeignFormat{.beginning = "GMBU", .name = "Network Monitor"},
    ForeignFormat{.beginning = "TRSNIFF data", .name = "Sniffer"},
    ForeignFormat{.beginning = {"XCP\0", 4}, .name = "NetXRay"},
};

}  // namespace

void refuse_file(const std::string& name, const std::string& why) {
    throw base::Error(base::ExitStatus::bad_input,
                      fmt::format("{}: not a capture file ({})", name, why));
}

std::unique_ptr<FileFormat> recognize(base::Bytes head, const std::string& name) {
    if (head.empty()) {
        refuse_file(name, "it is empty");
    }
    if (is_pcap(head)) {
        return make_pcap_format(head, name);
    }
    if (is_pcapng(head)) {
        return make_pcapng_format(head, name);
    }
    const std::string_view text = base::as_text(head);
    for (const ForeignFormat& foreign : foreign_formats) {
        if (text.starts_with(foreign.beginning)) {
            refuse_file(
                name, fmt::format("it is of the {} format; convert it with editcap", foreign.name));
        }
    }
    refuse_file(name,
                "neither pcap nor pcapng, plain or compressed; give what tcpdump, dumpcap or "
                "Wireshark wrote");
}

}  // namespace turnpike::capture
