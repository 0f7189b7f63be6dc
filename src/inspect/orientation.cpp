// Guesses the client from the first packet, and turns a flow round when there is proof.
#include "orientation.h"

#include <algorithm>
#include <array>

namespace turnpike::inspect {
namespace {

namespace tcp_flag = wire::tcp_flag;

// Registered ports above 1023 (IANA) on which servers of calls and common services listen.
constexpr std::array<std::uint16_t, 16> service_ports{
    1080, 1194, 1883, 1935, 3128, 3306, 3389, 3478, 3479, 4500, 5060, 5061, 5222, 5349, 8080, 8443};

bool is_service_port(std::uint16_t port) noexcept {
    return port < 1024 || std::ranges::binary_search(service_ports, port) ||
           (port >= 8801 && port <= 8810) ||  // media of a large vendor
           (port >= 19302 && port <= 19309);  // public STUN servers
}

}  // namespace

Guess guess_client(const wire::Packet& first,
                   const std::function<bool(const base::IpAddress&)>& is_server) {
    if (first.transport == wire::TransportKind::tcp && first.tcp.has(tcp_flag::syn)) {
        return {.source_is_client = !first.tcp.has(tcp_flag::ack), .proven = true};
    }
    if (is_server) {
        const bool from_server = is_server(first.source);
        if (from_server != is_server(first.destination)) {
            return {.source_is_client = !from_server, .proven = true};
        }
    }
    const bool from_service = is_service_port(first.source_port);
    const bool to_service = is_service_port(first.destination_port);
    if (from_service != to_service) {
        // The side with a service's port is the server, and if it speaks first this is the middle.
        return {.source_is_client = to_service};
    }
    if (first.transport == wire::TransportKind::tcp) {
        return {.source_is_client = first.source_port >= first.destination_port};
    }
    const bool from_outside = first.destination.is_private() && !first.source.is_private() &&
                              !first.source.is_multicast();
    return {.source_is_client = !from_outside};
}

void prove_client(const PayloadContext& payload, bool sender_is_client) noexcept {
    FlowState& state = payload.state;
    if (state.client_proven || payload.relayed) {
        return;
    }
    state.client_proven = true;
    if (payload.from_client() != sender_is_client) {
        state.flow->client_side = state.flow->server_side();
        state.turned = true;
    }
}

}  // namespace turnpike::inspect
