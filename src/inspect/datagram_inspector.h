// What a datagram is, and who looks into it: UDP payloads, framed messages of a TCP stream, and
// what a TURN server relays (RFC 7983, RFC 9443).
#pragma once

#include <memory>
#include <vector>

#include "context.h"
#include "dns_inspector.h"
#include "dtls_inspector.h"
#include "media_inspector.h"
#include "quic_inspector.h"
#include "streams/stream_reader.h"
#include "stun_inspector.h"

namespace turnpike::inspect {

/// A run of indications of one method from one side, which is one row.
struct IndicationRun {
    proto::StunMethod method = proto::StunMethod::binding;
    Side side = 0;
    bool relayed = false;
    std::uint32_t row = 0;
};

/// What is known of the datagrams of a flow.
struct DatagramState {
    bool stun = false;
    bool turn = false;
    bool dns = false;
    bool zoom = false;
    bool other = false;              ///< a protocol that is only named
    std::uint8_t channel_hints = 0;  ///< looked like ChannelData without TURN having been seen
    std::uint8_t unrecognized = 0;   ///< datagrams that nobody knew, up to a bound
    std::unique_ptr<MediaState> media;
    std::unique_ptr<DtlsState> dtls;
    std::unique_ptr<QuicState> quic;
    std::vector<IndicationRun> indications;
    std::unique_ptr<DatagramState> relayed;  ///< of the datagrams inside the relay's messages
};

/// The flow's datagram state, made on first use.
DatagramState& datagram_state(FlowState& state);

class DatagramInspector final : public MessageSink {
  public:
    explicit DatagramInspector(Context& context)
        : context_(context),
          dns_(context),
          stun_(context),
          media_(context),
          dtls_(context),
          quic_(context) {}

    /// One datagram of a UDP flow.
    void datagram(const PayloadContext& payload, base::Bytes octets);
    bool dns_message(const PayloadContext& payload, base::Bytes message) override {
        return dns_.message(payload, message, facts::Transport::tcp);
    }
    /// Also of a datagram: the message, and what it relays.
    void stun_message(const PayloadContext& payload, const proto::StunMessage& message) override;
    void channel_data(const PayloadContext& payload, base::Bytes octets) override;
    void framed_datagram(const PayloadContext& payload, base::Bytes octets) override;
    /// The flow ends.
    void end(FlowState& state);

    /// Nothing comes any more: gives back what waits for answers.
    void finish() noexcept {
        dns_.finish();
        stun_.finish();
    }

    /// Brings rows up to date that are not written per packet.
    void record(const FlowState& state);

  private:
    bool call_datagram(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool recognize(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_stun(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_channel_data(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_dtls(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_quic(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_dns(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_zoom(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    bool try_other(const PayloadContext& payload, base::Bytes octets, DatagramState& state);
    void relayed(const PayloadContext& payload, base::Bytes octets);
    static MediaState& media_state(DatagramState& state);

    Context& context_;
    DnsInspector dns_;
    StunInspector stun_;
    MediaInspector media_;
    DtlsInspector dtls_;
    QuicInspector quic_;
};

}  // namespace turnpike::inspect
