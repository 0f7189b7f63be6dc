// RTP and RTCP of a flow (RFC 3550): streams are recorded once several packets confirm them.
#pragma once

#include <vector>

#include "context.h"
#include "turnpike/proto/rtp.h"
#include "turnpike/proto/rtp_stream.h"

namespace turnpike::inspect {

/// One source that was seen on a flow, a candidate until it is confirmed.
struct MediaSource {
    std::uint32_t ssrc = 0;
    Side side = 0;
    bool relayed = false;
    bool recorded = false;
    std::uint32_t octets = 0;  ///< until it is recorded
    std::uint32_t row = 0;     ///< in Observation::rtp, if recorded
    facts::PacketMark first;
    facts::PacketMark last;
    proto::RtpStreamState stream;
};

/// The sources of a flow.
struct MediaState {
    std::vector<MediaSource> sources;
    std::array<std::uint16_t, 2> recent{};  ///< the source that each side sent last
    bool context = false;  ///< STUN, DTLS, RTCP or a relay make media likely on this flow
    bool confirmed = false;
    std::uint16_t rejected = 0;  ///< packets that looked like RTP and led nowhere
};

class MediaInspector {
  public:
    explicit MediaInspector(Context& context) : context_(context) {}

    /// A datagram that may be RTP. Returns false if it cannot be.
    bool rtp(const PayloadContext& payload, base::Bytes octets, MediaState& media);
    /// A datagram that may be RTCP. Returns false if it cannot be.
    bool rtcp(const PayloadContext& payload, base::Bytes octets, MediaState& media);
    /// Writes loss and jitter of the flow's sources to their rows.
    void record(const MediaState& media);

  private:
    MediaSource& find(const PayloadContext& payload, std::uint32_t ssrc, MediaState& media);
    bool confirm(const PayloadContext& payload, MediaSource& source, MediaState& media);

    Context& context_;
};

}  // namespace turnpike::inspect
