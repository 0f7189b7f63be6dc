// Makes the facts of a ClientHello and of a certificate, for TLS, DTLS and QUIC alike.
#include "hello.h"

#include <utility>

#include "turnpike/proto/x509.h"

namespace turnpike::inspect {
namespace {

using Carrier = facts::TlsHello::Carrier;

proto::Ja4Carrier ja4_carrier(Carrier carrier) noexcept {
    switch (carrier) {
        case Carrier::tcp:
            return proto::Ja4Carrier::tcp;
        case Carrier::quic:
            return proto::Ja4Carrier::quic;
        case Carrier::dtls:
            return proto::Ja4Carrier::dtls;
    }
    return proto::Ja4Carrier::tcp;
}

}  // namespace

bool is_ech(const proto::ClientHello& hello) noexcept {
    return hello.ech != proto::EchKind::none && hello.ech != proto::EchKind::esni;
}

bool offers(const proto::ClientHello& hello, std::string_view protocol) noexcept {
    for (const std::string_view name : hello.alpn) {
        if (name == protocol) {
            return true;
        }
    }
    return false;
}

void record_hello(Context& context, const PayloadContext& payload, const proto::ClientHello& hello,
                  Carrier carrier) {
    record_hello(context, payload, hello, carrier,
                 fingerprint_of(hello, ja4_carrier(carrier), context.ja4));
}

void record_hello(Context& context, const PayloadContext& payload, const proto::ClientHello& hello,
                  Carrier carrier, const HelloFingerprint& ja4) {
    if (!context.has_room<facts::HelloKind>()) {
        return;
    }
    facts::TlsHello& row = context.add<facts::HelloKind>().row;
    row.flow = payload.state.index;
    row.at = payload.at;
    row.carrier = carrier;
    row.sni.assign(hello.server_name);
    for (bool first = true; const std::string_view name : hello.alpn) {
        row.alpn += std::exchange(first, false) ? "" : ",";
        row.alpn += name;
    }
    row.version = hello.version;
    row.ech = is_ech(hello);
    row.ja4 = ja4;
    note_name(payload.flow(), hello.server_name,
              carrier == Carrier::quic ? facts::NameSource::quic_sni : facts::NameSource::sni);
}

void record_certificate(Context& context, const PayloadContext& payload, base::Bytes message_body,
                        facts::TlsFacts& facts) {
    if (facts.certificate->at) {
        return;
    }
    const auto der = proto::decode_tls_certificate(message_body);
    if (!der) {
        context.problems.count("x509", der.error());
        return;
    }
    const auto names = proto::decode_certificate_names(*der);
    if (!names) {
        context.problems.count("x509", names.error());
        return;
    }
    facts::TlsCertificate& made = facts.certificate.make();
    made.at = payload.at;
    made.names = proto::render_certificate_names(*names);
    made.issuer = proto::certificate_issuer(*names);
}

void record_alert(const PayloadContext& payload, const proto::TlsAlert& alert, bool first_record,
                  base::Lazy<facts::TlsAlert>& first) {
    if (alert.fatal() && !first->at) {
        first.make() = {payload.at, alert.description, payload.hop_limit, first_record};
    }
}

}  // namespace turnpike::inspect
