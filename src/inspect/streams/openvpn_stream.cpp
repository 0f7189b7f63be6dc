// Takes OpenVPN's packets out of a stream.
#include "openvpn_stream.h"

#include "turnpike/proto/openvpn.h"
#include "turnpike/proto/stream_framing.h"

namespace turnpike::inspect {

using Next = Progress::Next;

std::optional<std::size_t> openvpn_authentication_of(base::Bytes stream) noexcept {
    const auto first = proto::next_framed_message(stream);
    return first ? proto::openvpn_authentication(first->message) : std::nullopt;
}

Progress OpenVpnStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    const auto framed = proto::next_framed_message(octets);
    if (!framed && !gap) {
        return {};
    }
    const auto tls =
        gap ? base::Result<base::Bytes>{} : proto::openvpn_tls(framed->message, authentication_);
    if (gap || !tls) {  // out of step, or the first packet of data: the handshake is over
        tls_.break_off(payload);
        return {0, Next::finish};
    }
    if (!tls->empty()) {
        tls_.read(payload, *tls, false);
    }
    return {framed->consumed, tls_.is_over() ? Next::finish : Next::more};
}

}  // namespace turnpike::inspect
