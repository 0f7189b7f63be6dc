// TLS in clear on a TCP connection: hellos, certificates and alerts (RFC 8446, RFC 5246).
#pragma once

#include <array>

#include "stream_reader.h"
#include "turnpike/proto/tls_reader.h"

namespace turnpike::inspect {

/// Both directions of one TLS connection until they are encrypted. It consumes whatever it is
/// shown: messages may span records, so what is incomplete waits in proto::TlsReader.
class TlsStream final : public StreamReader {
  public:
    explicit TlsStream(Context& context)
        : context_(context), ends_{End{context.pool}, End{context.pool}} {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;
    /// What was collected of a hello is decoded as far as it goes.
    void break_off(const PayloadContext& payload) override;
    [[nodiscard]] bool is_done_with(Side side) const noexcept override {
        return ends_[side].stopped;
    }
    /// Both ends are encrypted, or speak no TLS.
    [[nodiscard]] bool is_over() const noexcept { return ends_[0].stopped && ends_[1].stopped; }

  private:
    struct End {
        explicit End(base::OctetBudget& budget) : reader(&budget) {}
        proto::TlsReader reader;
        bool stopped = false;  ///< encrypted from here on, or no TLS
    };
    void take(const PayloadContext& payload, base::Bytes octets);
    void event(const PayloadContext& payload, const proto::TlsEvent& event);
    void handshake(const PayloadContext& payload, const proto::TlsEvent& event,
                   facts::TlsFacts& facts);
    void hello(const PayloadContext& payload, const proto::TlsEvent& event, facts::TlsFacts& facts);
    void note_plain_answer(const PayloadContext& payload) const;

    Context& context_;
    std::array<End, 2> ends_;  ///< by side
    std::uint8_t hellos_ = 0;
    bool client_known_ = false;
    Side client_ = 0;  ///< valid if client_known_
};

}  // namespace turnpike::inspect
