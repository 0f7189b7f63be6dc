// Reads the Initials of a connection, and notes its hello and how the server answered.
#include "quic_inspector.h"

#include "hello.h"
#include "orientation.h"

namespace turnpike::inspect {
namespace {

// A handshake is over, or will never be read, after so many datagrams: a hello takes a few
// Initials, each perhaps sent several times.
constexpr std::uint16_t most_datagrams = 64;
constexpr std::uint16_t doq_port = 853;  // RFC 9250 4.1.1

void note_sent(facts::PacketMark at, const proto::QuicReport& report, facts::QuicEnd& end) {
    end.first = end.first ? end.first : at;
    if (!report.initial && (report.handshake || (report.one_rtt && end.first_initial)) &&
        !end.second_flight) {
        end.second_flight = at;
    }
    if (report.initial || report.gquic_hello || report.unknown_long) {
        ++end.initials;
        end.first_initial = end.first_initial ? end.first_initial : at;
        if (end.initials == 2) {
            end.second_initial = at;
        }
        end.persisted = end.persisted || at.time - end.first_initial.time >= facts::persistence;
        end.last_initial = at;
    }
    if (report.close && !end.close) {
        end.close = at;
        end.close_code = report.close->error_code;
    }
}

}  // namespace

bool QuicInspector::datagram(const PayloadContext& payload, base::Bytes octets, QuicState& state) {
    if (state.finished) {
        return true;
    }
    const auto sender = payload.from_client() ? proto::QuicSide::client : proto::QuicSide::server;
    auto found = state.reader.read(octets, sender, context_.opener());
    if (!found && payload.cut) {
        found = proto::QuicReader::read_cut(octets, sender);
    }
    if (!found) {
        return false;
    }
    ++state.datagrams;
    report(payload, *found, state);
    if ((state.hello_seen && state.server_opened) || state.datagrams > most_datagrams) {
        state.finished = true;
        state.reader.release();
    }
    return true;
}

void QuicInspector::report(const PayloadContext& payload, const proto::QuicReport& report,
                           QuicState& state) {
    facts::Flow& flow = payload.flow();
    note_protocol(flow, facts::Protocol::quic);
    if (report.sender_proven || report.client_hello) {
        prove_client(payload, report.client_hello || report.sender == proto::QuicSide::client);
    }
    facts::QuicFacts& facts = flow.rare.make().quic.make();
    facts.version = report.version != 0 ? report.version : facts.version;
    note_sent(payload.at, report, facts.ends[payload.side]);
    state.server_opened = state.server_opened || report.server_hello.has_value() ||
                          (state.hello_seen && report.one_rtt && !payload.from_client());
    if (report.client_hello) {
        const auto hello = proto::decode_client_hello(report.client_hello->body);
        if (hello) {
            state.hello_seen = true;
            record_hello(context_, payload, *hello, facts::TlsHello::Carrier::quic);
            flow.encrypted_dns = offers(*hello, "doq") || flow.server().endpoint.port == doq_port;
        } else {
            context_.problems.count("quic", hello.error());
        }
    }
    if (!report.gquic_server_name.empty()) {
        state.hello_seen = true;
        note_name(flow, report.gquic_server_name, facts::NameSource::quic_sni);
    }
    if (report.problem && *report.problem != base::ParseError::bad_checksum) {
        context_.problems.count("quic", *report.problem);
    }
}

void QuicInspector::end(const PayloadContext& payload, QuicState& state) {
    const base::Bytes part = state.reader.unfinished_client_hello();
    if (state.hello_seen || part.empty()) {
        return;
    }
    if (const auto hello = proto::decode_client_hello_prefix(part)) {
        record_hello(context_, payload, *hello, facts::TlsHello::Carrier::quic);
    }
}

}  // namespace turnpike::inspect
