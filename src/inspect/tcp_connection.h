// The state of a TCP flow: its story and, while somebody reads them, its two streams.
#pragma once

#include <array>
#include <memory>

#include "context.h"
#include "tcp_tracker.h"
#include "tls_inspector.h"

namespace turnpike::inspect {

/// Who reads a connection's streams.
enum class StreamReader : std::uint8_t {
    undecided,
    tls,
    http,
    dns,      ///< messages with a length in front (RFC 1035 4.2.2)
    turn,     ///< STUN messages and ChannelData (RFC 8656 12.5)
    ms_turn,  ///< the same behind Microsoft's framing
    framed,   ///< datagrams with a length in front (RFC 4571)
    socks,
    openvpn,   ///< its control channel, with TLS inside
    finished,  ///< nobody, any more
};

/// How far an HTTP exchange, perhaps with a proxy, has come.
struct HttpState {
    Side client = 0;
    bool request_seen = false;
    bool response_seen = false;
    bool connect = false;  ///< the last request was a CONNECT, not answered yet
    bool refused = false;  ///< the last CONNECT was; another request may follow
};

/// SOCKS (RFC 1928): what is awaited next.
enum class SocksStage : std::uint8_t { greeting, method, request, reply };
struct SocksState {
    Side client = 0;
    std::uint8_t version = 5;
    std::uint8_t method = 0;
    bool password_pending = false;
    SocksStage stage = SocksStage::greeting;
};

/// What reads the streams; gone once that is over.
struct StreamState {
    explicit StreamState(flow::BufferPool& pool)
        : streams{flow::Stream{pool}, flow::Stream{pool}} {}

    std::array<flow::Stream, 2> streams;  ///< by side
    StreamReader reader = StreamReader::undecided;
    bool tunnel = false;         ///< inside a proxy's tunnel
    std::uint16_t segments = 0;  ///< with payload, while undecided
    HttpState http;
    SocksState socks;
    std::unique_ptr<TlsState> tls;
    std::size_t openvpn_authentication = 0;  ///< octets in each packet (proto/openvpn.h)
};

struct TcpConnection {
    TcpTracker tracker;
    std::unique_ptr<StreamState> reading;
    bool closed = false;          ///< reset, or finished by both sides
    std::uint8_t late_tries = 0;  ///< segments looked at after nobody knew the stream
};

}  // namespace turnpike::inspect
