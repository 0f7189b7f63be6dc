// Which of the open descriptors are packet sockets (packet(7)).
#pragma once

#include <vector>

namespace turnpike::guard {

/// In ascending order.
std::vector<int> packet_sockets();

}  // namespace turnpike::guard
