// What a column of a firewall table says, by its head.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnpike::catalog {

enum class Column : std::uint8_t {
    unknown,
    purpose,
    notes,
    transport,
    ports,
    tcp_ports,
    udp_ports,
    source,
    source_ports,
    places,
    direction,
    level,
    condition,
    action,
};

Column column_of(std::string_view head);

}  // namespace turnpike::catalog
