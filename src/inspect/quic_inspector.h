// QUIC of a flow: Initials, hellos, Retry, Version Negotiation and refusals (RFC 9000).
#pragma once

#include "context.h"
#include "turnpike/proto/quic_reader.h"

namespace turnpike::inspect {

struct QuicState {
    explicit QuicState(base::OctetBudget& budget) : reader(&budget) {}

    proto::QuicReader reader;
    bool hello_seen = false;
    bool server_opened = false;
    bool finished = false;  ///< whatever comes now is encrypted
    std::uint16_t datagrams = 0;
};

class QuicInspector {
  public:
    explicit QuicInspector(Context& context) : context_(context) {}

    /// One datagram. Returns false if it holds no QUIC packet.
    bool datagram(const PayloadContext& payload, base::Bytes octets, QuicState& state);
    /// The flow ends: what arrived of an unfinished hello is decoded as far as it goes.
    void end(const PayloadContext& payload, QuicState& state);

  private:
    void report(const PayloadContext& payload, const proto::QuicReport& report, QuicState& state);

    Context& context_;
};

}  // namespace turnpike::inspect
