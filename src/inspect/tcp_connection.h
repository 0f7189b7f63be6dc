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

}  // namespace turnpike::inspect
