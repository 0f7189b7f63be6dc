// Gathers the rows of a run by product, the most urgent first.
#include "report/summary.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <tuple>

#include "report/iso_time.h"

namespace turnpike::report {
namespace {

// What needs doing comes first.
int order(const std::string& status) {
    if (status == "blocked") {
        return 0;
    }
    if (status == "inconclusive") {
        return 1;
    }
    return status == "observed" ? 2 : 3;
}

// Spreads the rows of the database over the products they are about.
class Gathering {
  public:
    /// `flows`: of the same run.
    Gathering(store::Reader& reader, std::int64_t run, const store::FlowGroups& flows)
        : reader_(reader), run_(run), flows_(flows) {
        for (auto& row : reader_.products(run_)) {
            products_.push_back({});
            products_.back().row = std::move(row);
        }
        for (auto& product : products_) {
            by_name_[product.row.name] = &product;
        }
    }

    std::vector<ProductSummary> products() {
        requirements();
        remarks();
        strays();
        for (auto& product : products_) {
            std::ranges::stable_sort(product.requirements, {}, [](const RequirementSummary& entry) {
                return order(entry.row.status);
            });
            for (auto& requirement : product.requirements) {
                std::ranges::stable_sort(requirement.flows, {}, [](const store::EvidenceRow& flow) {
                    return flow.outcome != "blocked";
                });
            }
        }
        return std::move(products_);
    }
    /// By name, with the reason.
    [[nodiscard]] const std::map<std::string, std::string>& blocked_names() const noexcept {
        return blocked_names_;
    }

  private:
    ProductSummary* find(const store::ProductName& name) {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }
    void requirements();
    void remarks();
    void strays();

