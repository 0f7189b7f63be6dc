#include "store/verdict_rows.h"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "store/batch.h"
#include "store/evidence_choice.h"
#include "store/row_values.h"
#include "store/schema.h"
#include "store/stored_text.h"
#include "turnpike/verdict/story.h"

namespace turnpike::store {
namespace {

using facts::Observation;
using verdict::FlowVerdict;
using verdict::RunResult;

// Writes the rows of one result. Rules and products get their rows once; everything else refers to
// them by key.
class VerdictRows {
  public:
    VerdictRows(Database& database, std::int64_t run, const Observation& observation,
                const RunResult& result)
        : database_(database),
          run_(run),
          observation_(observation),
          result_(result),
          batch_(database),
          insert_product_(database, "INSERT INTO product VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"),
          insert_rule_(database, "INSERT INTO rule VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"),
          stories_(observation) {}

    void products();
    void flows();
    void requirements();
    void domains();
    void remarks();
    void outcome_counts();
    void commit() { batch_.commit(); }

  private:
    using Key = std::optional<std::int64_t>;

    [[nodiscard]] std::int64_t key(std::uint64_t number) const noexcept {
        return row_key(run_, number);
    }
    [[nodiscard]] Key flow_key(std::uint32_t index) const noexcept {
        return index < observation_.flows.size() ? Key{key(observation_.flows[index].id)}
                                                 : std::nullopt;
    }
    Key product_key(const catalog::Revision* revision, bool considered = false);
    Key rule_key(const catalog::Revision* revision, const catalog::Rule* rule);
    // The rule that an attribution claims: none where the destination fits but no port item does.
    Key claimed_rule(const verdict::Attribution& attribution);
    void candidates(std::int64_t flow, const FlowVerdict& verdict);
    void story(std::int64_t flow, const facts::Flow& facts, const std::string& name);
    void requirement_evidence(std::int64_t requirement, const verdict::RequirementVerdict& verdict);

