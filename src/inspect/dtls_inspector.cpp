// Reads DTLS records datagram by datagram, and notes hellos, certificates and alerts.
#include "dtls_inspector.h"

#include <cstring>
#include <utility>

#include "hello.h"

namespace turnpike::inspect {
namespace {

using proto::TlsContentType;
using proto::TlsHandshakeType;

/// Application data, and no handshake or alert sent again. DTLS 1.3 hides the type and tells the
/// epoch, of which the handshake has number 2 (RFC 9147 4, 6.1); connection ids hide it, too (RFC
/// 9146 4).
bool is_data(base::Bytes datagram) noexcept {
    constexpr std::uint8_t unified_mask = 0xe0, unified = 0x20, epoch_mask = 0x03, handshake = 0x02;
    constexpr std::uint8_t tls12_cid = 25;
    const std::uint8_t first = datagram.empty() ? 0 : datagram.front();
    return (first & unified_mask) == unified
               ? (first & epoch_mask) != handshake
               : first == static_cast<std::uint8_t>(TlsContentType::application_data) ||
                     first == tls12_cid;
}

}  // namespace

bool DtlsInspector::datagram(const PayloadContext& payload, base::Bytes octets, DtlsState& state) {
    if (state.ends[0].encrypted && state.ends[1].encrypted) {
        if (is_data(octets)) {
            count_data(payload);
        }
        return true;
    }
    bool any = false;
    while (!octets.empty()) {
        const auto next = proto::decode_dtls_record(octets);
        if (!next) {
            if (payload.cut && cut_record(payload, octets, state)) {
                return true;
            }
            if (any || payload.cut) {
                context_.problems.count("dtls", next.error());
            }
            return any;
        }
        any = true;
        record(payload, *next, state);
    }
    return any;
}

// What the snap length left of a record still tells what it was.
bool DtlsInspector::cut_record(const PayloadContext& payload, base::Bytes octets,
                               DtlsState& state) {
    const auto left = proto::decode_dtls_record_prefix(octets);
    if (left) {
        record(payload, *left, state);
    }
    return left.has_value();
}

// Even if nothing of it can be read, it is a hello.
void DtlsInspector::cut_message(const PayloadContext& payload, base::Bytes left, DtlsState& state) {
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    const auto type = static_cast<TlsHandshakeType>(left.front());
    if (type == TlsHandshakeType::client_hello) {
        facts.client_hello = facts.client_hello ? facts.client_hello : payload.at;
        state.client_known = true;
        state.client = payload.side;
        return;
    }
    note_second_flight(payload, state);
    if (type == TlsHandshakeType::server_hello) {
        server_hello(payload, state);
    }
}

void DtlsInspector::server_hello(const PayloadContext& payload, DtlsState& state) {
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    facts.server_hello = facts.server_hello ? facts.server_hello : payload.at;
    if (!state.client_known) {
        state.client_known = true;
        state.client = other(payload.side);
    }
}

void DtlsInspector::count_data(const PayloadContext& payload) {
    ++payload.flow().media.make().ends[payload.side].dtls_data;
}

void DtlsInspector::note_hello(const PayloadContext& payload) {
    facts::DtlsFacts& facts = payload.flow().rare.make().dtls.make();
    ++facts.hellos;
    facts.last_hello = payload.at;
    facts.client = payload.side;
}

void DtlsInspector::note_second_flight(const PayloadContext& payload, const DtlsState& state) {
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    if (state.client_known && payload.side == state.client && !facts.second_flight) {
        facts.second_flight = payload.at;
    }
}

void DtlsInspector::record(const PayloadContext& payload, const proto::DtlsRecord& record,
                           DtlsState& state) {
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    note_protocol(payload.flow(), facts::Protocol::dtls);
    DtlsEnd& end = state.ends[payload.side];
    const bool first = !std::exchange(end.any_record, true);
    const bool from_client =
        state.client_known ? payload.side == state.client : payload.from_client();
    if (!record.readable()) {
        end.encrypted = true;
        end.assembler.release();
        note_second_flight(payload, state);
        if (record.type == TlsContentType::application_data && !record.unified) {
            count_data(payload);
        }
    } else if (record.type == TlsContentType::handshake) {
        base::Bytes rest = record.fragment;
        while (!rest.empty()) {
            const auto fragment = proto::decode_dtls_handshake(rest);
            if (!fragment) {
                context_.problems.count("dtls", fragment.error());
                if (payload.cut) {
                    cut_message(payload, rest, state);
                }
                break;
            }
            if (fragment->type != TlsHandshakeType::client_hello) {
                note_second_flight(payload, state);
            } else if (fragment->offset == 0) {
                note_hello(payload);
            }
            const auto whole = end.assembler.add(*fragment);
            if (whole) {
                message(payload, *whole, state);
            } else if (whole.error() != base::ParseError::truncated) {
                context_.problems.count("dtls", whole.error());
            }
        }
    } else if (record.type == TlsContentType::alert) {
        if (const auto alert = proto::decode_tls_alert(record.fragment)) {
            record_alert(payload, *alert, first,
                         from_client ? facts.client_alert : facts.server_alert);
        }
    }
    if (state.client_known && payload.side != state.client && !facts.server_record) {
        facts.server_record = payload.at;
    }
}

void DtlsInspector::message(const PayloadContext& payload,
                            const proto::DtlsHandshakeMessage& message, DtlsState& state) {
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    switch (message.type) {
        case TlsHandshakeType::client_hello:
            hello(payload, message, state);
            break;
        case TlsHandshakeType::server_hello:
            server_hello(payload, state);
            break;
        case TlsHandshakeType::certificate:
            // Both ends of a call send one (RFC 5763 5); the DTLS server's comes first.
            if (!state.client_known || payload.side != state.client) {
                record_certificate(context_, payload, message.body, facts);
            }
            break;
        default:
            break;
    }
}

void DtlsInspector::hello(const PayloadContext& payload, const proto::DtlsHandshakeMessage& message,
                          DtlsState& state) {
    const auto hello = proto::decode_dtls_client_hello(message.body);
    if (!hello) {
        context_.problems.count("dtls", hello.error());
        return;
    }
    facts::TlsFacts& facts = payload.flow().rare.make().dtls.make();
    state.client_known = true;
    state.client = payload.side;
    facts.client_hello = facts.client_hello ? facts.client_hello : payload.at;
    facts.ech = facts.ech || is_ech(*hello);
    if (!hello->cookie.empty()) {
        note_second_flight(payload, state);  // only the server knows one (RFC 6347 4.2.1)
    }
    // Sent again, or with the cookie that it was asked for (RFC 6347 4.2.1), it is the same hello.
    std::uint64_t random = 0;
    std::memcpy(&random, hello->random.data(), std::min<std::size_t>(8, hello->random.size()));
    if (random == state.last_random) {
        return;
    }
    state.last_random = random;
    record_hello(context_, payload, *hello, facts::TlsHello::Carrier::dtls);
}

}  // namespace turnpike::inspect
