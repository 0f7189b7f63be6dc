// What a second capture, taken on the other side of a firewall, shows of the flows of an
// observation. Times and packet numbers are those of the capture that is named beside them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"

namespace turnpike::facts {

/// Packets of one kind and direction between two captures. A packet enters on the side of its
/// sender and leaves on the other; `entered` is the sum of what passed, died and is unknown.
struct Passage {
    std::uint64_t entered = 0;
    std::uint64_t passed = 0;   ///< found again on the other side
    std::uint64_t died = 0;     ///< not found, though the other side was recorded at the time
    std::uint64_t unknown = 0;  ///< not found, and the other side was not recorded at the time
    std::uint64_t made = 0;     ///< left without having entered: something in between sent them
};

/// One direction of a flow between two captures.
struct Way {
    Passage packets;
    Passage payload;        ///< of them those that carry payload
    PacketMark first_died;  ///< in the capture on the side of the sender
    PacketMark last_died;
    std::uint64_t died_at_end = 0;  ///< how many of the last packets died, none between passing
    PacketMark died_since;          ///< the first of those
    PacketMark last_passed;
    std::uint64_t rewritten = 0;          ///< passed with another payload
    std::optional<base::Duration> delay;  ///< median of what passed, the clocks' offset taken out
    std::optional<base::Duration> longest_delay;  ///< of a packet that passed, likewise
};

/// How a flow looks on the outside: what address translation made of it, and from when on.
struct Mapping {
    std::uint64_t flow = 0;  ///< Flow::id in the outer capture
    base::Endpoint client;
    base::Endpoint server;
    base::Timestamp since;  ///< by the inner capture's clock
};

/// What became of one flow of the inner capture.
struct Crossing {
    std::vector<Mapping> mappings;  ///< in order of time; empty: nothing of it was seen outside
    Way out;                        ///< enters inside
    Way in;                         ///< enters outside
    /// Numbers of packets towards the client in the inner capture that nobody outside had sent, in
    /// ascending order: answers of something in between.
    std::vector<std::uint64_t> made_in;
    /// Indexes into Observation::icmp of the inner capture: errors that nobody outside had sent.
    std::vector<std::uint32_t> icmp_made;
    bool outside_recorded = false;  ///< the outer capture went on while the flow did
    /// The two sides are connections of their own: what was said on one was said anew on the other.
    bool rebuilt = false;
    std::string certificate_outside;  ///< issuer of the certificate that the server really sent,
                                      ///< where the client got another one
    /// Of a flow to a proxy: the outer capture shows an attempt at the place that the proxy was
    /// asked for.
    bool target_tried = false;

    /// Whether `made_in` names this packet; false for no packet.
    [[nodiscard]] bool made(const PacketMark& mark) const noexcept;
};

/// How two captures of the same traffic fit together.
struct Comparison {
    base::Duration clock_offset{};       ///< outer clock minus inner clock, at `at`
    base::Duration clock_uncertainty{};  ///< the offset is right within so much
    double drift = 0;                    ///< the outer clock gains so many seconds a second
    base::Timestamp at;                  ///< by the inner clock
    std::uint64_t pairs = 0;             ///< packets that the estimate rests on
    std::uint64_t flows_joined = 0;      ///< of the inner capture
    std::uint64_t flows_only_inside = 0;
    std::uint64_t flows_only_outside = 0;
    std::vector<Crossing> crossings;  ///< in the order of the inner Observation::flows
};

}  // namespace turnpike::facts
