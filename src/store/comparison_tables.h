// The tables of runs that compare two captures: made only in databases that hold such a run, so
// that no layout changes for others. A new column is a line here; one that people may read is a
// line in comparison_layout.cpp as well.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/columns.h"
#include "store/row_values.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/crossing.h"
#include "turnpike/store/comparison.h"
#include "turnpike/verdict/fate.h"

namespace turnpike::store {

inline double milliseconds(base::Duration duration) noexcept {
    return std::chrono::duration<double, std::milli>(duration).count();
}
inline std::optional<double> milliseconds(const std::optional<base::Duration>& duration) noexcept {
    return duration ? std::optional{milliseconds(*duration)} : std::nullopt;
}
inline std::optional<std::uint64_t> number_or_null(const facts::PacketMark& mark) noexcept {
    return or_null_if_zero(mark.number);
}
inline std::optional<std::string> time_or_null(const facts::PacketMark& mark) {
    return mark ? std::optional{base::format_iso8601(mark.time)} : std::nullopt;
}

inline constexpr auto comparison_table = table(
    "comparison",
    column("run_id", "INTEGER PRIMARY KEY REFERENCES run", holds::integer, "the run it belongs to",
           [](const ComparedRun& run) { return run.run; }),
    column("inside", "TEXT NOT NULL", holds::text, "the capture on the clients' side",
           [](const ComparedRun& run) { return Unclean{run.inside}; }),
    column("outside", "TEXT NOT NULL", holds::text, "the capture behind the firewall",
           [](const ComparedRun& run) { return Unclean{run.outside}; }),
    column("clock_offset_ms", "REAL NOT NULL", holds::real, "outer clock minus inner clock",
           [](const ComparedRun& run) { return milliseconds(run.comparison.clock_offset); }),
    column("clock_uncertainty_ms", "REAL NOT NULL", holds::real,
           "the offset is right within so much",
           [](const ComparedRun& run) { return milliseconds(run.comparison.clock_uncertainty); }),
    column("drift_ppm", "REAL NOT NULL", holds::real,
           "how much the outer clock gains, in millionths",
           [](const ComparedRun& run) { return run.comparison.drift * 1e6; }),
    column("pairs", "INTEGER NOT NULL", holds::integer, "packets that the estimate rests on",
           [](const ComparedRun& run) { return run.comparison.pairs; }),
    column("flows_joined", "INTEGER NOT NULL", holds::integer, "flows found in both captures",
           [](const ComparedRun& run) { return run.comparison.flows_joined; }),
    column("flows_only_inside", "INTEGER NOT NULL", holds::integer, "flows found inside only",
           [](const ComparedRun& run) { return run.comparison.flows_only_inside; }),
    column("flows_only_outside", "INTEGER NOT NULL", holds::integer, "flows found outside only",
           [](const ComparedRun& run) { return run.comparison.flows_only_outside; }));

/// What became of one flow.
struct CrossingEntry {
    std::int64_t key = 0;  ///< the flow's
    std::int64_t run = 0;
    verdict::Fate fate;
    const facts::Crossing& crossing;
    std::string_view mappings;

