// DTLS of a flow: hellos, certificates and alerts in clear (RFC 6347, RFC 9147).
#pragma once

#include <array>

#include "context.h"
#include "turnpike/proto/dtls.h"

namespace turnpike::inspect {

/// What one end of the connection has sent so far.
struct DtlsEnd {
    explicit DtlsEnd(base::OctetBudget& budget) : assembler(&budget) {}

    proto::DtlsAssembler assembler;
    bool any_record = false;
    bool encrypted = false;  ///< nothing in clear comes from it any more
};

struct DtlsState {
    explicit DtlsState(base::OctetBudget& budget) : ends{DtlsEnd{budget}, DtlsEnd{budget}} {}

    std::array<DtlsEnd, 2> ends;    ///< by side
    std::uint64_t last_random = 0;  ///< of the hello recorded last, to know it again
    bool client_known = false;
    Side client = 0;  ///< the DTLS client, which with ICE may be either end
};

class DtlsInspector {
  public:
    explicit DtlsInspector(Context& context) : context_(context) {}

    /// One datagram of records. Returns false if it is no DTLS.
    bool datagram(const PayloadContext& payload, base::Bytes octets, DtlsState& state);

  private:
    /// Encrypted data of the connection, which with DTLS-SRTP or SCTP is the call's.
    static void count_data(const PayloadContext& payload);
    static void note_hello(const PayloadContext& payload);
    /// The client sent what can only follow an answer.
    static void note_second_flight(const PayloadContext& payload, const DtlsState& state);
    /// Returns false if the datagram is none.
    bool cut_record(const PayloadContext& payload, base::Bytes octets, DtlsState& state);
    /// `left`: the beginning of a handshake message.
    void cut_message(const PayloadContext& payload, base::Bytes left, DtlsState& state);
    static void server_hello(const PayloadContext& payload, DtlsState& state);
    void record(const PayloadContext& payload, const proto::DtlsRecord& record, DtlsState& state);
    void message(const PayloadContext& payload, const proto::DtlsHandshakeMessage& message,
                 DtlsState& state);
    void hello(const PayloadContext& payload, const proto::DtlsHandshakeMessage& message,
               DtlsState& state);

    Context& context_;
};

}  // namespace turnpike::inspect
