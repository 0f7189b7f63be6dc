// Writes the first octets of an attempt for each protocol.
#include "probe/phrases.h"

#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/bytes.h"
#include "turnpike/speak/media.h"
#include "turnpike/speak/quic.h"
#include "turnpike/speak/random.h"
#include "turnpike/speak/stun.h"
#include "turnpike/speak/tls.h"

namespace turnpike::probe {
namespace {

speak::HelloRandom hello_random(const proof::Token& token) {
    auto random = speak::random_array<std::tuple_size_v<speak::HelloRandom>>();
    std::ranges::copy(token, random.begin());
    return random;
}

speak::Octets http_request(const Attempt& attempt, const proof::Token& token) {
    std::string text = fmt::format(
        "GET / HTTP/1.1\r\nHost: {}\r\nUser-Agent: Mozilla/5.0 (turnpike probe)\r\n"
        "Accept: */*\r\nConnection: close\r\nX-Request-Id: ",
        attempt.name.empty() ? base::to_string(attempt.to.address) : attempt.name);
    for (const auto octet : token) {
        text += fmt::format("{:02x}", octet);
    }
    text += "\r\n\r\n";
    const auto bytes = base::as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

speak::Octets repeated(const Attempt& attempt, const proof::Token& token) {
    switch (attempt.speech) {
        case Speech::stun:
            return speak::stun_binding(token);
        case Speech::ice:
            return speak::ice_check(token);
        case Speech::turn:
            return speak::turn_allocate(token);
        case Speech::quic:
            return speak::quic_client_initial(attempt.name, token);
        case Speech::dtls:
            return speak::dtls_client_hello(hello_random(token));
        default:
            return {};
    }
}

}  // namespace

speak::Octets opening_of(const Attempt& attempt, const std::optional<proof::Token>& proof) {
    const auto token = proof.value_or(speak::random_array<std::tuple_size_v<proof::Token>>());
    switch (attempt.speech) {
        case Speech::http:
            return http_request(attempt, token);
        case Speech::stream:
            return speak::turn_allocate(token);
        default:
            return speak::tls_client_hello(attempt.name, hello_random(token));
    }
}

Datagrams::Datagrams(const Attempt& attempt, const std::optional<proof::Token>& proof)
    : speech_(attempt.speech),
      token_(proof.value_or(speak::random_array<std::tuple_size_v<proof::Token>>())),
      same_(repeated(attempt, token_)),
      stream_(speak::new_rtp_stream()) {}

speak::Octets Datagrams::next() {
    return speech_ == Speech::rtp ? speak::next_rtp_packet(stream_, token_) : same_;
}

}  // namespace turnpike::probe
