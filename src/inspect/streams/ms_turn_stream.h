// TURN behind Microsoft's framing of messages on TCP ([MS-TURN] 2.1.2).
#pragma once

#include "stream_reader.h"

namespace turnpike::inspect {

/// The octets are a control message with a STUN message inside.
bool begins_ms_turn(base::Bytes octets) noexcept;

class MsTurnStream final : public StreamReader {
  public:
    MsTurnStream(Context& context, MessageSink& messages)
        : context_(context), messages_(messages) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    Context& context_;
    MessageSink& messages_;
};

}  // namespace turnpike::inspect
