// Takes whole DNS messages out of a stream.
#include "dns_stream.h"

#include "turnpike/proto/stream_framing.h"

namespace turnpike::inspect {

using Next = Progress::Next;

Progress DnsStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    const auto framed = proto::next_framed_message(octets);
    if (!framed) {
        return {0, gap ? Next::finish : Next::wait};
    }
    if (!messages_.dns_message(payload, framed->message)) {
        return {0, Next::finish};
    }
    return {framed->consumed, Next::more};
}

}  // namespace turnpike::inspect
