// The state of a TCP flow: its story and, while somebody reads them, its two streams.
#pragma once

#include <array>
#include <memory>

#include "context.h"
#include "streams/stream_reader.h"
#include "tcp_tracker.h"

namespace turnpike::inspect {

/// The streams while somebody reads them, or may; gone once that is over.
struct StreamState {
    explicit StreamState(flow::BufferPool& pool)
        : streams{flow::Stream{pool}, flow::Stream{pool}} {}

    std::array<flow::Stream, 2> streams;   ///< by side
    std::unique_ptr<StreamReader> reader;  ///< null: the protocol is not known yet
    bool finished = false;                 ///< nothing more needs to be read
    bool tunnel = false;                   ///< inside a proxy's tunnel
    std::uint16_t segments = 0;            ///< with payload, while undecided
};

/// Three things are kept by side, each for as long as it is needed: the facts outlive the flow, the
/// tracker follows to its end, and the streams go as soon as nobody reads them.
struct TcpConnection {
    TcpTracker tracker;
    std::unique_ptr<StreamState> reading;
    bool closed = false;          ///< reset, or finished by both sides
    bool over = false;            ///< nothing of it is read any more
    std::uint8_t late_tries = 0;  ///< segments looked at after nobody knew the stream
};

/// What is kept of a connection that was closed a while ago: enough to go on with stragglers.
struct RestingConnection {
    explicit RestingConnection(const TcpConnection& connection) noexcept
        : positions(connection.tracker.positions()),
          over(connection.over),
          late_tries(connection.late_tries) {}

    /// The connection again, closed.
    [[nodiscard]] std::unique_ptr<TcpConnection> wake() const {
        return std::make_unique<TcpConnection>(
            TcpConnection{TcpTracker(positions), nullptr, true, over, late_tries});
    }

    TcpTracker::Positions positions;
    bool over = false;
    std::uint8_t late_tries = 0;
};

}  // namespace turnpike::inspect
