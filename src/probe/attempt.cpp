// The words for what an attempt says, and which of it goes over TCP.
#include "turnpike/probe/attempt.h"

namespace turnpike::probe {

std::string_view to_string(Speech speech) noexcept {
    switch (speech) {
        case Speech::tls:
            return "TLS ClientHello";
        case Speech::http:
            return "HTTP request";
        case Speech::stream:
            return "TURN Allocate over TCP";
        case Speech::stun:
            return "STUN Binding";
        case Speech::ice:
            return "ICE check";
        case Speech::turn:
            return "TURN Allocate";
        case Speech::quic:
            return "QUIC Initial";
        case Speech::dtls:
            return "DTLS ClientHello";
        case Speech::rtp:
            return "RTP packets";
    }
    return "";
}

bool over_tcp(Speech speech) noexcept {
    return speech == Speech::tls || speech == Speech::http || speech == Speech::stream;
}

}  // namespace turnpike::probe
