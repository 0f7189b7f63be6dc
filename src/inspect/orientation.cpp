// Guesses the client from the first packet, and turns a flow round when there is proof.
#include "orientation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "datagram_inspector.h"
#include "tcp_connection.h"

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

facts::Direction opposite(facts::Direction direction) noexcept {
    return direction == facts::Direction::out ? facts::Direction::in : facts::Direction::out;
}

void flip_roles(facts::TcpFacts& tcp) noexcept {
    std::swap(tcp.client_payload, tcp.server_payload);
    tcp.client_payload_again = {};
    tcp.client_payload_sends = tcp.client_payload ? 1 : 0;
    tcp.client_payload_acked = false;
    std::swap(tcp.client_fin, tcp.server_fin);
    std::swap(tcp.client_rst, tcp.server_rst);
    tcp.server_rst_hop_limit = 0;
    tcp.server_fin_acks_all = false;
    std::swap(tcp.server_fin_after_unseen, tcp.client_fin_after_unseen);
    tcp.server_payload_after_rst = {};
    tcp.reset_marks = 0;
    std::swap(tcp.acks_move_out, tcp.acks_move_in);
    std::swap(tcp.unseen_out, tcp.unseen_in);
    std::swap(tcp.largest_segment_acked_out, tcp.largest_segment_acked_in);
    std::swap(tcp.smallest_segment_lost_out, tcp.smallest_segment_lost_in);
}

void flip_roles(facts::StunFacts& stun) noexcept {
    std::swap(stun.requests_out, stun.requests_in);
    stun.repeated = {};
    stun.with_nonce = {};
    stun.requests_in_packets = stun.requests_in;  // repeats before this are not told apart
    std::swap(stun.responses_in, stun.responses_out);
    std::swap(stun.channel_data_out, stun.channel_data_in);
    std::swap(stun.local_ufrag, stun.remote_ufrag);
}

void flip_roles(facts::MediaFacts& media) noexcept {
    std::swap(media.rtp_packets[0], media.rtp_packets[1]);
    std::swap(media.rtp_first[0], media.rtp_first[1]);
    std::swap(media.rtp_last[0], media.rtp_last[1]);
    std::swap(media.rtcp_packets[0], media.rtcp_packets[1]);
    std::swap(media.dtls_data[0], media.dtls_data[1]);
}

void flip_roles(FlowState& state, facts::Observation& observation) {
    facts::Flow& flow = *state.flow;
    state.turned = true;
    state.client_is_low = !state.client_is_low;
    std::swap(flow.client, flow.server);
    std::swap(flow.out, flow.in);
    flow.client_link_address = 0;  // the next packet from the client tells it
    flow.out_after_last_in = 0;
    if (flow.out.last && flow.out.last.number > flow.in.last.number) {
        flow.out_after_last_in = 1;  // how many before it came after the last inbound is not known
    }
    if (flow.tcp.present()) {
        flip_roles(flow.tcp.make());
    }
    if (flow.stun.present()) {
        flip_roles(flow.stun.make());
    }
    if (flow.media.present()) {
        flip_roles(flow.media.make());
    }
    for (const std::uint32_t row : flow.transactions) {
        observation.stun[row].direction = opposite(observation.stun[row].direction);
    }
    for (const std::uint32_t row : flow.streams) {
        observation.rtp[row].direction = opposite(observation.rtp[row].direction);
    }
    for (const std::uint32_t row : flow.icmp) {
        observation.icmp[row].from_client = observation.icmp[row].source == flow.client.address;
    }
    if (state.tcp) {
        state.tcp->tracker.swap_sides();
    }
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

void prove_client(const PayloadContext& payload, facts::Observation& observation,
                  bool sender_is_client) {
    FlowState& state = payload.state;
    if (state.client_proven || payload.relayed) {
        return;
    }
    state.client_proven = true;
    if (payload.outbound() != sender_is_client) {
        flip_roles(state, observation);
    }
}

}  // namespace turnpike::inspect
