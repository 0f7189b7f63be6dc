// Takes whole datagrams out of a stream that puts their lengths in front.
#include "framed_stream.h"

#include "turnpike/proto/stream_framing.h"

namespace turnpike::inspect {

Progress FramedStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    if (gap) {
        context_.problems.count("rfc4571", "gap in the stream");
    }
    const auto framed = proto::next_framed_message(octets);
    if (!framed) {
        return {};
    }
    messages_.framed_datagram(payload, framed->message);
    return {framed->consumed, Progress::Next::more};
}

}  // namespace turnpike::inspect
