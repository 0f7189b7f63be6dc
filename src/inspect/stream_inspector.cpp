// Gives each direction's octets to the reader of its protocol, once that is recognised.
#include "stream_inspector.h"

#include <utility>

#include "streams/recognition.h"

namespace turnpike::inspect {
namespace {

using Next = Progress::Next;

// Enough octets for every probe: the longest looks at a TLS record with its first message header.
constexpr std::size_t enough_to_decide = 64;
// Segments looked at in vain before a connection counts as unknown.
constexpr std::uint16_t most_undecided = 16;
// In the middle of a connection a new request or handshake may begin with any segment.
constexpr std::uint8_t most_late_tries = 64;

void finish(StreamState& state) noexcept {
    state.finished = true;
    state.streams[0].clear();
    state.streams[1].clear();
}

void note_tunnel_payload(const PayloadContext& payload) {
    facts::ProxyFacts& proxy = payload.flow().rare.make().proxy.make();
    facts::PacketMark& mark = payload.from_client() ? proxy.client_payload : proxy.server_payload;
    mark = mark ? mark : payload.at;
}

}  // namespace

void StreamInspector::synchronize(Side side, TcpConnection& connection) noexcept {
    if (!connection.reading) {
        if (!connection.over) {
            connection.late_tries = 0;  // what follows a SYN is read, whatever was read before
        }
        return;
    }
    flow::Stream& stream = connection.reading->streams[side];
    if (const auto first = connection.tracker.first_octet(side); first && !stream.started()) {
        stream.start(*first);
    }
}

void StreamInspector::begin(TcpConnection& connection) {
    connection.reading = std::make_unique<StreamState>(context_.pool);
    synchronize(0, connection);
    synchronize(1, connection);
}

void StreamInspector::segment(const PayloadContext& payload, const wire::Packet& packet,
                              TcpConnection& connection) {
    if (!connection.reading) {
        const bool begins_here =
            connection.tracker.first_octet(0) || connection.tracker.first_octet(1);
        const bool was_read =
            connection.over || connection.late_tries > 0 || (connection.closed && !begins_here);
        if (was_read && !begins_late(payload, packet.payload, connection)) {
            return;
        }
        begin(connection);
    }
    StreamState& state = *connection.reading;
    const auto is_done = [&] { return state.reader && state.reader->is_done_with(payload.side); };
    if (is_done()) {
        return;
    }
    flow::Stream& stream = state.streams[payload.side];
    const bool syn = packet.tcp.has(wire::tcp_flag::syn);
    const std::uint32_t begin = packet.tcp.sequence + (syn ? 1U : 0U);
    if (!stream.started()) {
        stream.start(begin);
    }
    if (packet.cut()) {
        payload.flow().cut_before_decision = true;
    }
    const std::uint64_t refused = context_.pool.refused();
    if (stream.add(begin, packet.payload, packet.payload_length,
                   connection.tracker.acknowledged(payload.side))) {
        read(payload, state);
    }
    stream.settle();
    if (context_.pool.refused() != refused) {
        context_.problems.count("tcp", "reassembly memory full", context_.pool.refused() - refused);
    }
    if (packet.cut() && state.reader && !is_done()) {
        state.reader->break_off(payload);
    }
    if (state.finished) {
        connection.reading.reset();
        connection.late_tries = 1;
    } else if (is_done()) {
        stream.clear();
    }
}

bool StreamInspector::begins_late(const PayloadContext& payload, base::Bytes octets,
                                  TcpConnection& connection) {
    const facts::Flow& flow = payload.flow();
    if (connection.over || !flow.tcp->midstream || connection.late_tries > most_late_tries ||
        connection.closed || flow.tls->client_hello || flow.rare->http->request) {
        return false;
    }
    ++connection.late_tries;
    const Beginning beginning{payload, octets};
    const StreamProtocol* const protocol = recognize(beginning);
    if (protocol != nullptr && protocol->note != nullptr) {
        protocol->note(beginning);
    }
    return protocol != nullptr && protocol->may_begin_late;
}

// By turns, and not one inside the other: whoever nests proxy in proxy decides how many turns there
// are.
void StreamInspector::read(const PayloadContext& payload, StreamState& state) {
    const PayloadContext far{payload.state, other(payload.side), payload.at};
    bool waits = read_end(payload, state);
    while (waits) {
        const bool far_goes_on = read_end(far, state);
        state.streams[far.side].settle();
        waits = read_end(payload, state) || far_goes_on;
    }
}

bool StreamInspector::read_end(const PayloadContext& payload, StreamState& state) {
    flow::Stream& stream = state.streams[payload.side];
    while (!state.finished && !stream.readable().empty()) {
        if (state.tunnel) {
            note_tunnel_payload(payload);
        }
        if (!state.reader && !find_reader(payload, state)) {
            return false;
        }
        const bool gap = stream.take_gap();
        const Progress progress = state.reader->read(payload, stream.readable(), gap);
        stream.consume(progress.consumed);
        switch (progress.next) {
            case Next::more:
                break;
            case Next::turn:
                return true;
            case Next::wait:
                return false;
            case Next::finish:
                finish(state);
                return false;
            case Next::protocol:
                state.reader.reset();
                break;
            case Next::tunnel:
                enter_tunnel(payload, state);
                return true;
        }
    }
    return false;
}

// False: not with these octets, or nobody needs to read on.
bool StreamInspector::find_reader(const PayloadContext& payload, StreamState& state) {
    flow::Stream& stream = state.streams[payload.side];
    static_cast<void>(stream.take_gap());
    const base::Bytes octets = stream.readable();
    // What the snap length leaves of a record has to do.
    const Beginning beginning{payload, octets, payload.flow().tcp->midstream || payload.cut};
    if (const StreamProtocol* const protocol = recognize(beginning); protocol != nullptr) {
        if (protocol->note != nullptr) {
            protocol->note(beginning);
        }
        if (protocol->make != nullptr) {
            state.reader = protocol->make(beginning, context_, messages_);
        }
        state.finished = state.reader == nullptr;
        return !state.finished;
    }
    ++state.segments;
    if (octets.size() >= enough_to_decide || state.segments > most_undecided) {
        // This side says nothing that anybody knows. The other one may: a banner precedes some
        // protocols, and one direction may be damaged.
        stream.clear();
        stream.start(stream.next());
        if (state.segments > most_undecided || !state.streams[other(payload.side)].started()) {
            finish(state);
        }
    }
    return false;
}

// What the other end sent without waiting is there already; whoever sends next decides.
void StreamInspector::enter_tunnel(const PayloadContext& payload, StreamState& state) {
    state.reader.reset();
    payload.flow().rare.make().proxy.make().established = true;
    state.tunnel = true;
    state.segments = 0;
}

void StreamInspector::end(FlowState& state) {
    if (!state.tcp || !state.tcp->reading) {
        return;
    }
    if (StreamReader* const reader = state.tcp->reading->reader.get(); reader != nullptr) {
        for (const Side side : {Side{0}, Side{1}}) {
            reader->break_off({state, side, state.flow->ends[side].last});
        }
    }
    state.tcp->reading.reset();
    state.tcp->over = true;
}

}  // namespace turnpike::inspect
