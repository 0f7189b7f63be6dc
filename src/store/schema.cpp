#include "store/schema.h"

#include <fmt/core.h>

#include <array>

namespace turnpike::store {
namespace {

// STRICT: a value of the wrong type is refused, not converted. Times are microseconds since 1970,
// UTC. `id` is row_key(run, number). A flow's candidates and story are JSON lists in its verdict: a
// row of its own for each took most of the time of writing.
constexpr std::string_view tables = R"sql(
CREATE TABLE run(
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    started INTEGER NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL,
    selectors TEXT NOT NULL, complete INTEGER NOT NULL DEFAULT 0,
    first_packet INTEGER, last_packet INTEGER,
    packets INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0, malformed INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0, cut INTEGER NOT NULL DEFAULT 0,
    ip_packets INTEGER NOT NULL DEFAULT 0, non_ip INTEGER NOT NULL DEFAULT 0,
    fragments INTEGER NOT NULL DEFAULT 0, backward_steps INTEGER NOT NULL DEFAULT 0,
    cut_off INTEGER NOT NULL DEFAULT 0, copying INTEGER NOT NULL DEFAULT 0,
    one_sided INTEGER NOT NULL DEFAULT 0, flows INTEGER NOT NULL DEFAULT 0,
    flows_passed INTEGER NOT NULL DEFAULT 0, flows_blocked INTEGER NOT NULL DEFAULT 0,
    flows_inconclusive INTEGER NOT NULL DEFAULT 0, unseen INTEGER NOT NULL DEFAULT 0,
    answered INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE product(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    vendor TEXT NOT NULL, product TEXT NOT NULL, revision TEXT NOT NULL,
    vendor_name TEXT NOT NULL, product_name TEXT NOT NULL, source_title TEXT NOT NULL,
    source_location TEXT NOT NULL, allow_listable INTEGER NOT NULL, use_instead TEXT NOT NULL,
    considered INTEGER NOT NULL
) STRICT;
CREATE TABLE rule(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    product INTEGER NOT NULL REFERENCES product, rule_id TEXT NOT NULL, purpose TEXT NOT NULL,
    direction TEXT NOT NULL, duplex TEXT NOT NULL, destination TEXT NOT NULL,
    alternative_group TEXT NOT NULL, alternative_branch TEXT NOT NULL, preference INTEGER NOT NULL,
    notes TEXT NOT NULL
) STRICT;
CREATE TABLE requirement(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    rule INTEGER NOT NULL REFERENCES rule, level TEXT NOT NULL, condition TEXT NOT NULL,
    transport TEXT NOT NULL, ports TEXT NOT NULL, status TEXT NOT NULL, block_reason TEXT,
    stage TEXT, grade TEXT, inconclusive_reason TEXT, flows_passed INTEGER NOT NULL,
    flows_blocked INTEGER NOT NULL, flows_inconclusive INTEGER NOT NULL, first_seen INTEGER,
    last_seen INTEGER
) STRICT;
CREATE TABLE domain(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    rule INTEGER NOT NULL REFERENCES rule, pattern TEXT NOT NULL, status TEXT NOT NULL,
    block_reason TEXT, names_seen TEXT NOT NULL, notes TEXT
) STRICT;
CREATE TABLE flow(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run, transport TEXT NOT NULL,
    client_ip TEXT NOT NULL, client_port INTEGER NOT NULL, server_ip TEXT NOT NULL,
    server_port INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    packets_out INTEGER NOT NULL, packets_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL, protocol TEXT NOT NULL
) STRICT;
CREATE TABLE flow_verdict(
    flow INTEGER PRIMARY KEY REFERENCES flow, server_name TEXT, server_name_source TEXT,
    outcome TEXT NOT NULL, block_reason TEXT, stage TEXT, grade TEXT, inconclusive_reason TEXT,
    notes TEXT, evidence TEXT, product INTEGER REFERENCES product, rule INTEGER REFERENCES rule,
    ports TEXT, confidence TEXT, matched TEXT, control_flow INTEGER,
    candidates TEXT, story TEXT
) STRICT;
CREATE TABLE flow_candidate( -- of runs before layout 4; now flow_verdict.candidates
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, rank INTEGER NOT NULL,
    product INTEGER NOT NULL REFERENCES product, rule INTEGER REFERENCES rule, ports TEXT,
    confidence TEXT NOT NULL, matched TEXT NOT NULL
) STRICT;
CREATE TABLE dns_query(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run, flow INTEGER REFERENCES flow,
    time INTEGER NOT NULL, packet INTEGER NOT NULL, client_ip TEXT NOT NULL,
    resolver_ip TEXT NOT NULL, qname TEXT NOT NULL, qtype TEXT NOT NULL, rcode TEXT,
    answers TEXT, address_hints TEXT, sends INTEGER NOT NULL, extended_error INTEGER
) STRICT;
CREATE TABLE tls_hello(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, carrier TEXT NOT NULL, sni TEXT, alpn TEXT, version TEXT,
    ech INTEGER NOT NULL, ja4 TEXT, packet INTEGER NOT NULL
) STRICT;
CREATE TABLE stun_transaction(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, time INTEGER NOT NULL, direction TEXT NOT NULL,
    method TEXT NOT NULL, outcome TEXT NOT NULL, error_code INTEGER, error_reason TEXT,
    sends INTEGER NOT NULL, rtt_ms REAL, realm TEXT, software TEXT, mapped_address TEXT,
    relayed_address TEXT, peer_address TEXT, packet INTEGER NOT NULL
) STRICT;
CREATE TABLE rtp_stream(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, direction TEXT NOT NULL, ssrc INTEGER NOT NULL,
    payload_type INTEGER NOT NULL, packets INTEGER NOT NULL, lost INTEGER NOT NULL, jitter_ms REAL,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, seconds TEXT
) STRICT;
CREATE TABLE icmp_error(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, time INTEGER NOT NULL, source_ip TEXT NOT NULL,
    icmp_version INTEGER NOT NULL, type INTEGER NOT NULL, code INTEGER NOT NULL, mtu INTEGER,
    packet INTEGER NOT NULL
) STRICT;
CREATE TABLE requirement_evidence(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    requirement INTEGER NOT NULL REFERENCES requirement, flow INTEGER REFERENCES flow,
    dns_query INTEGER REFERENCES dns_query, CHECK ((flow IS NULL) <> (dns_query IS NULL))
) STRICT;
CREATE TABLE undocumented_flow(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    product INTEGER NOT NULL REFERENCES product, flow INTEGER NOT NULL REFERENCES flow,
    what TEXT NOT NULL, detail TEXT NOT NULL, nearest INTEGER REFERENCES rule
) STRICT;
CREATE TABLE alternative(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    product INTEGER NOT NULL REFERENCES product, alternative_group TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE warning(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run, text TEXT NOT NULL
) STRICT;
CREATE TABLE decode_problem(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run, protocol TEXT NOT NULL,
    reason TEXT NOT NULL, count INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::string_view headline_table = R"sql(
CREATE TABLE IF NOT EXISTS headline(
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run, rank INTEGER NOT NULL,
    product INTEGER NOT NULL REFERENCES product, state TEXT NOT NULL, headline TEXT NOT NULL,
    advice TEXT NOT NULL
) STRICT;
)sql";

constexpr std::string_view flow_event_table = R"sql(
CREATE TABLE IF NOT EXISTS flow_event( -- of runs before layout 4; now flow_verdict.story
    id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run,
    flow INTEGER NOT NULL REFERENCES flow, packet INTEGER NOT NULL, time INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
)sql";

/// One item of the JSON list `e.value`. Not json_extract(): SQLite 3.40 does not trust it in
/// the views of a database that may be anybody's.
std::string item(int key) {
    return fmt::format("(SELECT value FROM json_each(e.value) WHERE key = {})", key);
}

// ISO 8601 UTC text with microseconds; NULL stays NULL, and times before 1970 come out right.
std::string iso(std::string_view column) {
    return fmt::format(
        "strftime('%Y-%m-%dT%H:%M:%S', ({0} - (({0} % 1000000) + 1000000) % 1000000) / 1000000, "
        "'unixepoch') || printf('.%06dZ', (({0} % 1000000) + 1000000) % 1000000)",
        column);
}

std::string run_views() {
    return fmt::format(R"sql(
CREATE VIEW runs AS SELECT run_id, {0} AS started_at, source, {1} AS first_packet,
    {2} AS last_packet, packets, bytes, dropped AS packets_dropped, malformed AS packets_malformed,
    duplicate AS packets_duplicate, complete, version AS turnpike_version, selectors,
    cut AS packets_cut, ip_packets AS packets_ip, non_ip AS packets_non_ip,
    fragments AS packets_fragments, backward_steps, cut_off, one_sided, copying, flows,
    flows_passed, flows_blocked, flows_inconclusive, unseen AS bytes_unseen, answered FROM run;
CREATE VIEW products AS SELECT p.run_id, p.vendor, p.product, p.revision, p.vendor_name,
    p.product_name, p.source_title, p.source_location, p.allow_listable, p.use_instead
    FROM product p WHERE p.considered = 1;
CREATE VIEW warnings AS SELECT run_id, text FROM warning;
CREATE VIEW decode_problems AS SELECT run_id, protocol, reason, count FROM decode_problem;
)sql",
                       iso("started"), iso("first_packet"), iso("last_packet"));
}

std::string verdict_views() {
    return fmt::format(R"sql(
CREATE VIEW requirements AS SELECT q.run_id, p.vendor, p.product, p.revision, r.rule_id, r.purpose,
    q.level, q.transport, q.ports, r.destination, q.status, q.block_reason, q.stage, q.grade,
    q.flows_passed, q.flows_blocked, q.flows_inconclusive, {0} AS first_seen, {1} AS last_seen,
    q.inconclusive_reason, q.condition, r.direction, r.duplex, r.alternative_group,
    r.alternative_branch, r.preference, r.notes
    FROM requirement q JOIN rule r ON r.id = q.rule JOIN product p ON p.id = r.product;
CREATE VIEW domains AS SELECT d.run_id, p.vendor, p.product, p.revision, r.rule_id, d.pattern,
    d.status, d.block_reason, d.names_seen, d.notes
    FROM domain d JOIN rule r ON r.id = d.rule JOIN product p ON p.id = r.product;
CREATE VIEW evidence AS SELECT e.run_id, p.vendor, p.product, p.revision, r.rule_id, q.transport,
    q.ports, f.id & 0xffffffff AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
    f.protocol, v.server_name, {2} AS first_seen, {3} AS last_seen, v.outcome, v.block_reason,
    v.stage, v.grade, v.inconclusive_reason, v.confidence, v.notes, v.evidence,
    v.control_flow AS control_flow_id
    FROM requirement_evidence e JOIN requirement q ON q.id = e.requirement
    JOIN rule r ON r.id = q.rule JOIN product p ON p.id = r.product
    JOIN flow f ON f.id = e.flow JOIN flow_verdict v ON v.flow = f.id;
CREATE VIEW dns_evidence AS SELECT e.run_id, p.vendor, p.product, p.revision, r.rule_id,
    q.transport, q.ports, d.client_ip, d.resolver_ip, d.qname, d.qtype, d.rcode, d.answers,
    {4} AS time, d.sends, d.extended_error, d.packet
    FROM requirement_evidence e JOIN requirement q ON q.id = e.requirement
    JOIN rule r ON r.id = q.rule JOIN product p ON p.id = r.product
    JOIN dns_query d ON d.id = e.dns_query;
CREATE VIEW undocumented AS SELECT u.run_id, p.vendor, p.product, p.revision, u.what, u.detail,
    r.rule_id AS nearest_rule_id, u.flow & 0xffffffff AS flow_id, f.transport, f.client_ip,
    f.client_port, f.server_ip, f.server_port, v.server_name, v.outcome, v.block_reason, v.evidence
    FROM undocumented_flow u JOIN product p ON p.id = u.product
    JOIN flow f ON f.id = u.flow JOIN flow_verdict v ON v.flow = f.id
    LEFT JOIN rule r ON r.id = u.nearest;
CREATE VIEW alternatives AS SELECT a.run_id, p.vendor, p.product, p.revision, a.alternative_group,
    a.text FROM alternative a JOIN product p ON p.id = a.product;
CREATE VIEW headlines AS SELECT h.run_id, h.rank, p.vendor, p.product, h.state, h.headline,
    h.advice, p.revision FROM headline h JOIN product p ON p.id = h.product;
)sql",
                       iso("q.first_seen"), iso("q.last_seen"), iso("f.first_seen"),
                       iso("f.last_seen"), iso("d.time"));
}

std::string fact_views() {
    return fmt::format(R"sql(
CREATE VIEW flows AS SELECT f.run_id, f.id & 0xffffffff AS flow_id, f.transport, f.client_ip,
    f.client_port, f.server_ip, f.server_port, {0} AS first_seen, {1} AS last_seen, f.packets_out,
    f.packets_in, f.bytes_out, f.bytes_in, f.protocol, v.server_name, v.server_name_source,
    v.outcome, v.block_reason, v.stage, v.grade, v.inconclusive_reason, v.notes, v.evidence,
    p.vendor, p.product, p.revision, r.rule_id, v.confidence, v.ports, v.matched,
    v.control_flow AS control_flow_id
    FROM flow f LEFT JOIN flow_verdict v ON v.flow = f.id LEFT JOIN product p ON p.id = v.product
    LEFT JOIN rule r ON r.id = v.rule;
CREATE VIEW flow_candidates AS SELECT c.run_id, c.flow & 0xffffffff AS flow_id, c.rank, p.vendor,
    p.product, p.revision, r.rule_id, c.ports, c.confidence, c.matched
    FROM (SELECT flow >> 32 AS run_id, flow, rank, product, rule,
            nullif(substr(rest, 1, instr(rest, char(9)) - 1), '') AS ports, confidence,
            substr(rest, instr(rest, char(9)) + 1) AS matched
            FROM (SELECT flow, rank, product, rule,
                substr(rest, 1, instr(rest, char(9)) - 1) AS confidence,
                substr(rest, instr(rest, char(9)) + 1) AS rest
                FROM (SELECT v.flow, CAST(substr(e.value, 1, 4) AS INTEGER) AS rank,
                    CAST(substr(e.value, 5, 19) AS INTEGER) AS product,
                    nullif(CAST(substr(e.value, 24, 19) AS INTEGER), 0) AS rule,
                    substr(e.value, 43) AS rest
                    FROM flow_verdict v, json_each(v.candidates) e))
        UNION ALL SELECT run_id, flow, rank, product, rule, ports, confidence, matched
            FROM flow_candidate) c
    JOIN product p ON p.id = c.product LEFT JOIN rule r ON r.id = c.rule;
CREATE VIEW flow_events AS SELECT run_id, flow & 0xffffffff AS flow_id, packet, {2} AS time, text
    FROM (SELECT v.flow >> 32 AS run_id, v.flow, CAST(e.value AS INTEGER) AS packet,
            CAST(substr(e.value, instr(e.value, ' ') + 1) AS INTEGER) AS time,
            substr(e.value, instr(e.value, ' ') + 18) AS text
            FROM flow_verdict v, json_each(v.story) e
        UNION ALL SELECT run_id, flow, packet, time, text FROM flow_event);
CREATE VIEW dns_queries AS SELECT run_id, {2} AS time, client_ip, resolver_ip, qname, qtype, rcode,
    answers, flow & 0xffffffff AS flow_id, address_hints, sends, extended_error, packet
    FROM dns_query;
CREATE VIEW tls_hellos AS SELECT run_id, flow & 0xffffffff AS flow_id, carrier, sni, alpn, version,
    ech, ja4, packet FROM tls_hello;
CREATE VIEW stun_transactions AS SELECT run_id, flow & 0xffffffff AS flow_id, {2} AS time, method,
    outcome, error_code, sends, rtt_ms, realm, software, mapped_address, relayed_address,
    peer_address, direction, error_reason, packet FROM stun_transaction;
CREATE VIEW rtp_streams AS SELECT run_id, flow & 0xffffffff AS flow_id, direction,
    printf('0x%08x', ssrc) AS ssrc, payload_type, packets, lost, jitter_ms, {3} AS first_seen,
    {4} AS last_seen FROM rtp_stream;
CREATE VIEW rtp_seconds AS SELECT run_id, flow & 0xffffffff AS flow_id, direction,
    printf('0x%08x', ssrc) AS ssrc, {5} AS time, {6} AS seconds,
    {7} AS packets, {8} AS bytes, {9} AS lost, {10} AS jitter_ms
    FROM rtp_stream, json_each(rtp_stream.seconds) e;
CREATE VIEW icmp_errors AS SELECT run_id, flow & 0xffffffff AS flow_id, {2} AS time, source_ip,
    icmp_version, type, code, mtu, packet FROM icmp_error;
)sql",
                       iso("f.first_seen"), iso("f.last_seen"), iso("time"), iso("first_seen"),
                       iso("last_seen"), iso(item(0)), item(1), item(2), item(3), item(4), item(5));
}

constexpr std::array<std::string_view, 20> views{
    "headlines",       "runs",         "products",     "requirements",    "domains",
    "evidence",        "dns_evidence", "undocumented", "alternatives",    "warnings",
    "decode_problems", "flows",        "dns_queries",  "tls_hellos",      "stun_transactions",
    "rtp_streams",     "rtp_seconds",  "icmp_errors",  "flow_candidates", "flow_events",
};

}  // namespace

std::string schema_sql() {
    return std::string(tables) + std::string(headline_table) + std::string(flow_event_table) +
           views_sql();
}

std::string views_sql() {
    return run_views() + verdict_views() + fact_views() +
           fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application_id,
                       layout_version);
}

std::string_view flow_event_sql() noexcept {
    return flow_event_table;
}

std::string_view headline_sql() noexcept {
    return headline_table;
}

std::span<const std::string_view> view_names() noexcept {
    return views;
}

}  // namespace turnpike::store
