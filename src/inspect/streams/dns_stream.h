// DNS over TCP: messages with a length in front (RFC 1035 4.2.2).
#pragma once

#include "stream_reader.h"

namespace turnpike::inspect {

class DnsStream final : public StreamReader {
  public:
    explicit DnsStream(MessageSink& messages) : messages_(messages) {}

    Progress read(const PayloadContext& payload, base::Bytes octets, bool gap) override;

  private:
    MessageSink& messages_;
};

}  // namespace turnpike::inspect