    Database& database_;
    std::int64_t run_;
    const Observation& observation_;
    const RunResult& result_;
    Batch batch_;
    Statement insert_product_;
    Statement insert_rule_;
    std::optional<Statement> insert_candidate_;
    std::optional<Statement> insert_evidence_;
    std::optional<Statement> insert_event_;
    verdict::Stories stories_;
    std::unordered_map<const catalog::Revision*, std::int64_t> products_;
    std::unordered_map<const catalog::Rule*, std::int64_t> rules_;
    std::uint64_t candidate_rows_ = 0;
    std::uint64_t evidence_rows_ = 0;
    std::uint64_t event_rows_ = 0;
};

VerdictRows::Key VerdictRows::product_key(const catalog::Revision* revision, bool considered) {
    if (revision == nullptr) {
        return std::nullopt;
    }
    const auto [entry, fresh] = products_.try_emplace(revision, key(products_.size() + 1));
    if (fresh) {
        insert_product_.run(entry->second, run_, revision->vendor, revision->product,
                            revision->revision, revision->vendor_name, revision->product_name,
                            revision->source_title, revision->source_location,
                            revision->allow_listable, revision->use_instead, considered);
        batch_.row_written();
    }
    return entry->second;
}

VerdictRows::Key VerdictRows::rule_key(const catalog::Revision* revision,
                                       const catalog::Rule* rule) {
    if (rule == nullptr || revision == nullptr) {
        return std::nullopt;
    }
    const auto product = product_key(revision);
    const auto [entry, fresh] = rules_.try_emplace(rule, key(rules_.size() + 1));
    if (fresh) {
        insert_rule_.run(entry->second, run_, product, rule->id, rule->purpose,
                         to_string(rule->direction), to_string(rule->duplex),
                         rule->destinations.text(), rule->alternative_group,
                         rule->alternative_branch, rule->preference, rule->notes);
        batch_.row_written();
    }
    return entry->second;
}

VerdictRows::Key VerdictRows::claimed_rule(const verdict::Attribution& attribution) {
    const bool fits = attribution.port != nullptr ||
                      (attribution.rule != nullptr && attribution.rule->ports.empty());
    return fits ? rule_key(attribution.revision, attribution.rule) : std::nullopt;
}

void VerdictRows::products() {
    for (const auto* revision : result_.considered) {
        product_key(revision, true);
    }
}

// The flow's other candidates, where several rules cannot be told apart.
void VerdictRows::candidates(std::int64_t flow, const FlowVerdict& verdict) {
    for (std::size_t i = 0; i < verdict.attributions.size(); ++i) {
        const auto& candidate = verdict.attributions[i];
        const auto product = product_key(candidate.revision);
        if (!product) {
            continue;
        }
        insert_candidate_->run(
            key(++candidate_rows_), run_, flow, i + 1, product, claimed_rule(candidate),
            candidate.port != nullptr ? or_null(candidate.port->text) : std::nullopt,
            to_string(candidate.confidence), candidate.matched);
        batch_.row_written();
    }
}

/// Told only of flows that belong to a vendor: the others are nobody's question, and they are many.
void VerdictRows::story(std::int64_t flow, const facts::Flow& facts, const std::string& name) {
    for (const auto& event : stories_.tell(facts, name)) {
        insert_event_->run(key(++event_rows_), run_, flow, event.at.number, micros(event.at.time),
                           event.text);
        batch_.row_written();
    }
}

void VerdictRows::flows() {
    Statement insert(database_, "INSERT INTO flow_verdict VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_candidate_.emplace(database_, "INSERT INTO flow_candidate VALUES(?,?,?,?,?,?,?,?,?)");
    insert_event_.emplace(database_, "INSERT INTO flow_event VALUES(?,?,?,?,?,?)");
    fmt::memory_buffer evidence;
    std::string notes;
    std::string clean_name;
    std::string clean_notes;
    const std::size_t count = std::min(observation_.flows.size(), result_.flows.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto& verdict = result_.flows[i];
        const std::int64_t flow = key(observation_.flows[i].id);
        evidence.clear();
        fmt::format_to(std::back_inserter(evidence), "{}", fmt::join(verdict.evidence, ","));
        notes = fmt::format("{}", fmt::join(verdict.notes, ", "));
        Key product;
        Key rule;
        std::optional<std::string_view> ports;
        std::optional<std::string_view> confidence;
        std::optional<std::string_view> matched;
        if (!verdict.attributions.empty()) {
            const auto& best = verdict.attributions.front();
            product = product_key(best.revision);
            rule = claimed_rule(best);
            ports = best.port != nullptr ? or_null(best.port->text) : std::nullopt;
            confidence = to_string(best.confidence);
            matched = or_null(best.matched);
        }
        insert.run(flow, or_null(stored_text(verdict.server_name, clean_name)),
                   or_null(to_string(verdict.server_name_source)), to_string(verdict.outcome),
                   or_null(to_string(verdict.reason)), or_null(to_string(verdict.stage)),
                   or_null(to_string(verdict.grade)), or_null(to_string(verdict.inconclusive)),
                   or_null(stored_text(notes, clean_notes)),
                   or_null({evidence.data(), evidence.size()}), product, rule, ports, confidence,
                   matched);
        batch_.row_written();
        if (verdict.attributions.size() > 1) {
            candidates(flow, verdict);
        }
        if (!verdict.attributions.empty()) {
            story(flow, observation_.flows[i], verdict.server_name);
        }
    }
}

void VerdictRows::requirement_evidence(std::int64_t requirement,
                                       const verdict::RequirementVerdict& verdict) {
    for (const std::uint32_t index : choose_evidence(verdict, result_.flows)) {
        if (const auto flow = flow_key(index)) {
            insert_evidence_->run(key(++evidence_rows_), run_, requirement, flow, nullptr);
            batch_.row_written();
        }
    }
    const std::size_t queries = std::min(verdict.dns_queries.size(), evidence_limit);
    for (std::size_t i = 0; i < queries; ++i) {
        if (verdict.dns_queries[i] < observation_.dns.size()) {
            // DNS rows are numbered from 1 in the order of the observation.
            insert_evidence_->run(key(++evidence_rows_), run_, requirement, nullptr,
                                  key(verdict.dns_queries[i] + std::uint64_t{1}));
            batch_.row_written();
        }
    }
}

void VerdictRows::requirements() {
    Statement insert(database_,
                     "INSERT INTO requirement VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert_evidence_.emplace(database_, "INSERT INTO requirement_evidence VALUES(?,?,?,?,?)");
    std::uint64_t number = 0;
    for (const auto& verdict : result_.requirements) {
        const auto& requirement = verdict.requirement;
        const std::int64_t id = key(++number);
        insert.run(id, run_, rule_key(requirement.revision, requirement.rule),
                   to_string(level_of(verdict)), condition_of(verdict),
                   to_string(requirement.port->transport), requirement.port->text,
                   to_string(verdict.status), or_null(to_string(verdict.reason)),
                   or_null(to_string(verdict.stage)), or_null(to_string(verdict.grade)),
                   or_null(to_string(verdict.inconclusive)), verdict.passed, verdict.blocked,
                   verdict.undecided, micros(verdict.first_seen), micros(verdict.last_seen));
        batch_.row_written();
        requirement_evidence(id, verdict);
    }
}

void VerdictRows::domains() {
    Statement insert(database_, "INSERT INTO domain VALUES(?,?,?,?,?,?,?)");
    std::uint64_t number = 0;
    std::string clean;
    for (const auto& domain : result_.domains) {
        const auto rule = rule_key(domain.revision, domain.rule);
        if (!rule) {
            continue;
        }
        const std::string names = fmt::format("{}", fmt::join(domain.names_seen, ", "));
        insert.run(key(++number), run_, rule, domain.pattern, to_string(domain.status),
                   or_null(to_string(domain.reason)), stored_text(names, clean));
        batch_.row_written();
    }
}

void VerdictRows::remarks() {
    Statement undocumented(database_, "INSERT INTO undocumented_flow VALUES(?,?,?,?,?,?,?)");
    Statement alternative(database_, "INSERT INTO alternative VALUES(?,?,?,?,?)");
    Statement warning(database_, "INSERT INTO warning VALUES(?,?,?)");
    std::uint64_t number = 0;
    std::string clean;
    for (const auto& stray : result_.undocumented) {
        const auto product = product_key(stray.revision);
        const auto flow = flow_key(stray.flow);
        if (product && flow) {
            undocumented.run(key(++number), run_, product, flow, stray.what,
                             stored_text(stray.detail, clean),
                             rule_key(stray.revision, stray.nearest));
            batch_.row_written();
        }
    }
    number = 0;
    for (const auto& outcome : result_.alternatives) {
        alternative.run(key(++number), run_, product_key(outcome.revision), outcome.group,
                        outcome.text);
    }
    number = 0;
    for (const auto& text : result_.warnings) {
        warning.run(key(++number), run_, stored_text(text, clean));
    }
}

void VerdictRows::outcome_counts() {
    std::array<std::int64_t, 3> counts{};
    for (const auto& flow : result_.flows) {
        ++counts[static_cast<std::size_t>(flow.outcome)];
    }
    Statement update(database_,
                     "UPDATE run SET flows = ?, flows_passed = ?, flows_blocked = ?, "
                     "flows_inconclusive = ?, one_sided = ? WHERE run_id = ?");
    update.run(result_.flows.size(), counts[static_cast<std::size_t>(verdict::Outcome::passed)],
               counts[static_cast<std::size_t>(verdict::Outcome::blocked)],
               counts[static_cast<std::size_t>(verdict::Outcome::inconclusive)], result_.one_sided,
               run_);
}

}  // namespace

void write_verdict_rows(Database& database, std::int64_t run, const Observation& observation,
                        const RunResult& result) {
    VerdictRows rows(database, run, observation, result);
    rows.products();
    rows.flows();
    rows.requirements();
    rows.domains();
    rows.remarks();
    rows.outcome_counts();
    rows.commit();
}

}  // namespace turnpike::store
