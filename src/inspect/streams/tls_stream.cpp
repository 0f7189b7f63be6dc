// Reads TLS records in clear, and notes hellos, certificates, alerts and answers that are no
// TLS.
#include "tls_stream.h"

#include "inspect/hello.h"
#include "inspect/orientation.h"
#include "turnpike/proto/http.h"

namespace turnpike::inspect {
namespace {

using Kind = proto::TlsEvent::Kind;
using proto::TlsHandshakeType;

// A second hello answers a HelloRetryRequest (RFC 8446 4.1.2); more come only from renegotiation.
constexpr std::uint8_t most_hellos = 4;
constexpr std::uint16_t dns_over_tls_port = 853;  // RFC 7858 3.1
constexpr std::size_t handshake_header = 4;       // RFC 8446 4: type and length

/// What answers a ClientHello in plain text may be a filter's page.
void note_page(const PayloadContext& payload, base::Bytes octets) {
    facts::Flow& flow = payload.flow();
    const auto& before = flow.rare->http->response;
    const auto& proxy = *flow.rare->proxy;
    const bool of_proxy = proxy.established && before.number <= proxy.response.number;
    if (flow.tls->plain_answer.number != payload.at.number || (before && !of_proxy)) {
        return;
    }
    if (const auto response = proto::decode_http_response_prefix(octets)) {
        facts::HttpFacts& facts = flow.rare.make().http.make();
        facts.response = payload.at;
        facts.status = response->status;
        facts.location.assign(response->location);
    }
}

/// What was read of this very message ahead of time, if it was.
const HelloReading* read_ahead(const PayloadContext& payload,
                               const proto::TlsEvent& event) noexcept {
    const auto* const reading = reading_as<HelloReading>(payload.reading);
    const bool is_it = reading != nullptr && reading->body.data() == event.body.data() &&
                       reading->body.size() == event.body.size();
    return is_it ? reading : nullptr;
}

}  // namespace

Progress TlsStream::read(const PayloadContext& payload, base::Bytes octets, bool gap) {
    if (gap) {
        break_off(payload);
    }
    take(payload, octets);
    note_page(payload, octets);
    return {octets.size(), is_over() ? Progress::Next::finish : Progress::Next::wait};
}

void TlsStream::take(const PayloadContext& payload, base::Bytes octets) {
    End& end = ends_[payload.side];
    while (!end.stopped) {
        const auto found = end.reader.next(octets);
        if (found) {
            event(payload, *found);
            continue;
        }
        if (found.error() != base::ParseError::truncated) {
            context_.problems.count("tls", found.error());
            note_plain_answer(payload);
            end.stopped = true;
        }
        break;
    }
    if (end.stopped) {
        end.reader.release();
    }
}

// What the server says after a ClientHello is no TLS.
void TlsStream::note_plain_answer(const PayloadContext& payload) const {
    facts::TlsFacts& facts = payload.flow().tls.make();
    if (client_known_ && payload.side != client_ && facts.client_hello && !facts.server_record &&
        !facts.plain_answer) {
        facts.plain_answer = payload.at;
    }
}

void TlsStream::break_off(const PayloadContext& payload) {
    End& end = ends_[payload.side];
    const base::Bytes part = end.reader.unfinished();
    if (hellos_ == 0 && part.size() > handshake_header &&
        part[0] == static_cast<std::uint8_t>(TlsHandshakeType::client_hello)) {
        context_.problems.count("tls", base::ParseError::truncated);
        // Even if nothing of it can be read, it is a ClientHello.
        note_protocol(payload.flow(), facts::Protocol::tls);
        prove_client(payload, true);
        facts::TlsFacts& facts = payload.flow().tls.make();
        facts.client_hello = payload.at;
        client_known_ = true;
        client_ = payload.side;
        const auto hello = proto::decode_client_hello_prefix(part.subspan(handshake_header));
        if (hello) {
            facts.ech = is_ech(*hello);
            record_hello(context_, payload, *hello, facts::TlsHello::Carrier::tcp);
            ++hellos_;
        }
    }
    end.stopped = true;
    end.reader.release();
}

void TlsStream::event(const PayloadContext& payload, const proto::TlsEvent& event) {
    facts::TlsFacts& facts = payload.flow().tls.make();
    note_protocol(payload.flow(), facts::Protocol::tls);
    if (event.kind == Kind::handshake) {
        handshake(payload, event, facts);
    }
    const bool from_server = client_known_ ? payload.side != client_ : !payload.from_client();
    if (from_server && !facts.server_record) {
        facts.server_record = payload.at;
    }
    if (event.kind == Kind::alert) {
        record_alert(payload, event.alert, event.first_record,
                     from_server ? facts.server_alert : facts.client_alert);
    }
    if (event.kind == Kind::application_data || event.kind == Kind::encrypted) {
        ends_[payload.side].stopped = true;
    }
}

void TlsStream::handshake(const PayloadContext& payload, const proto::TlsEvent& event,
                          facts::TlsFacts& facts) {
    switch (event.handshake_type) {
        case TlsHandshakeType::client_hello:
            hello(payload, event, facts);
            break;
        case TlsHandshakeType::server_hello:
            prove_client(payload, false);
            client_known_ = true;
            client_ = other(payload.side);
            facts.server_hello = facts.server_hello ? facts.server_hello : payload.at;
            break;
        case TlsHandshakeType::certificate:
            if (!client_known_ || payload.side != client_) {
                record_certificate(context_, payload, event.body, facts);
            }
            break;
        default:
            break;
    }
}

void TlsStream::hello(const PayloadContext& payload, const proto::TlsEvent& event,
                      facts::TlsFacts& facts) {
    const HelloReading* const ahead = read_ahead(payload, event);
    base::Result<proto::ClientHello> read_now;
    if (ahead == nullptr) {
        read_now = proto::decode_client_hello(event);
    }
    const auto& decoded = ahead != nullptr ? ahead->hello : read_now;
    if (!decoded) {
        context_.problems.count("tls", decoded.error());
        return;
    }
    prove_client(payload, true);
    client_known_ = true;
    client_ = payload.side;
    facts.client_hello = facts.client_hello ? facts.client_hello : payload.at;
    facts.ech = facts.ech || is_ech(*decoded);
    if (hellos_ < most_hellos) {
        ++hellos_;
        if (ahead != nullptr) {
            record_hello(context_, payload, *decoded, facts::TlsHello::Carrier::tcp, ahead->ja4);
        } else {
            record_hello(context_, payload, *decoded, facts::TlsHello::Carrier::tcp);
        }
    }
    payload.flow().encrypted_dns =
        offers(*decoded, "dot") || payload.flow().server().endpoint.port == dns_over_tls_port;
}

}  // namespace turnpike::inspect
