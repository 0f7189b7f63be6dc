// What a live run looks like just now: filled once a second, shown by every display.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"

namespace turnpike::monitor {

/// Sums since the run began, in 64 bits.
struct Counters {
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;  ///< of the frames as they were on the wire
    std::uint64_t dropped_by_kernel = 0;
    std::uint64_t dropped_by_interface = 0;
    std::uint64_t dropped_by_turnpike = 0;  ///< facts that found no room in memory or on disk
    std::uint64_t unseen_octets = 0;        ///< acknowledged by the far side, never seen here
    std::uint64_t duplicates = 0;
    std::uint64_t malformed = 0;
    std::uint64_t flows_active = 0;  ///< now
    std::uint64_t flows_finished = 0;
    std::uint64_t flows_passed = 0;  ///< by their present verdict, finished or not
    std::uint64_t flows_blocked = 0;
    std::uint64_t flows_inconclusive = 0;
    std::uint64_t resident_octets = 0;  ///< memory of the process
};

/// How often a protocol could not be decoded for a reason. Words as in the view `decode_problems`.
struct DecodeProblem {
    std::string protocol;
    std::string reason;
    std::uint64_t count = 0;
};

/// One requirement as it stands. Words as in the database views; empty where absent.
struct RequirementState {
    std::string vendor;
    std::string product;
    std::string revision;
    std::string rule_id;
    std::string purpose;
    std::string level;
    std::string transport;
    std::string ports;
    std::string destination;
    std::string status;
    std::string block_reason;
    std::string stage;
    std::string grade;
    std::string inconclusive_reason;
    std::uint64_t passed = 0;
    std::uint64_t blocked = 0;
    std::uint64_t undecided = 0;
    std::optional<base::Timestamp> first_seen;
    std::optional<base::Timestamp> last_seen;
    std::string evidence;  ///< the newest flow or query that carries the status, in words
    std::optional<base::Timestamp> changed;  ///< when the status last changed
};

/// A requirement whose status (or reason) is no longer what it was.
struct StatusChange {
    base::Timestamp time;
    std::string from;             ///< status before; empty: none was told yet
    std::size_t requirement = 0;  ///< index into State::requirements
};

/// A flow that ended, with its last verdict. Words as in the view `flows`.
struct FinishedFlow {
    std::uint64_t flow_id = 0;
    std::string transport;
    base::Endpoint client;
    base::Endpoint server;
    base::Timestamp first_seen;
    base::Timestamp last_seen;
    std::uint64_t packets_out = 0;
    std::uint64_t packets_in = 0;
    std::uint64_t bytes_out = 0;  ///< octets of IP packets, as in the view
    std::uint64_t bytes_in = 0;
    std::string protocol;
    std::string server_name;
    std::string outcome;
    std::string block_reason;
    std::string stage;
    std::string grade;
    std::string inconclusive_reason;
    std::string vendor;
    std::string product;
    std::string revision;
    std::string rule_id;
    std::string confidence;
};

/// One second's view of the run. Owns all its texts, so it may go to another thread.
struct State {
    std::string source;       ///< "eth0, eth1"
    std::string database;     ///< path
    base::Timestamp started;  ///< wall clock
    base::Timestamp now;      ///< wall clock
    Counters counters;
    std::vector<DecodeProblem> problems;
    std::vector<RequirementState> requirements;
    std::vector<StatusChange> changes;      ///< since the last State
    std::vector<FinishedFlow> finished;     ///< since the last State
    std::vector<std::string> notices;       ///< new since the last State: interface down, disk full
    std::vector<std::string> warnings;      ///< what limits all verdicts now: loss, one-sided ...
    std::vector<std::string> alternatives;  ///< "works, but over the fallback: ..."
    std::string trouble;                    ///< why nothing is stored just now; empty: all is well
};

}  // namespace turnpike::monitor
