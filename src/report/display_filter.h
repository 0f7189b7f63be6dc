// Display filters of Wireshark.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace turnpike::report {

/// Both directions of a flow: "ip.addr == 192.0.2.1 && udp.port == 50000 && ip.addr == ...".
std::string flow_filter(std::string_view transport, std::string_view client_ip,
                        std::int64_t client_port, std::string_view server_ip,
                        std::int64_t server_port);

/// Packets by number, as the database lists them: "1,5,9" to "frame.number in {1, 5, 9}".
std::string packet_filter(std::string_view packets);

}  // namespace turnpike::report
