// A call's datagrams with a length in front of each (RFC 4571).
#pragma once

#include "stream_reader.h"

namespace turnpike::inspect {

class FramedStream final : public StreamReader {
  public:
    FramedStream(Context& context, MessageSink& messages)
        : context_(context), messages_(messages) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    Context& context_;
    MessageSink& messages_;
};

}  // namespace turnpike::inspect
