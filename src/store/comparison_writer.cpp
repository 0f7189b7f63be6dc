#include <fmt/core.h>

#include "store/comparison_layout.h"
#include "store/database.h"
#include "store/foreign_hands.h"
#include "store/json_list.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "store/stored_text.h"
#include "turnpike/store/comparison.h"

namespace turnpike::store {
namespace {

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
    require_own_schema(database);
    Transaction transaction(database);
    database.execute(comparison_tables());
    for (const auto& view : comparison_views()) {
        database.execute("CREATE VIEW IF NOT EXISTS " + view);
    }
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
