// TLS in clear on a TCP connection: hellos, certificates and alerts (RFC 8446, RFC 5246).
#pragma once

#include <array>

#include "context.h"
#include "turnpike/proto/tls_reader.h"

namespace turnpike::inspect {

/// Both directions of one TLS connection until they are encrypted.
struct TlsState {
    explicit TlsState(base::OctetBudget& budget)
        : readers{proto::TlsReader{&budget}, proto::TlsReader{&budget}} {}

    std::array<proto::TlsReader, 2> readers;
    std::array<bool, 2> stopped{};  ///< encrypted from here on, or no TLS
    std::uint8_t hellos = 0;
    bool server_known = false;
    Side client = 0;  ///< valid if server_known
};

class TlsInspector {
  public:
    explicit TlsInspector(Context& context) : context_(context) {}

    /// The next octets of one side.
    void read(Occasion& occasion, base::Bytes input, TlsState& state);
    /// Octets were lost: what was collected of a hello is decoded as far as it goes.
    void gap(Occasion& occasion, TlsState& state);

  private:
    /// What the server says after a ClientHello is no TLS.
    static void note_plain_answer(const Occasion& occasion, const TlsState& state);
    void event(Occasion& occasion, const proto::TlsEvent& event, TlsState& state);
    void handshake(Occasion& occasion, const proto::TlsEvent& event, TlsState& state,
                   facts::TlsFacts& facts);
    void hello(Occasion& occasion, const proto::TlsEvent& event, TlsState& state,
               facts::TlsFacts& facts);

    Context& context_;
};

}  // namespace turnpike::inspect
