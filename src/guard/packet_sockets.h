// Which of the open descriptors are sockets that could send to anybody.
#pragma once

#include <vector>

namespace turnpike::guard {

/// Packet sockets (packet(7)), in ascending order.
std::vector<int> packet_sockets();

/// Sockets that carry no stream: what is written to them may name its addressee. In ascending
/// order.
std::vector<int> datagram_sockets();

}  // namespace turnpike::guard
