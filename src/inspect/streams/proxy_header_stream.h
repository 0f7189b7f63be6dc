// The header that a load balancer puts in front of a connection (the PROXY protocol).
#pragma once

#include "stream_reader.h"
#include "turnpike/proto/proxy_protocol.h"

namespace turnpike::inspect {

class ProxyHeaderStream final : public StreamReader {
  public:
    Progress read(const PayloadContext& /*payload*/, base::Bytes octets, bool /*gap*/) override {
        const auto header = proto::decode_proxy_header(octets);
        return header ? Progress{header->size, Progress::Next::protocol}
                      : Progress{0, Progress::Next::finish};
    }
};

}  // namespace turnpike::inspect
