// Writes requirements, evidence, domains, headlines and warnings, and only what changed.
#include "store/verdict_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/catalog_rows.h"
#include "store/encoded_rows.h"
#include "store/evidence_choice.h"
#include "store/flow_verdict_rows.h"
#include "store/run_row.h"
#include "store/schema.h"
#include "store/verdict_tables.h"

namespace turnpike::store {
namespace {

using facts::Observation;
using verdict::RequirementVerdict;
using verdict::RunResult;

constexpr std::size_t flows_in_part = 1'024;

// Writes the rows that sum up one result. The tables are small, so that the one-shot writer and
// the live one can share it: the former just starts with nothing written.
class VerdictRows {
    using Evidences = decltype(evidence_table);
    using Strays = decltype(undocumented_table);

  public:
    VerdictRows(Database& database, Batch& batch, std::int64_t run, const Observation& observation,
                const RunResult& result, CatalogRows& catalog, WrittenRows& written)
        : database_(database),
          batch_(batch),
          run_(run),
          observation_(observation),
          result_(result),
          catalog_(catalog),
          written_(written) {}

    void requirements();
    void domains();
    void undocumented();
    void alternatives();
    void headlines();
    void warnings();

  private:
    /// A flow or a query that a requirement rests on.
    struct Evidence {
        RowKey flow;
        RowKey query;
        bool earlier = false;  ///< no longer in memory
    };

    [[nodiscard]] std::int64_t key(std::uint64_t number) const noexcept {
        return row_key(run_, number);
    }
    template <typename Declared>
    [[nodiscard]] KnownTable<const Declared> table(const Declared& table, KnownRows& rows) {
        return {database_, batch_, run_, table, rows};
    }
    [[nodiscard]] std::vector<Evidence> evidence_of(const RequirementVerdict& verdict) const;
    void requirement_evidence(KnownTable<Evidences>& table, std::int64_t requirement,
                              const RequirementVerdict& verdict);
    bool stored(const Evidence& evidence);
    void settle_undocumented(KnownTable<Strays>& rows);
    [[nodiscard]] std::unordered_set<std::int64_t> in_memory(
        const std::unordered_set<std::int64_t>& flows) const;

