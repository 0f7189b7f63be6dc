#include "store/comparison_layout.h"

namespace turnpike::store {

// `mappings` is a JSON list; the packets of a way that entered are those that passed, died or are
// unknown.
std::string comparison_tables() {
    return R"sql(
CREATE TABLE IF NOT EXISTS comparison(
    run_id INTEGER PRIMARY KEY REFERENCES run, inside TEXT NOT NULL, outside TEXT NOT NULL,
    clock_offset_ms REAL NOT NULL, clock_uncertainty_ms REAL NOT NULL, drift_ppm REAL NOT NULL,
    pairs INTEGER NOT NULL, flows_joined INTEGER NOT NULL, flows_only_inside INTEGER NOT NULL,
    flows_only_outside INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS crossing(
    flow INTEGER PRIMARY KEY REFERENCES flow, run_id INTEGER NOT NULL REFERENCES run,
    fate TEXT NOT NULL, outside_flow INTEGER, mapped_ip TEXT, mapped_port INTEGER,
    outside_server_ip TEXT, outside_server_port INTEGER, mappings TEXT,
    out_passed INTEGER NOT NULL, out_died INTEGER NOT NULL, out_unknown INTEGER NOT NULL,
    out_made INTEGER NOT NULL, in_passed INTEGER NOT NULL, in_died INTEGER NOT NULL,
    in_unknown INTEGER NOT NULL, in_made INTEGER NOT NULL, rewritten INTEGER NOT NULL,
    icmp_made INTEGER NOT NULL, first_died_out INTEGER, first_died_out_time TEXT,
    first_died_in INTEGER, first_died_in_time TEXT, delay_out_ms REAL, longest_delay_out_ms REAL,
    delay_in_ms REAL, longest_delay_in_ms REAL, certificate_outside TEXT
) STRICT;
)sql";
}

std::array<std::string, 2> comparison_views() {
    return {R"sql(comparisons AS SELECT run_id, inside, outside, clock_offset_ms,
    clock_uncertainty_ms, drift_ppm, pairs, flows_joined, flows_only_inside, flows_only_outside
    FROM comparison)sql",
            R"sql(crossings AS SELECT c.run_id, c.flow & 0xffffffff AS flow_id, c.fate,
    f.transport, f.client_ip, f.client_port, f.server_ip, f.server_port, c.mapped_ip, c.mapped_port,
    c.outside_server_ip, c.outside_server_port, c.outside_flow AS outside_flow_id, c.mappings,
    c.out_passed AS packets_out_passed, c.out_died AS packets_out_died,
    c.out_unknown AS packets_out_unknown, c.out_made AS packets_out_made,
    c.in_passed AS packets_in_passed, c.in_died AS packets_in_died,
    c.in_unknown AS packets_in_unknown, c.in_made AS packets_in_made,
    c.rewritten AS packets_rewritten, c.icmp_made, c.first_died_out AS first_died_out_packet,
    c.first_died_out_time, c.first_died_in AS first_died_in_packet, c.first_died_in_time,
    c.delay_out_ms, c.longest_delay_out_ms, c.delay_in_ms, c.longest_delay_in_ms,
    c.certificate_outside
    FROM crossing c JOIN flow f ON f.id = c.flow)sql"};
}

}  // namespace turnpike::store
