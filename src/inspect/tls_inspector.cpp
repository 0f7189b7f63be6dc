#include "tls_inspector.h"

#include "hello.h"
#include "orientation.h"

namespace turnpike::inspect {
namespace {

using Kind = proto::TlsEvent::Kind;
using proto::TlsHandshakeType;

// A second hello answers a HelloRetryRequest (RFC 8446 4.1.2); more come only from renegotiation.
constexpr std::uint8_t most_hellos = 4;
constexpr std::uint16_t dns_over_tls_port = 853;  // RFC 7858 3.1
constexpr std::size_t handshake_header = 4;       // RFC 8446 4: type and length

}  // namespace

void TlsInspector::read(Occasion& occasion, base::Bytes input, TlsState& state) {
    proto::TlsReader& reader = state.readers[occasion.side];
    while (!state.stopped[occasion.side]) {
        const auto found = reader.next(input);
        if (found) {
            event(occasion, *found, state);
            continue;
        }
        if (found.error() != base::ParseError::truncated) {
            context_.problems.count("tls", found.error());
            note_plain_answer(occasion, state);
            state.stopped[occasion.side] = true;
        }
        break;
    }
    if (state.stopped[occasion.side]) {
        reader.release();
    }
}

void TlsInspector::note_plain_answer(const Occasion& occasion, const TlsState& state) {
    facts::TlsFacts& facts = occasion.flow().tls.make();
    if (state.server_known && occasion.side != state.client && facts.client_hello &&
        !facts.server_record && !facts.plain_answer) {
        facts.plain_answer = occasion.at;
    }
}

void TlsInspector::gap(Occasion& occasion, TlsState& state) {
    proto::TlsReader& reader = state.readers[occasion.side];
    const base::Bytes part = reader.unfinished();
    if (state.hellos == 0 && part.size() > handshake_header &&
        part[0] == static_cast<std::uint8_t>(TlsHandshakeType::client_hello)) {
        context_.problems.count("tls", base::ParseError::truncated);
        // Even if nothing of it can be read, it is a ClientHello.
        prove_client(occasion, context_.observation, true);
        facts::TlsFacts& facts = occasion.flow().tls.make();
        facts.client_hello = occasion.at;
        state.server_known = true;
        state.client = occasion.side;
        const auto hello = proto::decode_client_hello_prefix(part.subspan(handshake_header));
        if (hello) {
            facts.ech = is_ech(*hello);
            record_hello(context_, occasion, *hello, facts::TlsHello::Carrier::tcp);
            ++state.hellos;
        }
    }
    state.stopped[occasion.side] = true;
    reader.release();
}

void TlsInspector::event(Occasion& occasion, const proto::TlsEvent& event, TlsState& state) {
    facts::TlsFacts& facts = occasion.flow().tls.make();
    note_protocol(occasion.flow(), facts::Protocol::tls);
    if (event.kind == Kind::handshake) {
        handshake(occasion, event, state, facts);
    }
    const bool from_server =
        state.server_known ? occasion.side != state.client : !occasion.outbound();
    if (from_server && !facts.server_record) {
        facts.server_record = occasion.at;
    }
    if (event.kind == Kind::alert && event.alert.fatal()) {
        if (from_server && !facts.server_alert) {
            facts.server_alert = occasion.at;
            facts.server_alert_code = event.alert.description;
            facts.server_alert_hop_limit = occasion.hop_limit;
            facts.alert_was_first_record = event.first_record;
        } else if (!from_server && !facts.client_alert) {
            facts.client_alert = occasion.at;
            facts.client_alert_code = event.alert.description;
        }
    }
    if (event.kind == Kind::application_data || event.kind == Kind::encrypted) {
        state.stopped[occasion.side] = true;
    }
}

void TlsInspector::handshake(Occasion& occasion, const proto::TlsEvent& event, TlsState& state,
                             facts::TlsFacts& facts) {
    switch (event.handshake_type) {
        case TlsHandshakeType::client_hello:
            hello(occasion, event, state, facts);
            break;
        case TlsHandshakeType::server_hello:
            prove_client(occasion, context_.observation, false);
            state.server_known = true;
            state.client = occasion.side == 0 ? 1 : 0;
            facts.server_hello = facts.server_hello ? facts.server_hello : occasion.at;
            break;
        case TlsHandshakeType::certificate:
            if (!state.server_known || occasion.side != state.client) {
                record_certificate(context_, occasion, event.body, facts);
            }
            break;
        default:
            break;
    }
}

void TlsInspector::hello(Occasion& occasion, const proto::TlsEvent& event, TlsState& state,
                         facts::TlsFacts& facts) {
    const auto decoded = proto::decode_client_hello(event);
    if (!decoded) {
        context_.problems.count("tls", decoded.error());
        return;
    }
    prove_client(occasion, context_.observation, true);
    state.server_known = true;
    state.client = occasion.side;
    facts.client_hello = facts.client_hello ? facts.client_hello : occasion.at;
    facts.ech = facts.ech || is_ech(*decoded);
    if (state.hellos < most_hellos) {
        ++state.hellos;
        record_hello(context_, occasion, *decoded, facts::TlsHello::Carrier::tcp);
    }
    occasion.flow().encrypted_dns =
        offers(*decoded, "dot") || occasion.flow().server.port == dns_over_tls_port;
}

}  // namespace turnpike::inspect
