// What a run that compared two captures found: two more views, `comparisons` and `crossings`, in
// databases that hold such a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/facts/crossing.h"
#include "turnpike/facts/facts.h"
#include "turnpike/store/reader.h"
#include "turnpike/verdict/fate.h"

namespace turnpike::store {

/// A comparison as it is to be stored.
struct ComparedRun {
    std::int64_t run = 0;
    std::string inside;  ///< the captures in words
    std::string outside;
    const facts::Observation& observation;  ///< of the inside
    const facts::Comparison& comparison;
    const std::vector<verdict::Fate>& fates;  ///< in the order of the observation's flows
};

/// Adds the comparison to a run whose flows are stored already, all of it or nothing. Makes the
/// views where there are none. Throws base::Error (io_error).
void write_comparison(const std::filesystem::path& database, const ComparedRun& compared);

/// How the two captures fit together.
struct ComparisonRow {
    std::string inside;
    std::string outside;
    double clock_offset_ms = 0;  ///< outer clock minus inner clock
    double clock_uncertainty_ms = 0;
    double drift_ppm = 0;  ///< the outer clock gains so many microseconds a second
    std::uint64_t pairs = 0;
    std::uint64_t flows_joined = 0;
    std::uint64_t flows_only_inside = 0;
    std::uint64_t flows_only_outside = 0;
};

/// Packets of one direction of a flow between two captures.
struct WayRow {
    std::uint64_t passed = 0;
    std::uint64_t died = 0;
    std::uint64_t made = 0;
    std::int64_t first_died = 0;  ///< packet, in the capture of the sender's side; 0 without
    std::string first_died_time;
    double delay_ms = 0;  ///< the median of the packets that passed
    double longest_delay_ms = 0;
};

/// What became of a flow between two captures.
struct CrossingRow {
    std::int64_t flow_id = 0;
    std::string fate;
    std::string transport;
    std::string client_ip;
    std::int64_t client_port = 0;
    std::string server_ip;
    std::int64_t server_port = 0;
    std::string mapped_ip;
    std::int64_t mapped_port = 0;
    std::string mappings;  ///< a JSON list where there was more than one
    WayRow out;
    WayRow in;
    std::string certificate_outside;
};

/// The comparison of one run as it stands in the database.
struct StoredComparison {
    ComparisonRow row;
    std::vector<CrossingRow> crossings;  ///< by flow
};

/// Nothing if the run compared nothing. Throws what the reader of the same file throws.
std::optional<StoredComparison> read_comparison(const Reader& reader, std::int64_t run);

/// Calls `row` with every row of `comparisons` or `crossings` that belongs to the run.
void each_compared_row(const Reader& reader, std::string_view view, std::int64_t run,
                       const std::function<void(const std::vector<std::string>& columns,
                                                std::span<const Cell> cells)>& row);

}  // namespace turnpike::store