    store::Reader& reader_;
    std::int64_t run_;
    const store::FlowGroups& flows_;
    std::vector<ProductSummary> products_;
    std::map<store::ProductName, ProductSummary*> by_name_;
    std::map<std::string, std::string> blocked_names_;
};

void Gathering::requirements() {
    std::map<store::RequirementName, std::vector<store::EvidenceRow>> flows;
    for (auto& row : reader_.evidence(run_)) {
        flows[row.requirement].push_back(std::move(row));
    }
    std::map<store::RequirementName, std::vector<store::DnsEvidenceRow>> queries;
    for (auto& row : reader_.dns_evidence(run_)) {
        queries[row.requirement].push_back(std::move(row));
    }
    std::map<store::RequirementName, std::uint64_t> intermittent(flows_.intermittent.begin(),
                                                                 flows_.intermittent.end());
    const auto answered = reader_.answered_one_way(run_);
    for (auto& row : reader_.requirements(run_)) {
        auto* const product = find(row.name.product);
        if (product == nullptr) {
            continue;
        }
        product->counts.add(row.status);
        RequirementSummary entry;
        entry.flows = std::move(flows[row.name]);
        entry.queries = std::move(queries[row.name]);
        entry.intermittent = intermittent[row.name];
        entry.row = std::move(row);
        if (const auto* flow = deciding_flow(entry)) {
            const auto found = answered.find(flow->flow_id);
            entry.answered = found == answered.end() ? "" : found->second ? "TURN" : "STUN";
        }
        product->requirements.push_back(std::move(entry));
    }
}

// A requirement that is blocked for the same name says it with its evidence.
bool told_already(const ProductSummary& product, const store::DomainRow& name) {
    return std::ranges::any_of(product.requirements, [&name](const RequirementSummary& entry) {
        return entry.row.name.rule_id == name.rule_id &&
               entry.row.block_reason == name.block_reason;
    });
}

void Gathering::remarks() {
    for (auto& row : reader_.alternatives(run_)) {
        if (auto* const product = find(row.product)) {
            product->alternatives.push_back(std::move(row));
        }
    }
    for (auto& row : reader_.domains(run_)) {
        auto* const product = find(row.product);
        if (row.status == "blocked" && row.block_reason.starts_with("dns_")) {
            for (auto& name : items_of(row.names_seen)) {
                blocked_names_.try_emplace(std::move(name), row.block_reason);
            }
        }
        if (product != nullptr && row.status == "blocked" && !told_already(*product, row)) {
            product->failed_names.push_back(std::move(row));
        }
    }
}

void Gathering::strays() {
    // By product, words and detail: where its entry stands. A scan leaves as many as it has ports.
    std::map<std::tuple<const ProductSummary*, std::string, std::string>, std::size_t> places;
    for (auto& row : reader_.undocumented(run_)) {
        auto* const product = find(row.product);
        if (product == nullptr) {
            continue;
        }
        auto& list = product->strays;
        const auto [place, fresh] =
            places.try_emplace({product, row.what, row.detail}, list.size());
        if (fresh) {
            list.push_back(
                {row.what, row.detail, row.nearest_rule_id, 0, 0, 0, row.flow_id, row.evidence});
        }
        auto& entry = list[place->second];
        ++entry.flows;
        entry.passed += row.outcome == "passed" ? 1U : 0U;
        entry.blocked += row.outcome == "blocked" ? 1U : 0U;
    }
}

// From 1; 0 without a headline. Every revision of a product has its headline's rank.
std::size_t rank_of(const std::vector<store::HeadlineRow>& headlines,
                    const store::ProductName& name) {
    const auto* const found = find_headline(headlines, name);
    return found == nullptr ? 0 : static_cast<std::size_t>(found - headlines.data()) + 1U;
}

}  // namespace

std::vector<std::string> items_of(std::string_view list) {
    std::vector<std::string> items;
    for (std::size_t at = 0; at < list.size();) {
        const auto end = std::min(list.find(", ", at), list.size());
        items.emplace_back(list.substr(at, end - at));
        at = end + 2;
    }
    return items;
}

const store::EvidenceRow* deciding_flow(const RequirementSummary& requirement) noexcept {
    const auto& flows = requirement.flows;
    const auto found = std::ranges::find_if(flows, [&requirement](const store::EvidenceRow& flow) {
        return flow.block_reason == requirement.row.block_reason &&
               flow.stage == requirement.row.stage;
    });
    return found != flows.end() ? &*found : flows.empty() ? nullptr : &flows.front();
}

bool ProductSummary::has_traffic() const noexcept {
    return counts.observed + counts.blocked + counts.inconclusive > 0 || !strays.empty() ||
           !failed_names.empty() || !alternatives.empty();
}

namespace {

// Those that are shown in full, in the order of the headlines, and behind them what was asked for
// and not seen; the others by name only.
void add_products(std::vector<ProductSummary> products, const Selection& selection,
                  Summary& summary) {
    const bool asked_for = !selection.everything() || !summary.run.selectors.empty();
    for (auto& product : products) {
        if (!selection.keeps(product.row.name)) {
            continue;
        }
        const bool has_headline = rank_of(summary.headlines, product.row.name) > 0;
        if (has_headline) {
            product.alternatives.clear();  // the headline says it
        }
        const bool was_there = summary.knows_headlines ? has_headline : product.has_traffic();
        if (asked_for || was_there) {
            summary.products.push_back(std::move(product));
        } else {
            summary.unseen.push_back(std::move(product.row));
        }
    }
    std::ranges::stable_sort(summary.products, {}, [&summary](const ProductSummary& product) {
        return rank_of(summary.headlines, product.row.name) - 1U;
    });
}

/// The figures of a run are written last. Without them there is either nothing yet, or what was
/// stored when the disk was full; a live run that waits for its first packet has judged rows.
bool is_stored_in_part(const store::RunRow& run, const std::vector<ProductSummary>& products,
                       const Summary& summary) {
    const bool judged = std::ranges::any_of(
        products, [](const ProductSummary& product) { return !product.requirements.empty(); });
    const bool flows = !summary.blocked.empty() || !summary.sightings.protocols.empty() ||
                       !summary.headlines.empty();
    return !run.complete && run.packets == 0 && (!judged || flows);
}

}  // namespace

bool is_audit(const std::vector<std::string>& warnings) {
    return std::ranges::any_of(warnings, [](const std::string& warning) {
        return warning.starts_with("AUDIT WITHOUT A CALL");
    });
}

const store::HeadlineRow* find_headline(const std::vector<store::HeadlineRow>& headlines,
                                        const store::ProductName& name) {
    const auto found = std::ranges::find_if(headlines, [&name](const store::HeadlineRow& row) {
        return row.product.vendor == name.vendor && row.product.product == name.product;
    });
    return found == headlines.end() ? nullptr : &*found;
}

Summary summarize(store::Reader& reader, const store::RunRow& run, const Selection& selection) {
    constexpr std::size_t most_sightings = 8;
    Summary summary;
    summary.run = run;
    summary.database = reader.path().string();
    summary.is_newest = reader.is_newest(run.run_id);
    for (auto& row : reader.headlines(run.run_id)) {
        if (selection.keeps(row.product)) {
            summary.headlines.push_back(std::move(row));
        }
    }
    summary.knows_headlines = reader.knows_headlines();
    auto flows = reader.flow_groups(run.run_id, most_blocked);
    Gathering gathering(reader, run.run_id, flows);
    auto products = gathering.products();
    for (const auto& [name, reason] : gathering.blocked_names()) {
        if (summary.blocked_names.size() < most_blocked) {
            summary.blocked_names.push_back({name, reason});
        }
    }
    summary.blocked_names_in_all = gathering.blocked_names().size();
    summary.blocked = std::move(flows.blocked);
    summary.blocked_in_all = flows.blocked_in_all;
    summary.any_flow_one_sided = flows.any_one_sided;
    if (summary.headlines.empty()) {
        summary.sightings = {reader.top_names(run.run_id, most_sightings),
                             reader.top_protocols(run.run_id, most_sightings)};
    }
    summary.stored_in_part = is_stored_in_part(run, products, summary);
    if (!summary.stored_in_part) {  // else they would count as not seen
        add_products(std::move(products), selection, summary);
    }
    summary.any_media_seconds = reader.any_media_seconds(run.run_id);
    summary.warnings = reader.warnings(run.run_id);
    summary.is_audit = is_audit(summary.warnings);
    summary.problems = reader.decode_problems(run.run_id);
    std::ranges::stable_sort(summary.problems, std::ranges::greater{},
                             &store::DecodeProblemRow::count);
    return summary;
}

void use_local_time(Summary& summary) {
    const auto change = [](std::initializer_list<std::string*> times) {
        for (auto* time : times) {
            *time = in_local_time(*time);
        }
    };
    change({&summary.run.started_at, &summary.run.first_packet, &summary.run.last_packet});
    for (auto& product : summary.products) {
        for (auto& requirement : product.requirements) {
            change({&requirement.row.first_seen, &requirement.row.last_seen});
            for (auto& flow : requirement.flows) {
                change({&flow.first_seen, &flow.last_seen});
            }
            for (auto& query : requirement.queries) {
                change({&query.time});
            }
        }
    }
}

}  // namespace turnpike::report
