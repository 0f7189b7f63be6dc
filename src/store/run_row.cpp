#include "store/run_row.h"

#include "store/row_values.h"

namespace turnpike::store {

void write_quality(Database& database, Batch& batch, std::int64_t run,
                   const facts::CaptureQuality& quality, KnownRows& problems) {
    Statement update(
        database,
        "UPDATE run SET first_packet = ?, last_packet = ?, packets = ?, bytes = ?, dropped = ?, "
        "malformed = ?, duplicate = ?, cut = ?, ip_packets = ?, non_ip = ?, fragments = ?, "
        "backward_steps = ?, cut_off = ?, copying = ?, unseen = ? WHERE run_id = ?");
    update.run(micros(quality.first), micros(quality.last), quality.packets, quality.bytes,
               quality.dropped, quality.malformed, quality.duplicates, quality.cut,
               quality.ip_packets, quality.non_ip, quality.fragments, quality.backward_steps,
               quality.cut_off, quality.copying, quality.unseen_octets, run);
    KnownTable rows(database, batch, run, "decode_problem", problems);
    std::uint64_t number = 0;
    for (const auto& entry : quality.problems) {
        rows.put_at(++number, entry.protocol, entry.reason, entry.count);
    }
    rows.remove_rest();
}

void write_counts(Database& database, std::int64_t run, const FlowCounts& counts,
                  const verdict::RunResult& result) {
    Statement update(database,
                     "UPDATE run SET flows = ?, flows_passed = ?, flows_blocked = ?, "
                     "flows_inconclusive = ?, one_sided = ?, answered = ? WHERE run_id = ?");
    update.run(counts.passed + counts.blocked + counts.inconclusive, counts.passed, counts.blocked,
               counts.inconclusive, result.one_sided, result.any_answer, run);
}

void write_complete(Database& database, std::int64_t run, bool complete) {
    Statement update(database, "UPDATE run SET complete = ? WHERE run_id = ?");
    update.run(complete, run);
}

}  // namespace turnpike::store
