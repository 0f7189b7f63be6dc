// The table of runs, which is filled in steps, and that of messages that could not be decoded. A
// new column is a line here; one that people may read is a line in views.cpp as well.
#pragma once

#include <cstdint>

#include "store/columns.h"
#include "store/row_values.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/live_writer.h"
#include "turnpike/store/writer.h"
#include "turnpike/verdict/result.h"

namespace turnpike::store {

inline constexpr std::string_view run_table = "run";
inline constexpr std::string_view run_key = "run_id";

/// Known when the run begins.
inline constexpr auto run_start_columns =
    columns(column("started", "INTEGER NOT NULL", holds::time, "when the analysis began",
                   [](const RunStart& start) { return micros(start.started_at); }),
            column("source", "TEXT NOT NULL", holds::text, "what was read",
                   [](const RunStart& start) { return Unclean{start.source}; }),
            column("version", "TEXT NOT NULL", holds::text, "the program that wrote it",
                   [](const RunStart& start) -> auto& { return start.version; }),
            column("selectors", "TEXT NOT NULL", holds::text,
                   "of `--require`, joined by `, `; empty: every current revision",
                   [](const RunStart& start) -> auto& { return start.selectors; }));

/// Known when the run has ended.
inline constexpr auto run_end_columns =
    columns(column("complete", "INTEGER NOT NULL DEFAULT 0", holds::flag, "the run ended cleanly",
                   [](bool complete) { return complete; }));

inline constexpr std::string_view counter = "INTEGER NOT NULL DEFAULT 0";

/// How far the capture can be trusted.
inline constexpr auto run_quality_columns =
    columns(column("first_packet", "INTEGER", holds::time, "the first packet",
                   [](const facts::CaptureQuality& q) { return micros(q.first); }),
            column("last_packet", "INTEGER", holds::time, "the last packet",
                   [](const facts::CaptureQuality& q) { return micros(q.last); }),
            column("packets", counter, holds::integer, "all that were read",
                   [](const facts::CaptureQuality& q) { return q.packets; }),
            column("bytes", counter, holds::integer, "of those packets on the wire",
                   [](const facts::CaptureQuality& q) { return q.bytes; }),
            column("dropped", counter, holds::integer, "that the capture itself reports as lost",
                   [](const facts::CaptureQuality& q) { return q.dropped; }),
            column("malformed", counter, holds::integer, "that no decoder could read",
                   [](const facts::CaptureQuality& q) { return q.malformed; }),
            column("duplicate", counter, holds::integer, "mirror copies set aside",
                   [](const facts::CaptureQuality& q) { return q.duplicates; }),
            column("cut", counter, holds::integer, "cut by the snap length",
                   [](const facts::CaptureQuality& q) { return q.cut; }),
            column("ip_packets", counter, holds::integer, "that carried IP",
                   [](const facts::CaptureQuality& q) { return q.ip_packets; }),
            column("non_ip", counter, holds::integer, "that did not",
                   [](const facts::CaptureQuality& q) { return q.non_ip; }),
            column("fragments", counter, holds::integer, "IP fragments",
                   [](const facts::CaptureQuality& q) { return q.fragments; }),
            column("backward_steps", counter, holds::integer,
                   "times at which the clock of the capture went back",
                   [](const facts::CaptureQuality& q) { return q.backward_steps; }),
            column("cut_off", counter, holds::flag, "the input broke off",
                   [](const facts::CaptureQuality& q) { return q.cut_off; }),
            column("copying", counter, holds::flag, "the capture held mirror copies",
                   [](const facts::CaptureQuality& q) { return q.copying; }),
            column("unseen", counter, holds::integer,
                   "acknowledged and never seen: the mirror misses packets",
                   [](const facts::CaptureQuality& q) { return q.unseen_octets; }));

struct RunCounts {
    const FlowCounts& flows;
    const verdict::RunResult& result;
};
/// What the verdicts add up to.
inline constexpr auto run_count_columns = columns(
    column("one_sided", counter, holds::flag, "of some clients only one direction is visible",
           [](const RunCounts& c) { return c.result.one_sided; }),
    column(
        "flows", counter, holds::integer, "all flows",
        [](const RunCounts& c) { return c.flows.passed + c.flows.blocked + c.flows.inconclusive; }),
    column("flows_passed", counter, holds::integer, "of them passed",
           [](const RunCounts& c) { return c.flows.passed; }),
    column("flows_blocked", counter, holds::integer, "of them blocked",
           [](const RunCounts& c) { return c.flows.blocked; }),
    column("flows_inconclusive", counter, holds::integer, "of them neither",
           [](const RunCounts& c) { return c.flows.inconclusive; }),
    column("answered", "INTEGER NOT NULL DEFAULT 1", holds::flag,
           "some packet of some flow came back",
           [](const RunCounts& c) { return c.result.any_answer; }));

struct ProblemEntry {
    const facts::DecodeCount& count;
    std::int64_t key = 0;
    std::int64_t run = 0;
};
inline constexpr auto decode_problem_table =
    table("decode_problem", id_column, run_column,
          column("protocol", "TEXT NOT NULL", holds::text, "which",
                 [](const ProblemEntry& e) -> auto& { return e.count.protocol; }),
          column("reason", "TEXT NOT NULL", holds::text, "why",
                 [](const ProblemEntry& e) -> auto& { return e.count.reason; }),
          column("count", "INTEGER NOT NULL", holds::integer, "how many",
                 [](const ProblemEntry& e) { return e.count.count; }));

}  // namespace turnpike::store
