// STUN and TURN transactions of a flow (RFC 8489, RFC 8656).
#pragma once

#include "context.h"
#include "turnpike/proto/stun.h"

namespace turnpike::inspect {

/// Matches responses with requests and writes StunTransaction rows and StunFacts.
class StunInspector {
  public:
    explicit StunInspector(Context& context) : context_(context) {}

    /// Takes one message into account. The datagram that a Send or Data indication carries is for
    /// the caller to look into.
    void message(const PayloadContext& payload, const proto::StunMessage& message);
    /// One ChannelData message of a TURN flow.
    static void channel_data(const PayloadContext& payload);
    /// No answer comes any more.
    void finish() noexcept { pending_.give_back(); }

  private:
    void request(const PayloadContext& payload, const proto::StunMessage& message);
    void response(const PayloadContext& payload, const proto::StunMessage& message);
    [[nodiscard]] bool asked_before(const PayloadContext& payload,
                                    const proto::StunMessage& message) const;
    static void note_repeat(const PayloadContext& payload, facts::StunFacts& stun);
    void indication(const PayloadContext& payload, const proto::StunMessage& message);
    [[nodiscard]] std::uint64_t key(const PayloadContext& payload,
                                    const proto::StunMessage& message) const noexcept;
    facts::StunTransaction* add_row(const PayloadContext& payload,
                                    const proto::StunMessage& message, Side asking);

    Context& context_;
    PendingRows pending_;
};

}  // namespace turnpike::inspect
