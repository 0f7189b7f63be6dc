// Finds the proof in a STUN, TLS, DTLS, QUIC, HTTP or RTP message, and writes the answer.
#include "respond/answers.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "turnpike/speak/media.h"
#include "turnpike/speak/quic.h"
#include "turnpike/speak/random.h"
#include "turnpike/speak/stun.h"
#include "turnpike/speak/tls.h"

namespace turnpike::respond {
namespace {

constexpr std::size_t token_octets = std::tuple_size_v<proof::Token>;
constexpr std::string_view request_id = "\r\nX-Request-Id: ";
constexpr std::string_view http_answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

std::optional<Claim> claim(Spoken spoken, base::Bytes token, std::size_t octets) {
    if (token.size() < token_octets) {
        return std::nullopt;
    }
    Claim claim{spoken, {}, octets};
    std::ranges::copy(token.first(token_octets), claim.token.begin());
    return claim;
}

std::optional<Claim> claim_of_stun(base::Bytes bytes) {
    const auto stun = speak::read_stun(bytes);
    if (!stun.is_stun) {
        return std::nullopt;
    }
    if (stun.type != speak::binding_request && stun.type != speak::allocate_request) {
        return std::nullopt;
    }
    return claim(stun.type == speak::allocate_request ? Spoken::turn : Spoken::stun, stun.id,
                 stun.octets);
}

std::optional<Claim> claim_of_request(std::string_view text) {
    const auto end = text.find("\r\n\r\n");
    const auto at = text.find(request_id);
    if (end == std::string_view::npos || at == std::string_view::npos || at >= end ||
        text.size() < at + request_id.size() + 2 * token_octets) {
        return std::nullopt;
    }
    constexpr int hexadecimal = 16;
    proof::Token token{};
    for (std::size_t i = 0; i < token_octets; ++i) {
        const auto* const digits = text.data() + at + request_id.size() + 2 * i;
        const auto [stop, error] = std::from_chars(digits, digits + 2, token[i], hexadecimal);
        if (error != std::errc{} || stop != digits + 2) {
            return std::nullopt;
        }
    }
    return claim(Spoken::http, token, end + 4);
}

}  // namespace

std::optional<Claim> claim_of_datagram(base::Bytes datagram) {
    if (auto stun = claim_of_stun(datagram)) {
        return stun;
    }
    if (const auto id = speak::read_quic_destination_id(datagram); !id.empty()) {
        return claim(Spoken::quic, id, datagram.size());
    }
    if (const auto random = speak::read_dtls_client_hello(datagram)) {
        return claim(Spoken::dtls, *random, datagram.size());
    }
    if (const auto payload = speak::rtp_payload(datagram); !payload.empty()) {
        return claim(Spoken::rtp, payload, datagram.size());
    }
    return claim(Spoken::bare, datagram, datagram.size());
}

std::optional<Claim> claim_of_stream(base::Bytes octets) {
    constexpr std::uint8_t handshake_record = 22;
    if (octets.empty()) {
        return std::nullopt;
    }
    if (octets[0] == handshake_record) {
        const auto hello = speak::read_tls_client_hello(octets);
        return hello ? claim(Spoken::tls, hello->random, hello->message) : std::nullopt;
    }
    const auto text = base::as_text(octets);
    if (text.starts_with("GET ")) {
        return claim_of_request(text);
    }
    if ((octets[0] & 0xc0U) == 0) {
        return claim_of_stun(octets);
    }
    return claim(Spoken::bare, octets, octets.size());
}

speak::Octets answer_to(const Claim& claim, base::Bytes message, const base::Endpoint& source) {
    switch (claim.spoken) {
        case Spoken::stun:
            return speak::stun_success(claim.token, source);
        case Spoken::turn:
            return speak::turn_challenge(claim.token);
        case Spoken::tls: {
            const auto hello = speak::read_tls_client_hello(message);
            return hello ? speak::tls_server_answer(*hello, speak::random_array<32>())
                         : speak::Octets{};
        }
        case Spoken::dtls:
            return speak::dtls_hello_verify(speak::random_octets(16));
        case Spoken::quic:
            return speak::quic_server_initial(speak::read_quic_destination_id(message),
                                              speak::random_octets(8), speak::random_array<32>());
        case Spoken::http: {
            const auto bytes = base::as_bytes(http_answer);
            return {bytes.begin(), bytes.end()};
        }
        case Spoken::rtp: {
            auto stream = speak::new_rtp_stream();
            auto packet = speak::next_rtp_packet(stream, {});
            packet.resize(std::min(packet.size(), message.size()));
            return packet;
        }
        case Spoken::bare:
            break;
    }
    return speak::random_octets(message.size());
}

}  // namespace turnpike::respond
