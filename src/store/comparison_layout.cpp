// Declares the tables and views of runs that compare two captures.
#include "store/comparison_layout.h"

#include <array>

#include "store/schema.h"

namespace turnpike::store {
namespace {

constexpr std::array comparisons{
    ViewColumn{"comparison.run_id"},
    ViewColumn{"comparison.inside"},
    ViewColumn{"comparison.outside"},
    ViewColumn{"comparison.clock_offset_ms"},
    ViewColumn{"comparison.clock_uncertainty_ms"},
    ViewColumn{"comparison.drift_ppm"},
    ViewColumn{"comparison.pairs"},
    ViewColumn{"comparison.flows_joined"},
    ViewColumn{"comparison.flows_only_inside"},
    ViewColumn{"comparison.flows_only_outside"},
};

// The packets of a way that entered are those that passed, died or are unknown.
constexpr std::array crossings{
    ViewColumn{"crossing.run_id"},
    ViewColumn{"crossing.flow", "flow_id"},
    ViewColumn{"crossing.fate"},
    ViewColumn{"flow.transport"},
    ViewColumn{"flow.client_ip"},
    ViewColumn{"flow.client_port"},
    ViewColumn{"flow.server_ip"},
    ViewColumn{"flow.server_port"},
    ViewColumn{"crossing.mapped_ip"},
    ViewColumn{"crossing.mapped_port"},
    ViewColumn{"crossing.outside_server_ip"},
    ViewColumn{"crossing.outside_server_port"},
    ViewColumn{"crossing.outside_flow", "outside_flow_id"},
    ViewColumn{"crossing.mappings"},
    ViewColumn{"crossing.out_passed", "packets_out_passed"},
    ViewColumn{"crossing.out_died", "packets_out_died"},
    ViewColumn{"crossing.out_unknown", "packets_out_unknown"},
    ViewColumn{"crossing.out_made", "packets_out_made"},
    ViewColumn{"crossing.in_passed", "packets_in_passed"},
    ViewColumn{"crossing.in_died", "packets_in_died"},
    ViewColumn{"crossing.in_unknown", "packets_in_unknown"},
    ViewColumn{"crossing.in_made", "packets_in_made"},
    ViewColumn{"crossing.rewritten", "packets_rewritten"},
    ViewColumn{"crossing.icmp_made"},
    ViewColumn{"crossing.first_died_out", "first_died_out_packet"},
    ViewColumn{"crossing.first_died_out_time"},
    ViewColumn{"crossing.first_died_in", "first_died_in_packet"},
    ViewColumn{"crossing.first_died_in_time"},
    ViewColumn{"crossing.delay_out_ms"},
    ViewColumn{"crossing.longest_delay_out_ms"},
    ViewColumn{"crossing.delay_in_ms"},
    ViewColumn{"crossing.longest_delay_in_ms"},
    ViewColumn{"crossing.certificate_outside"},
};

constexpr std::array views{
    View{"comparisons", "how two captures of one call fit together", comparisons, "comparison"},
    View{"crossings", "what became of a flow between two captures", crossings,
         "crossing JOIN flow ON flow.id = crossing.flow"},
};

}  // namespace

std::string comparison_tables_sql() {
    std::string sql;
    for (const auto& table : comparison_tables()) {
        sql += creation_of(table);
    }
    return sql;
}

std::span<const View> comparison_views() noexcept {
    return views;
}

}  // namespace turnpike::store
