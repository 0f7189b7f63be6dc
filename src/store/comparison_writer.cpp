#include <fmt/core.h>

#include "store/database.h"
#include "store/json_list.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "store/stored_text.h"
#include "turnpike/store/comparison.h"

namespace turnpike::store {
namespace {

// Made only where two captures are compared, so that no layout changes for others. `mappings` is a
// JSON list; the packets of a way that entered are those that passed, died or are unknown.
constexpr std::string_view tables = R"sql(
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
CREATE VIEW IF NOT EXISTS comparisons AS SELECT run_id, inside, outside, clock_offset_ms,
    clock_uncertainty_ms, drift_ppm, pairs, flows_joined, flows_only_inside, flows_only_outside
    FROM comparison;
CREATE VIEW IF NOT EXISTS crossings AS SELECT c.run_id, c.flow & 0xffffffff AS flow_id, c.fate,
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
    FROM crossing c JOIN flow f ON f.id = c.flow;
)sql";

double milliseconds(base::Duration duration) noexcept {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::optional<double> milliseconds(const std::optional<base::Duration>& duration) noexcept {
    return duration ? std::optional{milliseconds(*duration)} : std::nullopt;
}

std::optional<std::uint64_t> number(const facts::PacketMark& mark) noexcept {
    return or_null_if_zero(mark.number);
}

/// Where the flow first appears outside; NULL where it never does.
struct Outside {
    std::optional<std::uint64_t> flow;
    std::optional<std::string> client_ip;
    std::optional<std::uint16_t> client_port;
    std::optional<std::string> server_ip;
    std::optional<std::uint16_t> server_port;

    explicit Outside(const facts::Crossing& crossing) {
        if (!crossing.mappings.empty()) {
            const auto& first = crossing.mappings.front();
            flow = first.flow;
            client_ip = to_string(first.client.address);
            client_port = first.client.port;
            server_ip = to_string(first.server.address);
            server_port = first.server.port;
        }
    }
};

/// Each address that the client had outside and since when, if it had more than one.
void list_mappings(const facts::Crossing& crossing, JsonList& list) {
    list.clear();
    if (crossing.mappings.size() <= 1) {
        return;
    }
    for (const auto& mapping : crossing.mappings) {
        list.add(
            fmt::format("{} {}", base::format_iso8601(mapping.since), to_string(mapping.client)));
    }
}

std::optional<std::string> time_of(const facts::PacketMark& mark) {
    return mark ? std::optional{base::format_iso8601(mark.time)} : std::nullopt;
}

void write_crossings(Database& database, const ComparedRun& compared) {
    Statement insert(database,
                     "INSERT INTO crossing VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
                     "?,?,?,?)");
    JsonList mappings;
    std::string clean;
    for (std::size_t i = 0; i < compared.comparison.crossings.size(); ++i) {
        const auto& crossing = compared.comparison.crossings[i];
        const auto& out = crossing.out;
        const auto& in = crossing.in;
        const Outside outside(crossing);
        list_mappings(crossing, mappings);
        insert.run(
            row_key(compared.run, compared.observation.flows[i].id), compared.run,
            to_string(compared.fates[i]), outside.flow, outside.client_ip, outside.client_port,
            outside.server_ip, outside.server_port, or_null(mappings.text()), out.packets.passed,
            out.packets.died, out.packets.unknown, out.packets.made, in.packets.passed,
            in.packets.died, in.packets.unknown, in.packets.made, out.rewritten + in.rewritten,
            crossing.icmp_made.size(), number(out.first_died), time_of(out.first_died),
            number(in.first_died), time_of(in.first_died), milliseconds(out.delay),
            milliseconds(out.longest_delay), milliseconds(in.delay), milliseconds(in.longest_delay),
            or_null(stored_text(crossing.certificate_outside, clean)));
    }
}

}  // namespace

void write_comparison(const std::filesystem::path& path, const ComparedRun& compared) {
    Database database(path, Access::read_write);
    Transaction transaction(database);
    database.execute(std::string(tables));
    std::string inside;
    std::string outside;
    const auto& comparison = compared.comparison;
    Statement insert(database, "INSERT INTO comparison VALUES(?,?,?,?,?,?,?,?,?,?)");
    insert.run(compared.run, stored_text(compared.inside, inside),
               stored_text(compared.outside, outside), milliseconds(comparison.clock_offset),
               milliseconds(comparison.clock_uncertainty), comparison.drift * 1e6, comparison.pairs,
               comparison.flows_joined, comparison.flows_only_inside,
               comparison.flows_only_outside);
    write_crossings(database, compared);
    transaction.commit();
}

}  // namespace turnpike::store
