// What people call the link types of captures.
#pragma once

#include <cstdint>
#include <string>

namespace turnpike::capture {

/// The name of a LINKTYPE_ value as libpcap knows it ("EN10MB", "USER0"; pcap-linktype(7)), also of
/// link types that are not decoded; empty if it knows none.
std::string link_type_name(std::uint32_t link_type);

}  // namespace turnpike::capture
