// Writes Wireshark's filters for a flow and for single packets.
#include "report/display_filter.h"

#include <fmt/core.h>

#include "report/printable.h"

namespace turnpike::report {
namespace {

std::string side(std::string_view transport, std::string_view address, std::int64_t port) {
    return fmt::format("{}.addr == {} && {}.port == {}",
                       address.find(':') == std::string_view::npos ? "ip" : "ipv6",
                       from_network(address), from_network(transport), port);
}

}  // namespace

std::string flow_filter(std::string_view transport, std::string_view client_ip,
                        std::int64_t client_port, std::string_view server_ip,
                        std::int64_t server_port) {
    return side(transport, client_ip, client_port) + " && " +
           side(transport, server_ip, server_port);
}

std::string packet_filter(std::string_view packets) {
    std::string list = from_network(packets);
    for (std::size_t at = 0; (at = list.find(',', at)) != std::string::npos; at += 2) {
        list.replace(at, 1, ", ");
    }
    return fmt::format("frame.number in {{{}}}", list);
}

}  // namespace turnpike::report
