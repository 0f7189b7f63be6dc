// What runs on a TCP connection: TLS, HTTP, proxies, DNS, TURN and framed media.
#pragma once

#include "context.h"
#include "datagram_inspector.h"
#include "tcp_connection.h"
#include "tls_inspector.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

class StreamInspector {
  public:
    StreamInspector(Context& context, DatagramInspector& datagrams)
        : context_(context), datagrams_(datagrams), tls_(context) {}

    /// A segment with payload.
    void segment(Occasion& occasion, const wire::Packet& packet, TcpConnection& connection);
    /// The SYN of a side says where its stream begins.
    void synchronize(Side side, const wire::Packet& packet, TcpConnection& connection);
    /// The flow ends.
    void end(FlowState& state);

  private:
    void read(Occasion& occasion, StreamState& state);
    bool step(Occasion& occasion, StreamState& state);
    bool decide(Occasion& occasion, StreamState& state);
    [[nodiscard]] StreamReader recognize(Occasion& occasion, base::Bytes bytes, bool midway);
    bool read_tls(Occasion& occasion, StreamState& state);
    static void note_page(const Occasion& occasion, base::Bytes bytes);
    bool read_http(Occasion& occasion, StreamState& state);
    bool read_request(Occasion& occasion, StreamState& state);
    bool read_response(Occasion& occasion, StreamState& state);
    bool read_dns(Occasion& occasion, StreamState& state);
    bool read_turn(Occasion& occasion, StreamState& state);
    bool read_ms_turn(Occasion& occasion, StreamState& state);
    bool read_framed(Occasion& occasion, StreamState& state);
    bool read_openvpn(Occasion& occasion, StreamState& state);
    bool read_openvpn_packet(Occasion& occasion, base::Bytes packet, StreamState& state);
    bool read_socks(Occasion& occasion, StreamState& state);
    bool read_socks_client(Occasion& occasion, StreamState& state, flow::Stream& stream);
    bool read_socks_server(Occasion& occasion, StreamState& state, flow::Stream& stream);
    void open_tunnel(Occasion& occasion, StreamState& state);
    void note_tunnel_payload(const Occasion& occasion);
    void late_look(Occasion& occasion, const wire::Packet& packet, TcpConnection& connection);

    Context& context_;
    DatagramInspector& datagrams_;
    TlsInspector tls_;
};

}  // namespace turnpike::inspect
