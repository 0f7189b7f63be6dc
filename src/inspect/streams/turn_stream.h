// STUN messages and ChannelData one after the other (RFC 8489 6.2.2, RFC 8656 12.5).
#pragma once

#include "stream_reader.h"

namespace turnpike::inspect {

class TurnStream final : public StreamReader {
  public:
    TurnStream(Context& context, MessageSink& messages) : context_(context), messages_(messages) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    Progress read_channel_data(const PayloadContext& payload, base::Bytes octets);

    Context& context_;
    MessageSink& messages_;
};

}  // namespace turnpike::inspect