    /// How the flow first appears outside; null where it never does.
    [[nodiscard]] const facts::Mapping* outside() const noexcept {
        return crossing.mappings.empty() ? nullptr : &crossing.mappings.front();
    }
    /// A member of that; NULL without.
    template <typename Get>
    [[nodiscard]] auto outside(Get get) const -> std::optional<decltype(get(*outside()))> {
        return outside() == nullptr ? std::nullopt : std::optional{get(*outside())};
    }
};
inline constexpr auto crossing_table = table(
    "crossing",
    column("flow", "INTEGER PRIMARY KEY REFERENCES flow", holds::number, "the flow, see `flows`",
           [](const CrossingEntry& e) { return e.key; }),
    run_column,
    column("fate", "TEXT NOT NULL", holds::word<verdict::Fate>, "what became of it",
           [](const CrossingEntry& e) { return to_string(e.fate); }),
    column("outside_flow", "INTEGER", holds::integer, "its number in the outer capture",
           [](const CrossingEntry& e) {
               return e.outside([](const auto& mapping) { return mapping.flow; });
           }),
    column("mapped_ip", "TEXT", holds::text, "the client's address outside",
           [](const CrossingEntry& e) {
               return e.outside([](const auto& m) { return to_string(m.client.address); });
           }),
    column("mapped_port", "INTEGER", holds::integer, "the client's port outside",
           [](const CrossingEntry& e) {
               return e.outside([](const auto& mapping) { return mapping.client.port; });
           }),
    column("outside_server_ip", "TEXT", holds::text, "the server's address outside",
           [](const CrossingEntry& e) {
               return e.outside([](const auto& m) { return to_string(m.server.address); });
           }),
    column("outside_server_port", "INTEGER", holds::integer, "the server's port outside",
           [](const CrossingEntry& e) {
               return e.outside([](const auto& mapping) { return mapping.server.port; });
           }),
    column("mappings", "TEXT", holds::text,
           "a JSON list of the client's addresses outside and since when, where there were several",
           [](const CrossingEntry& e) { return or_null(e.mappings); }),
    column("out_passed", "INTEGER NOT NULL", holds::integer,
           "from the client, found on the other side",
           [](const CrossingEntry& e) { return e.crossing.out.packets.passed; }),
    column("out_died", "INTEGER NOT NULL", holds::integer, "from the client, not found there",
           [](const CrossingEntry& e) { return e.crossing.out.packets.died; }),
    column("out_unknown", "INTEGER NOT NULL", holds::integer,
           "from the client, while the other side was not recorded",
           [](const CrossingEntry& e) { return e.crossing.out.packets.unknown; }),
    column("out_made", "INTEGER NOT NULL", holds::integer,
           "in the client's name, made by something in between",
           [](const CrossingEntry& e) { return e.crossing.out.packets.made; }),
    column("in_passed", "INTEGER NOT NULL", holds::integer,
           "to the client, found on the other side",
           [](const CrossingEntry& e) { return e.crossing.in.packets.passed; }),
    column("in_died", "INTEGER NOT NULL", holds::integer, "to the client, not found there",
           [](const CrossingEntry& e) { return e.crossing.in.packets.died; }),
    column("in_unknown", "INTEGER NOT NULL", holds::integer,
           "to the client, while the other side was not recorded",
           [](const CrossingEntry& e) { return e.crossing.in.packets.unknown; }),
    column("in_made", "INTEGER NOT NULL", holds::integer,
           "in the server's name, made by something in between",
           [](const CrossingEntry& e) { return e.crossing.in.packets.made; }),
    column(
        "rewritten", "INTEGER NOT NULL", holds::integer, "passed with another payload",
        [](const CrossingEntry& e) { return e.crossing.out.rewritten + e.crossing.in.rewritten; }),
    column("icmp_made", "INTEGER NOT NULL", holds::integer,
           "ICMP errors that nobody outside had sent",
           [](const CrossingEntry& e) { return e.crossing.icmp_made.size(); }),
    column("first_died_out", "INTEGER", holds::integer,
           "the first that died on its way out, in the inner capture",
           [](const CrossingEntry& e) { return number_or_null(e.crossing.out.first_died); }),
    column("first_died_out_time", "TEXT", holds::iso_text, "when",
           [](const CrossingEntry& e) { return time_or_null(e.crossing.out.first_died); }),
    column("first_died_in", "INTEGER", holds::integer,
           "the first that died on its way in, in the outer capture",
           [](const CrossingEntry& e) { return number_or_null(e.crossing.in.first_died); }),
    column("first_died_in_time", "TEXT", holds::iso_text, "when",
           [](const CrossingEntry& e) { return time_or_null(e.crossing.in.first_died); }),
    column("delay_out_ms", "REAL", holds::real, "median, on the way out",
           [](const CrossingEntry& e) { return milliseconds(e.crossing.out.delay); }),
    column("longest_delay_out_ms", "REAL", holds::real, "on the way out",
           [](const CrossingEntry& e) { return milliseconds(e.crossing.out.longest_delay); }),
    column("delay_in_ms", "REAL", holds::real, "median, on the way in",
           [](const CrossingEntry& e) { return milliseconds(e.crossing.in.delay); }),
    column("longest_delay_in_ms", "REAL", holds::real, "on the way in",
           [](const CrossingEntry& e) { return milliseconds(e.crossing.in.longest_delay); }),
    column("certificate_outside", "TEXT", holds::text,
           "who issued the server's certificate, where the client got another one",
           [](const CrossingEntry& e) { return UncleanOrNull{e.crossing.certificate_outside}; }));

}  // namespace turnpike::store
