// The streams of TCP connections: put in order, recognised, and read by a reader of their protocol
// (streams/).
#pragma once

#include "context.h"
#include "streams/stream_reader.h"
#include "tcp_connection.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

class StreamInspector {
  public:
    /// `messages` takes what datagrams carry as well.
    StreamInspector(Context& context, MessageSink& messages)
        : context_(context), messages_(messages) {}

    /// A segment with payload.
    void segment(const PayloadContext& payload, const wire::Packet& packet,
                 TcpConnection& connection);
    /// The SYN of a side says where its stream begins.
    static void synchronize(Side side, TcpConnection& connection) noexcept;
    /// The flow ends.
    static void end(FlowState& state);

  private:
    /// Makes what reads the connection from its first payload on. Many carry none.
    void begin(TcpConnection& connection);
    /// Nobody reads the connection. True: something that is known may begin with this segment.
    [[nodiscard]] bool begins_late(const PayloadContext& payload, base::Bytes octets,
                                   TcpConnection& connection);
    void read(const PayloadContext& payload, StreamState& state);
    /// True: what the other end has sent may be read now, and then the rest of this one.
    [[nodiscard]] bool read_end(const PayloadContext& payload, StreamState& state);
    [[nodiscard]] bool find_reader(const PayloadContext& payload, StreamState& state);
    static void enter_tunnel(const PayloadContext& payload, StreamState& state);

    Context& context_;
    MessageSink& messages_;
};

}  // namespace turnpike::inspect
