// What the reports for people say, gathered from the database once and put in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/selection.h"
#include "turnpike/base/status_counts.h"
#include "turnpike/store/reader.h"

namespace turnpike::report {

/// The items of a column that joins them by ", ".
std::vector<std::string> items_of(std::string_view list);

/// A requirement and what it rests on.
struct RequirementSummary {
    store::RequirementRow row;
    std::vector<store::EvidenceRow> flows;
    std::vector<store::DnsEvidenceRow> queries;
    std::uint64_t intermittent = 0;  ///< attempts that failed where others got through
    /// "STUN", "TURN": what answered on the flow whose media went one way; may be empty.
    std::string_view answered;
};

/// The flow that shows best what the row's status says; nullptr without flows.
const store::EvidenceRow* deciding_flow(const RequirementSummary& requirement) noexcept;

/// Undocumented traffic of one kind: the same words, so many flows.
struct StraySummary {
    std::string what;
    std::string detail;
    std::string nearest_rule_id;
    std::uint64_t flows = 0;
    std::uint64_t passed = 0;
    std::uint64_t blocked = 0;
    std::int64_t example_flow = 0;
    std::string example_packets;
};

using base::StatusCounts;

struct ProductSummary {
    store::ProductRow row;
    std::vector<RequirementSummary> requirements;  ///< blocked, inconclusive, observed, unmatched
    std::vector<store::AlternativeRow> alternatives;
    std::vector<store::DomainRow> failed_names;  ///< patterns whose names were not resolved
    std::vector<StraySummary> strays;
    StatusCounts counts;
    /// Some row, name or alternative of the product has traffic. That does not prove that the
    /// product was there: rows that lead anywhere fit everybody's traffic.
    [[nodiscard]] bool has_traffic() const noexcept;
};

/// What traffic that belongs to nobody in the catalog was about.
struct Sightings {
    std::vector<store::NamedFlows> names;      ///< the most frequent
    std::vector<store::NamedFlows> protocols;  ///< the most frequent
};

/// Groups of what was blocked that a report shows at most, and names.
inline constexpr std::size_t most_blocked = 100;

/// A name of some vendor that DNS blocks.
struct BlockedName {
    std::string name;
    std::string block_reason;
};

struct Summary {
    store::RunRow run;
    std::string database;         ///< where it stands; empty: on no disk
    bool is_newest = true;        ///< no later run stands there: what is typed next means this one
    bool knows_headlines = true;  ///< false: stored by a turnpike that did not write them
    std::vector<store::HeadlineRow> headlines;
    /// Everything that was blocked, of a vendor or not: the most frequent, those first.
    std::vector<store::BlockedGroup> blocked;
    std::uint64_t blocked_in_all = 0;        ///< how many groups there are
    std::vector<BlockedName> blocked_names;  ///< each once, by name
    std::size_t blocked_names_in_all = 0;
    Sightings sightings;  ///< only where no product was seen
    bool any_flow_one_sided = false;
    bool any_media_seconds = false;         ///< streams of media were counted second by second
    bool local_time = false;                ///< people read times in this machine's zone
    bool live = false;                      ///< the run goes on
    bool is_audit = false;                  ///< of `turnpike probe`: nobody made a call
    bool stored_in_part = false;            ///< storing broke off, or has only just begun
    std::vector<ProductSummary> products;   ///< shown in full
    std::vector<store::ProductRow> unseen;  ///< without traffic, named only
    std::vector<std::string> warnings;
    std::vector<store::DecodeProblemRow> problems;  ///< the most frequent first

    [[nodiscard]] bool anything_blocked() const noexcept {
        return !blocked.empty() || !blocked_names.empty();
    }
};

/// Reads everything. Products without traffic are shown in full only if somebody asked for them, by
/// a selector of this report or of the run itself.
Summary summarize(store::Reader& reader, const store::RunRow& run, const Selection& selection);

/// Whether a run with these warnings is one of `turnpike probe`.
bool is_audit(const std::vector<std::string>& warnings);

/// That of a product; nullptr without one.
const store::HeadlineRow* find_headline(const std::vector<store::HeadlineRow>& headlines,
                                        const store::ProductName& name);

/// Puts every time of the summary into this machine's zone.
void use_local_time(Summary& summary);

}  // namespace turnpike::report
