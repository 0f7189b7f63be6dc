#include "stream_inspector.h"

#include <utility>

#include "orientation.h"
#include "other_protocol.h"
#include "turnpike/proto/channel_data.h"
#include "turnpike/proto/demux.h"
#include "turnpike/proto/http.h"
#include "turnpike/proto/openvpn.h"
#include "turnpike/proto/proxy_protocol.h"
#include "turnpike/proto/socks.h"
#include "turnpike/proto/stream_framing.h"

namespace turnpike::inspect {
namespace {

using proto::Likelihood;

// Enough octets for every probe: the longest looks at a TLS record with its first message header.
constexpr std::size_t enough_to_decide = 64;
// Segments looked at in vain before a connection counts as unknown.
constexpr std::uint16_t most_undecided = 16;
// In the middle of a connection a new request or handshake may begin with any segment.
constexpr std::uint8_t most_late_tries = 64;
constexpr std::size_t longest_head = std::size_t{64} << 10U;
constexpr std::uint16_t http_ok_first = 200;
constexpr std::uint16_t http_ok_last = 299;
// ProxyFacts puts SOCKS replies on the scale of HTTP's.
constexpr std::uint16_t socks_granted = 200;
constexpr std::uint16_t socks_refused = 500;
// [MS-TURN] 2.1.2: type, a reserved octet, and a length of two octets.
constexpr std::size_t ms_turn_header = 4;
constexpr std::uint8_t ms_turn_control = 2;
constexpr std::uint8_t ms_turn_data = 3;

constexpr Side other(Side side) noexcept {
    return side == 0 ? Side{1} : Side{0};
}

std::uint16_t read_u16(base::Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}

bool is_ms_turn(base::Bytes bytes) noexcept {
    return bytes.size() >= ms_turn_header + 8 && bytes[0] == ms_turn_control && bytes[1] == 0 &&
           proto::probe_stun(bytes.subspan(ms_turn_header)) != Likelihood::no &&
           read_u16(bytes, 2) >= 20;
}

std::optional<std::size_t> openvpn_authentication(base::Bytes stream) noexcept {
    const auto first = proto::next_framed_message(stream);
    return first ? proto::openvpn_authentication(first->message) : std::nullopt;
}

void finish(StreamState& state) noexcept {
    state.reader = StreamReader::finished;
    state.streams[0].clear();
    state.streams[1].clear();
}

}  // namespace

void StreamInspector::synchronize(Side side, const wire::Packet& packet,
                                  TcpConnection& connection) {
    if (!connection.reading) {
        connection.reading = std::make_unique<StreamState>(context_.pool);
    }
    flow::Stream& stream = connection.reading->streams[side];
    if (!stream.started()) {
        stream.start(packet.tcp.sequence + 1);
    }
}

void StreamInspector::segment(Occasion& occasion, const wire::Packet& packet,
                              TcpConnection& connection) {
    if (!connection.reading) {
        if (connection.late_tries > 0 || connection.closed) {
            late_look(occasion, packet, connection);
            return;
        }
        connection.reading = std::make_unique<StreamState>(context_.pool);
    }
    StreamState& state = *connection.reading;
    if (state.tls && state.tls->stopped[occasion.side]) {
        return;
    }
    flow::Stream& stream = state.streams[occasion.side];
    const bool syn = packet.tcp.has(wire::tcp_flag::syn);
    const std::uint32_t begin = packet.tcp.sequence + (syn ? 1U : 0U);
    if (!stream.started()) {
        stream.start(begin);
    }
    if (packet.cut()) {
        ++occasion.flow().cut_packets;
        occasion.flow().cut_before_decision = true;
    }
    const std::uint64_t refused = context_.pool.refused();
    const bool readable = stream.add(begin, packet.payload, packet.payload_length,
                                     connection.tracker.acknowledged(occasion.direction()));
    if (readable) {
        read(occasion, state);
    }
    stream.settle();
    if (context_.pool.refused() != refused) {
        context_.problems.count("tcp", "reassembly memory full", context_.pool.refused() - refused);
    }
    if (packet.cut() && state.tls && !state.tls->stopped[occasion.side]) {
        tls_.gap(occasion, *state.tls);
    }
    if (state.reader == StreamReader::finished) {
        connection.reading.reset();
        connection.late_tries = 1;
    }
}

// Nobody knows the connection, or its reading is over. If its start is not in the capture a request
// may still begin with this segment.
void StreamInspector::late_look(Occasion& occasion, const wire::Packet& packet,
                                TcpConnection& connection) {
    const facts::Flow& flow = occasion.flow();
    if (!flow.tcp->midstream || connection.late_tries > most_late_tries || connection.closed ||
        flow.tls->client_hello || flow.http->request) {
        return;
    }
    ++connection.late_tries;
    const StreamReader reader = recognize(occasion, packet.payload, false);
    if (reader != StreamReader::tls && reader != StreamReader::http) {
        return;
    }
    connection.reading = std::make_unique<StreamState>(context_.pool);
    connection.reading->reader = StreamReader::undecided;
    segment(occasion, packet, connection);
}

void StreamInspector::read(Occasion& occasion, StreamState& state) {
    if (state.tunnel && !state.streams[occasion.side].readable().empty()) {
        note_tunnel_payload(occasion);
    }
    while (state.reader != StreamReader::finished &&
           !state.streams[occasion.side].readable().empty() && step(occasion, state)) {
    }
}

// One step of whoever reads; true if another may follow.
bool StreamInspector::step(Occasion& occasion, StreamState& state) {
    switch (state.reader) {
        case StreamReader::undecided:
            return decide(occasion, state);
        case StreamReader::tls:
            return read_tls(occasion, state);
        case StreamReader::http:
            return read_http(occasion, state);
        case StreamReader::dns:
            return read_dns(occasion, state);
        case StreamReader::turn:
            return read_turn(occasion, state);
        case StreamReader::ms_turn:
            return read_ms_turn(occasion, state);
        case StreamReader::framed:
            return read_framed(occasion, state);
        case StreamReader::socks:
            return read_socks(occasion, state);
        case StreamReader::openvpn:
            return read_openvpn(occasion, state);
        case StreamReader::finished:
            return false;
    }
    return false;
}

bool StreamInspector::decide(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    static_cast<void>(stream.take_gap());
    const base::Bytes bytes = stream.readable();
    if (const auto header = proto::decode_proxy_header(bytes)) {
        stream.consume(header->size);  // the stream proper follows
        return true;
    }
    // What the snap length leaves of a record has to do.
    state.reader = recognize(occasion, bytes, occasion.flow().tcp->midstream || occasion.cut);
    switch (state.reader) {
        case StreamReader::undecided:
            break;
        case StreamReader::tls:
            state.tls = std::make_unique<TlsState>(context_.pool);
            return true;
        case StreamReader::http:
            state.http = {};
            state.http.client = proto::probe_http_response(bytes) == Likelihood::yes
                                    ? other(occasion.side)
                                    : occasion.side;
            return true;
        case StreamReader::socks:
            state.socks = {};
            state.socks.client = occasion.side;
            return true;
        case StreamReader::openvpn:
            state.tls = std::make_unique<TlsState>(context_.pool);
            state.openvpn_authentication = openvpn_authentication(bytes).value_or(0);
            return true;
        default:
            return true;
    }
    ++state.segments;
    if (bytes.size() >= enough_to_decide || state.segments > most_undecided) {
        // This side says nothing that anybody knows. The other one may: a banner precedes some
        // protocols, and one direction may be damaged.
        stream.clear();
        stream.start(stream.next());
        if (state.segments > most_undecided || !state.streams[other(occasion.side)].started()) {
            finish(state);
        }
    }
    return false;
}

StreamReader StreamInspector::recognize(Occasion& occasion, base::Bytes bytes, bool midway) {
    const Likelihood tls = proto::probe_tls(bytes);
    if (tls == Likelihood::yes || (tls == Likelihood::maybe && midway)) {
        return StreamReader::tls;
    }
    if (proto::probe_http_request(bytes) == Likelihood::yes ||
        proto::probe_http_response(bytes) == Likelihood::yes) {
        return StreamReader::http;
    }
    if (proto::probe_http2(bytes) == Likelihood::yes) {
        note_protocol(occasion.flow(), facts::Protocol::http);
        return StreamReader::finished;
    }
    constexpr std::size_t length_field = 2;
    if (bytes.size() > length_field && !is_local_discovery(occasion) &&
        (occasion.has_port(53) || bytes.size() >= 14)) {
        const std::size_t length = read_u16(bytes, 0);
        const base::Bytes message =
            bytes.subspan(length_field, std::min(length, bytes.size() - length_field));
        const Likelihood dns = proto::probe_dns(message);
        if (dns == Likelihood::yes && (occasion.has_port(53) || message.size() == length)) {
            return StreamReader::dns;
        }
    }
    if (proto::probe_stun(bytes) == Likelihood::yes ||
        (bytes.size() >= 8 && bytes[0] < 4 && bytes[4] == 0x21 && bytes[5] == 0x12 &&
         bytes[6] == 0xa4 && bytes[7] == 0x42)) {  // RFC 8489 5: the magic cookie
        return StreamReader::turn;
    }
    if (is_ms_turn(bytes)) {
        return StreamReader::ms_turn;
    }
    if (proto::probe_rfc4571(bytes) == Likelihood::yes) {
        return StreamReader::framed;
    }
    const proto::PortPair ports{.source = occasion.source().port,
                                .destination = occasion.destination().port};
    const auto named = proto::probe_other_stream(bytes, ports);
    if (named != proto::OtherProtocol::none) {
        note_protocol(occasion.flow(), as_fact(named));
        if (named == proto::OtherProtocol::sip) {
            prove_client(occasion, context_.observation, !proto::is_sip_response(bytes));
        }
        return named == proto::OtherProtocol::openvpn && openvpn_authentication(bytes)
                   ? StreamReader::openvpn
                   : StreamReader::finished;
    }
    if (!midway && proto::probe_socks(bytes) != Likelihood::no) {
        return StreamReader::socks;
    }
    return StreamReader::undecided;
}

bool StreamInspector::read_tls(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    if (stream.take_gap()) {
        tls_.gap(occasion, *state.tls);
    }
    const base::Bytes bytes = stream.readable();
    tls_.read(occasion, bytes, *state.tls);
    note_page(occasion, bytes);
    stream.consume(bytes.size());
    if (state.tls->stopped[0] && state.tls->stopped[1]) {
        finish(state);
    } else if (state.tls->stopped[occasion.side]) {
        stream.clear();
    }
    return false;
}

// What answers a ClientHello in plain text may be a filter's page.
void StreamInspector::note_page(const Occasion& occasion, base::Bytes bytes) {
    facts::Flow& flow = occasion.flow();
    if (flow.tls->plain_answer.number != occasion.at.number || flow.http->response) {
        return;
    }
    if (const auto response = proto::decode_http_response_prefix(bytes)) {
        facts::HttpFacts& facts = flow.http.make();
        facts.response = occasion.at;
        facts.status = response->status;
        facts.location.assign(response->location);
    }
}

bool StreamInspector::read_http(Occasion& occasion, StreamState& state) {
    return occasion.side == state.http.client ? read_request(occasion, state)
                                              : read_response(occasion, state);
}

bool StreamInspector::read_request(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    HttpState& http = state.http;
    const bool lost = stream.take_gap();
    const base::Bytes bytes = stream.readable();
    if (http.connect || (http.request_seen && !http.refused)) {
        // The body of a request, or the tunnel's first octets before the proxy answered: those
        // wait.
        if (!http.connect) {
            stream.consume(bytes.size());
        }
        return false;
    }
    auto request = proto::decode_http_request(bytes);
    if (!request && request.error() == base::ParseError::truncated && bytes.size() < longest_head &&
        !occasion.cut && !lost) {
        return false;
    }
    if (!request) {
        request = proto::decode_http_request_prefix(bytes);
    }
    if (!request) {
        if (http.refused) {
            stream.consume(bytes.size());  // a body
            return false;
        }
        context_.problems.count("http", request.error());
        note_protocol(occasion.flow(), facts::Protocol::http);
        finish(state);
        return false;
    }
    prove_client(occasion, context_.observation, true);
    facts::Flow& flow = occasion.flow();
    note_protocol(flow, facts::Protocol::http);
    const std::string_view host =
        request->authority.host.empty() ? request->host : request->authority.host;
    facts::HttpFacts& facts = flow.http.make();
    if (!http.request_seen && !facts.request) {
        facts.request = occasion.at;
        facts.method.assign(request->method);
        facts.host.assign(request->has_host && !request->connect ? request->host : host);
        facts.websocket = request->websocket;
    }
    http.request_seen = true;
    http.refused = false;
    http.connect = request->connect;
    if (request->connect) {
        facts::ProxyFacts& proxy = flow.proxy.make();
        proxy.request = occasion.at;
        proxy.target_host.assign(request->authority.host);
        proxy.target_port = request->authority.port;
    }
    note_name(flow, host,
              request->connect ? facts::NameSource::connect : facts::NameSource::http_host);
    stream.consume(request->size);
    if (http.response_seen && !http.connect) {
        finish(state);
    }
    return true;
}

bool StreamInspector::read_response(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    HttpState& http = state.http;
    const bool lost = stream.take_gap();
    const base::Bytes bytes = stream.readable();
    auto response = proto::decode_http_response(bytes);
    if (!response && response.error() == base::ParseError::truncated &&
        bytes.size() < longest_head && !occasion.cut && !lost) {
        return false;
    }
    if (!response) {
        response = proto::decode_http_response_prefix(bytes);
    }
    if (!response) {
        stream.consume(bytes.size());  // a body, or what the capture left of it
        if (!http.connect && !http.refused) {
            finish(state);
        }
        return false;
    }
    prove_client(occasion, context_.observation, false);
    facts::Flow& flow = occasion.flow();
    note_protocol(flow, facts::Protocol::http);
    stream.consume(response->size);
    if (response->interim()) {
        return true;
    }
    facts::HttpFacts& facts = flow.http.make();
    if (!facts.response) {
        facts.response = occasion.at;
        facts.status = response->status;
        facts.location.assign(response->location);
        facts.websocket = facts.websocket && response->status == 101;
    }
    http.response_seen = true;
    if (!http.connect) {
        if (http.request_seen && !http.refused) {
            finish(state);
        }
        return !http.request_seen;
    }
    http.connect = false;
    facts::ProxyFacts& proxy = flow.proxy.make();
    proxy.response = occasion.at;
    proxy.status = response->status;
    proxy.names_itself = !response->via.empty() || response->proxy_field;
    if (response->status >= http_ok_first && response->status <= http_ok_last) {
        open_tunnel(occasion, state);
        return true;
    }
    http.refused = true;
    return true;
}

void StreamInspector::open_tunnel(Occasion& occasion, StreamState& state) {
    occasion.flow().proxy.make().established = true;
    state.tunnel = true;
    state.reader = StreamReader::undecided;
    state.segments = 0;
    // What the client sent without waiting is there already; whoever sends next decides.
    Occasion far{occasion.state, other(occasion.side), occasion.at, false, false};
    read(far, state);
    state.streams[far.side].settle();
}

void StreamInspector::note_tunnel_payload(const Occasion& occasion) {
    facts::ProxyFacts& proxy = occasion.flow().proxy.make();
    facts::PacketMark& mark = occasion.outbound() ? proxy.client_payload : proxy.server_payload;
    mark = mark ? mark : occasion.at;
}

bool StreamInspector::read_dns(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    const bool lost = stream.take_gap();
    const auto message = proto::next_framed_message(stream.readable());
    if (!message && !lost) {
        return false;
    }
    if (!message || !datagrams_.dns().message(occasion, message->message, facts::Transport::tcp)) {
        finish(state);
        return false;
    }
    stream.consume(message->consumed);
    return true;
}

bool StreamInspector::read_turn(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    if (stream.take_gap()) {
        context_.problems.count("turn", "gap in the stream");
    }
    const base::Bytes bytes = stream.readable();
    if (proto::classify_datagram(bytes) == proto::DatagramKind::turn_channel) {
        const auto data = proto::decode_channel_data(bytes, proto::ChannelPadding::required_on_tcp);
        if (data) {
            datagrams_.channel_data(occasion, data->payload);
            stream.consume(data->consumed);
            return true;
        }
        return false;
    }
    const auto message = proto::decode_stun(bytes);
    if (message) {
        datagrams_.stun_message(occasion, *message);
        stream.consume(message->consumed());
        return true;
    }
    if (message.error() == base::ParseError::truncated) {
        return false;
    }
    // Out of step, after a gap or because this is a connection of RFC 6062 to the peer: what begins
    // with the next segment may be readable again.
    context_.problems.count("turn", message.error());
    stream.consume(bytes.size());
    return false;
}

bool StreamInspector::read_ms_turn(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    const bool lost = stream.take_gap();
    const base::Bytes bytes = stream.readable();
    if (bytes.size() < ms_turn_header) {
        return false;
    }
    const std::size_t length = read_u16(bytes, 2);
    if (lost || (bytes[0] != ms_turn_control && bytes[0] != ms_turn_data)) {
        stream.consume(bytes.size());
        return false;
    }
    if (bytes.size() < ms_turn_header + length) {
        return false;
    }
    const base::Bytes content = bytes.subspan(ms_turn_header, length);
    if (bytes[0] == ms_turn_data) {
        datagrams_.channel_data(occasion, content);
    } else if (const auto message = proto::decode_stun(content)) {
        datagrams_.stun_message(occasion, *message);
    } else {
        context_.problems.count("stun", message.error());
    }
    stream.consume(ms_turn_header + length);
    return true;
}

bool StreamInspector::read_framed(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    if (stream.take_gap()) {
        context_.problems.count("rfc4571", "gap in the stream");
    }
    const auto message = proto::next_framed_message(stream.readable());
    if (!message) {
        return false;
    }
    datagrams_.framed(occasion, message->message);
    stream.consume(message->consumed);
    return true;
}

// OpenVPN's packets have a length in front on TCP, as DNS messages have.
bool StreamInspector::read_openvpn(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    const bool lost = stream.take_gap();
    const auto framed = proto::next_framed_message(stream.readable());
    if (!framed && !lost) {
        return false;
    }
    if (lost || !read_openvpn_packet(occasion, framed->message, state)) {
        tls_.gap(occasion, *state.tls);
        finish(state);
        return false;
    }
    stream.consume(framed->consumed);
    if (state.tls->stopped[0] && state.tls->stopped[1]) {
        finish(state);
        return false;
    }
    return true;
}

// False: this is data, or damaged.
bool StreamInspector::read_openvpn_packet(Occasion& occasion, base::Bytes packet,
                                          StreamState& state) {
    const auto tls = proto::openvpn_tls(packet, state.openvpn_authentication);
    if (tls && !tls->empty()) {
        tls_.read(occasion, *tls, *state.tls);
    }
    return tls.has_value();
}

bool StreamInspector::read_socks(Occasion& occasion, StreamState& state) {
    flow::Stream& stream = state.streams[occasion.side];
    const bool go_on = occasion.side == state.socks.client
                           ? read_socks_client(occasion, state, stream)
                           : read_socks_server(occasion, state, stream);
    return go_on && state.reader != StreamReader::finished;
}

bool StreamInspector::read_socks_client(Occasion& occasion, StreamState& state,
                                        flow::Stream& stream) {
    SocksState& socks = state.socks;
    const base::Bytes bytes = stream.readable();
    if (socks.stage == SocksStage::greeting) {
        if (bytes[0] == 5) {
            const auto greeting = proto::decode_socks5_greeting(bytes);
            if (greeting) {
                socks.version = 5;
                socks.stage = SocksStage::method;
                stream.consume(greeting->size);
            } else if (greeting.error() != base::ParseError::truncated) {
                finish(state);
            }
            return false;
        }
        socks.version = 4;
        socks.stage = SocksStage::request;
    }
    if (socks.stage != SocksStage::request) {
        return false;  // sent without waiting for the answer; it keeps
    }
    if (socks.password_pending) {
        const auto size = proto::socks5_password_size(bytes);
        if (!size) {
            return false;
        }
        stream.consume(*size);
        return true;
    }
    const auto request = socks.version == 5 ? proto::decode_socks5_request(bytes)
                                            : proto::decode_socks4_request(bytes);
    if (!request) {
        if (request.error() != base::ParseError::truncated) {
            finish(state);
        }
        return false;
    }
    prove_client(occasion, context_.observation, true);
    facts::Flow& flow = occasion.flow();
    note_protocol(flow, facts::Protocol::socks);
    facts::ProxyFacts& proxy = flow.proxy.make();
    proxy.request = occasion.at;
    proxy.target_host = request->host.empty() ? base::to_string(request->endpoint.address)
                                              : std::string(request->host);
    proxy.target_port = request->endpoint.port;
    note_name(flow, request->host, facts::NameSource::connect);
    socks.stage = SocksStage::reply;
    stream.consume(request->size);
    return true;
}

bool StreamInspector::read_socks_server(Occasion& occasion, StreamState& state,
                                        flow::Stream& stream) {
    SocksState& socks = state.socks;
    const base::Bytes bytes = stream.readable();
    if (socks.stage == SocksStage::method) {
        const auto choice = proto::decode_socks5_method(bytes);
        if (!choice) {
            if (choice.error() != base::ParseError::truncated) {
                finish(state);
            }
            return false;
        }
        note_protocol(occasion.flow(), facts::Protocol::socks);
        socks.method = choice->method;
        constexpr std::uint8_t user_and_password = 2;  // RFC 1928 3
        socks.password_pending = choice->method == user_and_password;
        socks.stage = SocksStage::request;
        stream.consume(choice->size);
        return true;
    }
    if (socks.stage == SocksStage::request && socks.password_pending) {
        constexpr std::size_t status_size = 2;  // RFC 1929 2
        if (bytes.size() < status_size) {
            return false;
        }
        socks.password_pending = false;
        stream.consume(status_size);
        return true;
    }
    if (socks.stage != SocksStage::reply) {
        finish(state);  // no SOCKS after all
        return false;
    }
    const auto reply =
        socks.version == 5 ? proto::decode_socks5_reply(bytes) : proto::decode_socks4_reply(bytes);
    if (!reply) {
        if (reply.error() != base::ParseError::truncated) {
            finish(state);
        }
        return false;
    }
    facts::ProxyFacts& proxy = occasion.flow().proxy.make();
    proxy.response = occasion.at;
    proxy.status =
        reply->granted() ? socks_granted : static_cast<std::uint16_t>(socks_refused + reply->code);
    stream.consume(reply->size);
    if (reply->granted()) {
        open_tunnel(occasion, state);
        return true;
    }
    finish(state);
    return false;
}

void StreamInspector::end(FlowState& state) {
    if (!state.tcp || !state.tcp->reading) {
        return;
    }
    StreamState& reading = *state.tcp->reading;
    if (reading.tls) {
        for (const Side side : {Side{0}, Side{1}}) {
            const facts::Direction direction = state.direction_of(side);
            const facts::DirectionFacts& sent =
                direction == facts::Direction::out ? state.flow->out : state.flow->in;
            Occasion occasion{state, side, sent.last, false, false};
            if (!reading.tls->readers[side].unfinished().empty()) {
                tls_.gap(occasion, *reading.tls);
            }
        }
    }
    state.tcp->reading.reset();
}

}  // namespace turnpike::inspect
