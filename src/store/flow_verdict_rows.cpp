#include "store/flow_verdict_rows.h"

#include <algorithm>
#include <iterator>

#include "store/stored_text.h"

namespace turnpike::store {

FlowVerdictRows::FlowVerdictRows(Database& database, Batch& batch, std::int64_t run,
                                 Writing writing, const facts::Observation& observation,
                                 const verdict::RunResult& result, CatalogRows& catalog,
                                 WrittenRows& written)
    : database_(database),
      batch_(batch),
      run_(run),
      observation_(observation),
      result_(result),
      catalog_(catalog),
      written_(written),
      may_exist_up_to_(writing == Writing::replace ? written.last_flow : 0),
      insert_(database, fmt::format("{} INTO flow_verdict VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                    verb(writing))),
      insert_candidate_(database, "INSERT INTO flow_candidate VALUES(?,?,?,?,?,?,?,?,?)"),
      insert_event_(database, "INSERT INTO flow_event VALUES(?,?,?,?,?,?)") {}

void FlowVerdictRows::put(std::uint32_t index) {
    const auto& facts = observation_.flows[index];
    const auto& verdict = result_.flows[index];
    const std::int64_t flow = key(facts.id);
    if (facts.id <= may_exist_up_to_) {
        remove_details(flow);
    }
    written_.last_flow = std::max(written_.last_flow, facts.id);
    put_verdict(flow, verdict);
    if (verdict.attributions.size() > 1) {
        put_candidates(flow, verdict);
    }
    // Only flows that belong to a vendor: the others are nobody's question, and they are many.
    if (!verdict.attributions.empty()) {
        put_story(flow, facts, verdict.server_name);
    }
}

void FlowVerdictRows::remove_details(std::int64_t flow) {
    if (!remove_candidates_) {
        remove_candidates_.emplace(database_, "DELETE FROM flow_candidate WHERE flow = ?");
        remove_events_.emplace(database_, "DELETE FROM flow_event WHERE flow = ?");
    }
    remove_candidates_->run(flow);
    remove_events_->run(flow);
}

void FlowVerdictRows::put_verdict(std::int64_t flow, const verdict::FlowVerdict& verdict) {
    evidence_.clear();
    fmt::format_to(std::back_inserter(evidence_), "{}", fmt::join(verdict.evidence, ","));
    const std::string notes = fmt::format("{}", fmt::join(verdict.notes, ", "));
    CatalogRows::Key product;
    CatalogRows::Key rule;
    std::optional<std::string_view> ports;
    std::optional<std::string_view> confidence;
    std::optional<std::string_view> matched;
    if (!verdict.attributions.empty()) {
        const auto& best = verdict.attributions.front();
        product = catalog_.product(best.revision);
        rule = catalog_.claimed(best);
        ports = best.port != nullptr ? or_null(best.port->text) : std::nullopt;
        confidence = to_string(best.confidence);
        matched = or_null(best.matched);
    }
    insert_.run(flow, or_null(stored_text(verdict.server_name, clean_name_)),
                or_null(to_string(verdict.server_name_source)), to_string(verdict.outcome),
                or_null(to_string(verdict.reason)), or_null(to_string(verdict.stage)),
                or_null(to_string(verdict.grade)), or_null(to_string(verdict.inconclusive)),
                or_null(stored_text(notes, clean_notes_)),
                or_null({evidence_.data(), evidence_.size()}), product, rule, ports, confidence,
                matched, verdict.control == 0 ? std::nullopt : std::optional{verdict.control});
    batch_.row_written();
}

// All rules that cannot be told apart, best first.
void FlowVerdictRows::put_candidates(std::int64_t flow, const verdict::FlowVerdict& verdict) {
    for (std::size_t i = 0; i < verdict.attributions.size(); ++i) {
        const auto& candidate = verdict.attributions[i];
        const auto product = catalog_.product(candidate.revision);
        if (!product) {
            continue;
        }
        insert_candidate_.run(
            key(++written_.candidates), run_, flow, i + 1, product, catalog_.claimed(candidate),
            candidate.port != nullptr ? or_null(candidate.port->text) : std::nullopt,
            to_string(candidate.confidence), candidate.matched);
        batch_.row_written();
    }
}

void FlowVerdictRows::put_story(std::int64_t flow, const facts::Flow& facts,
                                const std::string& name) {
    if (!stories_) {
        stories_.emplace(observation_);
    }
    for (const auto& event : stories_->tell(facts, name)) {
        insert_event_.run(key(++written_.events), run_, flow, event.at.number,
                          micros(event.at.time), event.text);
        batch_.row_written();
    }
}

}  // namespace turnpike::store
