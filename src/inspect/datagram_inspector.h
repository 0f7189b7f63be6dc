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

/// The flow has a port of mDNS (RFC 6762), LLMNR (RFC 4795) or NetBIOS names (RFC 1002). They share
/// DNS's format, but nobody resolves a vendor's name with them.
bool is_local_discovery(const Occasion& occasion) noexcept;

/// The flow's datagram state, made on first use.
DatagramState& datagram_state(FlowState& state);

class DatagramInspector {
  public:
    explicit DatagramInspector(Context& context)
        : context_(context),
          dns_(context),
          stun_(context),
          media_(context),
          dtls_(context),
          quic_(context) {}

    /// One datagram of a UDP flow.
    void datagram(Occasion& occasion, base::Bytes bytes);
    /// One datagram out of a stream with frames (RFC 4571), where it can only be a call's.
    void framed(Occasion& occasion, base::Bytes bytes);
    /// A STUN message of a stream or datagram, and what it relays.
    void stun_message(Occasion& occasion, const proto::StunMessage& message);
    /// The payload of a ChannelData message.
    void channel_data(Occasion& occasion, base::Bytes payload);
    /// The flow ends.
    void end(FlowState& state);

    [[nodiscard]] DnsInspector& dns() noexcept { return dns_; }
    /// Brings rows up to date that are not written per packet.
    void record(const FlowState& state);
    void summarize(facts::Flow& flow) const { stun_.summarize(flow); }

  private:
    bool call_datagram(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool recognize(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_stun(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_channel_data(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_dtls(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_quic(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_dns(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_zoom(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    bool try_other(Occasion& occasion, base::Bytes bytes, DatagramState& state);
    void relayed(Occasion& occasion, base::Bytes bytes);
    static MediaState& media_state(DatagramState& state);

    Context& context_;
    DnsInspector dns_;
    StunInspector stun_;
    MediaInspector media_;
    DtlsInspector dtls_;
    QuicInspector quic_;
};

}  // namespace turnpike::inspect