    Database& database_;
    Batch& batch_;
    std::int64_t run_;
    const Observation& observation_;
    const RunResult& result_;
    CatalogRows& catalog_;
    WrittenRows& written_;
    std::optional<Statement> find_flow_;
    std::optional<Statement> find_query_;
};

std::vector<VerdictRows::Evidence> VerdictRows::evidence_of(
    const RequirementVerdict& verdict) const {
    std::vector<Evidence> list;
    for (const std::uint32_t index : choose_evidence(verdict, result_.flows)) {
        if (index < observation_.flows.size()) {
            list.push_back({key(observation_.flows[index].id), std::nullopt});
        }
    }
    for (const std::uint64_t id : verdict.earlier_flows) {
        if (list.size() >= evidence_limit) {
            break;
        }
        list.push_back({key(id), std::nullopt, true});
    }
    const std::size_t limit = list.size() + evidence_limit;
    for (const std::uint32_t index : verdict.dns_queries) {
        if (list.size() < limit && index < observation_.dns.size()) {
            list.push_back({std::nullopt, key(observation_.dns[index].id)});
        }
    }
    for (const std::uint64_t id : verdict.earlier_queries) {
        if (list.size() >= limit) {
            break;
        }
        list.push_back({std::nullopt, key(id), true});
    }
    return list;
}

bool VerdictRows::stored(const Evidence& evidence) {
    auto& find = evidence.flow ? find_flow_ : find_query_;
    if (!find) {
        find.emplace(database_, evidence.flow ? "SELECT 1 FROM flow_verdict WHERE flow = ?"
                                              : "SELECT 1 FROM dns_query WHERE id = ?");
    }
    find->bind_all(evidence.flow ? evidence.flow : evidence.query);
    const bool found = find->step();
    find->reset();
    return found;
}

void VerdictRows::requirement_evidence(KnownTable<Evidences>& table, std::int64_t requirement,
                                       const RequirementVerdict& verdict) {
    // A fixed place for each piece: the order does not depend on when it was found.
    std::uint64_t number = (number_of(requirement) - 1) * 2 * evidence_limit;
    for (const auto& evidence : evidence_of(verdict)) {
        // What is no longer in memory may stand in a file that this one replaced.
        const EvidenceEntry entry{requirement, evidence.flow, evidence.query};
        if (evidence.earlier && !table.holds(number + 1, entry) && !stored(evidence)) {
            continue;
        }
        table.put_at(++number, entry);
    }
}

void VerdictRows::requirements() {
    KnownTable rows = table(requirement_table, written_.requirements);
    KnownTable evidence = table(evidence_table, written_.evidence);
    std::unordered_map<std::string, unsigned> twins;
    for (const auto& verdict : result_.requirements) {
        const auto& requirement = verdict.requirement;
        const auto rule = catalog_.rule(requirement.revision, requirement.rule);
        const auto transport = to_string(requirement.port->transport);
        // A document may list a port twice, under different conditions.
        std::string name =
            fmt::format("{} {} {}", rule.value_or(0), transport, requirement.port->text);
        if (const unsigned earlier = twins[name]++; earlier > 0) {
            name += fmt::format(" {}", earlier);
        }
        const std::string condition = condition_of(verdict);
        const std::int64_t id = rows.put(name, RequirementEntry{rule, verdict, condition});
        requirement_evidence(evidence, id, verdict);
    }
    evidence.remove_rest();
    rows.remove_rest();
}

void VerdictRows::domains() {
    KnownTable rows = table(domain_table, written_.domains);
    std::uint64_t number = 0;
    for (const auto& domain : result_.domains) {
        if (const auto rule = catalog_.rule(domain.revision, domain.rule)) {
            const std::string names = fmt::format("{}", fmt::join(domain.names_seen, ", "));
            const std::string notes = fmt::format("{}", fmt::join(domain.notes, ", "));
            rows.put_at(++number, DomainEntry{rule, domain, names, notes});
        }
    }
    rows.remove_rest();
}

// Those of `flows` that are still in memory.
std::unordered_set<std::int64_t> VerdictRows::in_memory(
    const std::unordered_set<std::int64_t>& flows) const {
    std::unordered_set<std::int64_t> found;
    if (!flows.empty()) {
        for (const auto& flow : observation_.flows) {
            if (flows.contains(key(flow.id))) {
                found.insert(key(flow.id));
            }
        }
    }
    return found;
}

void VerdictRows::undocumented() {
    KnownTable rows = table(undocumented_table, written_.undocumented);
    for (const auto& stray : result_.undocumented) {
        const auto product = catalog_.product(stray.revision);
        if (product && stray.flow < observation_.flows.size()) {
            const std::int64_t flow = key(observation_.flows[stray.flow].id);
            rows.put(fmt::format("{} {} {} {}", flow, *product, stray.what, stray.detail),
                     UndocumentedEntry{*product, flow, stray,
                                       catalog_.rule(stray.revision, stray.nearest)});
        }
    }
    settle_undocumented(rows);
}

// What is no longer said of a flow in memory no longer holds. What was said of a flow that left
// memory stands.
void VerdictRows::settle_undocumented(KnownTable<Strays>& rows) {
    Statement flow_of(database_, "SELECT flow FROM undocumented_flow WHERE id = ?");
    std::unordered_map<std::int64_t, std::int64_t> flow_by_row;
    std::unordered_set<std::int64_t> flows;
    rows.each_of_the_rest([&](std::int64_t row, const KnownRows::Row&) {
        flow_of.bind_all(row);
        if (flow_of.step()) {
            flow_by_row[row] = flow_of.integer(0);
            flows.insert(flow_of.integer(0));
        }
        flow_of.reset();
    });
    const auto present = in_memory(flows);
    rows.settle_rest([&](std::int64_t row) {
        return present.contains(flow_by_row[row]) ? Leftover::removed : Leftover::forgotten;
    });
}

void VerdictRows::alternatives() {
    KnownTable rows = table(alternative_table, written_.alternatives);
    std::uint64_t number = 0;
    for (const auto& outcome : result_.alternatives) {
        rows.put_at(++number, AlternativeEntry{catalog_.product(outcome.revision), outcome});
    }
    rows.remove_rest();
}

void VerdictRows::headlines() {
    KnownTable rows = table(headline_table, written_.headlines);
    std::uint64_t rank = 0;
    for (const auto& entry : result_.headlines) {
        ++rank;
        rows.put_at(rank, HeadlineEntry{rank, catalog_.product(entry.revision), entry});
    }
    rows.remove_rest();
}

void VerdictRows::warnings() {
    KnownTable rows = table(warning_table, written_.warnings);
    std::uint64_t number = 0;
    for (const auto& text : result_.warnings) {
        rows.put_at(++number, WarningEntry{text});
    }
    rows.remove_rest();
}

void put_summary(Database& database, Batch& batch, std::int64_t run, const Observation& observation,
                 const RunResult& result, CatalogRows& catalog, WrittenRows& written) {
    VerdictRows rows(database, batch, run, observation, result, catalog, written);
    rows.requirements();
    rows.domains();
    rows.undocumented();
    rows.alternatives();
    rows.headlines();
    rows.warnings();
    catalog.retire_products();
}

FlowCounts count_outcomes(const RunResult& result) {
    std::array<std::uint64_t, 3> counts{};
    for (const auto& flow : result.flows) {
        ++counts[static_cast<std::size_t>(flow.outcome)];
    }
    return {counts[static_cast<std::size_t>(verdict::Outcome::passed)],
            counts[static_cast<std::size_t>(verdict::Outcome::blocked)],
            counts[static_cast<std::size_t>(verdict::Outcome::inconclusive)]};
}

}  // namespace

std::vector<TableInfo> verdict_tables() {
    return {info_of(product_table),      info_of(rule_table),         info_of(requirement_table),
            info_of(domain_table),       info_of(flow_verdict_table), info_of(evidence_table),
            info_of(undocumented_table), info_of(alternative_table),  info_of(headline_table),
            info_of(warning_table)};
}

RunVerdicts::RunVerdicts(Database& database, std::int64_t run, const Observation& observation,
                         const RunResult& result, bool fresh)
    : database_(database),
      run_(run),
      observation_(observation),
      result_(result),
      fresh_(fresh),
      batch_(database),
      catalog_(database, batch_, run, written_, result),
      queries_(observation) {}

std::size_t RunVerdicts::flow_count() const noexcept {
    return std::min(observation_.flows.size(), result_.flows.size());
}

void RunVerdicts::write_flows() {
    // Flows refer to rows of the catalog, which SQLite writes, so these come first.
    for (const auto& flow : result_.flows) {
        catalog_.put_attributed(flow);
    }
    batch_.commit();
    constexpr std::array tables{flow_verdict_table.name};
    if (const auto file = fresh_ ? PageFile::open(database_, tables) : nullptr) {
        write_pages(*file);
        file->finish();
        return;
    }
    batch_.begin();
    FlowVerdictRows rows({database_, batch_, Writing::append}, run_, observation_, result_,
                         catalog_, queries_);
    for (std::uint32_t index = 0; index < flow_count(); ++index) {
        rows.put(index);
    }
    batch_.commit();
}

void RunVerdicts::write_pages(PageFile& file) {
    FlowVerdictRows rows(RowTarget(file), run_, observation_, result_, catalog_, queries_);
    const std::size_t count = (flow_count() + flows_in_part - 1) / flows_in_part;
    const RowParts::Dealing dealing(parts_, count);
    std::size_t written = 0;
    const auto write_until = [&](std::size_t part) {  // all that the helper has taken
        for (; written < part; ++written) {
            if (const auto made = parts_.wait_for(written)) {
                rows.take(*made);
            } else {
                put_part(written, rows);
            }
        }
    };
    while (const auto part = parts_.take()) {
        write_until(*part);
        put_part(*part, rows);
        ++written;
    }
    write_until(count);
    rows.finish();
}

void RunVerdicts::put_part(std::size_t part, FlowVerdictRows& rows) const {
    const std::size_t begin = part * flows_in_part;
    const std::size_t end = std::min(begin + flows_in_part, flow_count());
    for (std::size_t index = begin; index < end; ++index) {
        rows.put(static_cast<std::uint32_t>(index));
    }
}

void RunVerdicts::help_with_flows() {
    EncodedRows made;
    FlowVerdictRows rows(RowTarget(made), run_, observation_, result_, catalog_, queries_);
    while (const auto part = parts_.take_ahead()) {
        try {
            put_part(*part, rows);
        } catch (...) {
            parts_.give(*part, std::nullopt);
            throw;
        }
        parts_.give(*part, std::exchange(made, {}));
    }
}

void RunVerdicts::write_summary() {
    batch_.begin();
    put_summary(database_, batch_, run_, observation_, result_, catalog_, written_);
    write_counts(database_, run_, count_outcomes(result_), result_);
    batch_.commit();
}

void update_verdict_rows(Database& database, Batch& batch, std::int64_t run, const Changes& changes,
                         WrittenRows& written) {
    CatalogRows catalog(database, batch, run, written, changes.result);
    {
        const verdict::StoryQueries queries(changes.observation);
        FlowVerdictRows flows({database, batch, Writing::replace}, run, changes.observation,
                              changes.result, catalog, queries);
        for (const std::uint32_t index : changes.verdicts) {
            catalog.put_attributed(changes.result.flows[index]);
            flows.put(index);
        }
    }
    put_summary(database, batch, run, changes.observation, changes.result, catalog, written);
    write_counts(database, run, changes.counts, changes.result);
}

}  // namespace turnpike::store
