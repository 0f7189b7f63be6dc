// Which products were really there, and in what order a reader should hear of them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "turnpike/base/text.h"
#include "verdict/product_state.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

constexpr std::size_t most_tried = 4;  // addresses named for one row

bool proves(const Attribution& attribution) noexcept {
    return !attribution.shared && attribution.confidence <= Confidence::dns;
}

/// Of two revisions of a product the one that counts.
const catalog::Revision* newer(const catalog::Revision* a, const catalog::Revision* b) {
    if (a == nullptr || b->newest) {
        return b;
    }
    return a->newest || b->date < a->date ? a : b;
}

/// Traffic of such a rule is its own: it leads to names or networks that are not shared.
bool has_destinations_of_its_own(const catalog::Rule& rule) {
    const auto own = [](const auto& place) { return !place.shared; };
    const auto& places = rule.destinations;
    return !places.any &&
           (std::ranges::any_of(places.names, own) || std::ranges::any_of(places.prefixes, own));
}

/// Several rules may fit a flow of a product, which is counted with the first of them.
void note(Trouble& trouble, const facts::Flow& flow, const catalog::Rule* rule, bool first) {
    trouble.flows += first ? 1U : 0U;
    if (flow.server().packets > 0) {
        trouble.longest = std::max(trouble.longest, flow.server().last.time - flow.first_seen());
    }
    if (std::ranges::find(trouble.rules, rule) == trouble.rules.end()) {
        trouble.rules.push_back(rule);
    }
}

/// Gathers what the result says of each product.
class Products {
  public:
    Products(const RollUpInput& input, const RunResult& result) : input_(input), result_(result) {
        for (const auto* revision : result.considered) {
            auto& product = products_[{revision->vendor, revision->product}];
            product.revision = newer(product.revision, revision);
            by_revision_[revision] = &product;
        }
        rows();
        names();
        for (const std::uint32_t i : input.digests.of_vendors()) {
            flow(input.observation.flows[i], result.flows[i]);
        }
        tried();
        strays();
        refused();
    }

    [[nodiscard]] std::vector<Headline> tell() const {
        std::vector<Headline> list;
        for (const auto& [name, product] : products_) {
            if (product.proven) {
                list.push_back(headline_of(product));
            }
        }
        return list;
    }
    [[nodiscard]] std::ptrdiff_t blocked_rows(const catalog::Revision* revision) const {
        return std::ranges::count(by_revision_.at(revision)->rows, Status::blocked,
                                  &RequirementVerdict::status);
    }

  private:
    void rows();
    void names();
    void flow(const facts::Flow& flow, const FlowVerdict& verdict);
    [[nodiscard]] std::string addresses_of(const RequirementVerdict& row) const;
    void tried();
    void strays();
    void refused();

    const RollUpInput& input_;
    const RunResult& result_;
    std::map<std::pair<std::string_view, std::string_view>, ProductState> products_;
    std::unordered_map<const catalog::Revision*, ProductState*> by_revision_;
    std::unordered_map<const catalog::PortItem*, std::uint32_t> mistrusted_;  ///< flows by row
};

void Products::rows() {
    for (const auto& verdict : result_.requirements) {
        auto& product = *by_revision_.at(verdict.requirement.revision);
        const bool gone_flows =
            input_.past != nullptr && input_.past->account(verdict.requirement) != nullptr;
        if (gone_flows && has_destinations_of_its_own(*verdict.requirement.rule)) {
            product.proven = true;
        }
        if (verdict.requirement.revision == product.revision) {
            product.rows.push_back(&verdict);
        }
    }
    for (const auto& alternative : result_.alternatives) {
        auto& product = *by_revision_.at(alternative.revision);
        if (alternative.revision == product.revision) {
            product.alternatives.push_back(&alternative);
        }
    }
}

void Products::names() {
    for (const auto& [name, outcome] : input_.names) {
        if (outcome.zone_says_no || outcome.told_before) {
            continue;  // no name of the vendor's, or an earlier database's
        }
        for (const auto& attribution : outcome.rules) {
            if (proves(attribution)) {
                by_revision_.at(attribution.revision)->proven = true;
            }
        }
    }
}

void Products::flow(const facts::Flow& flow, const FlowVerdict& verdict) {
    const auto& rules = verdict.attribution->rules;
    const auto* const best = rules.empty() ? nullptr : by_revision_.at(rules.front().revision);
    std::vector<const ProductState*> told;
    for (const auto& attribution : rules) {
        auto& product = *by_revision_.at(attribution.revision);
        product.proven = product.proven || proves(attribution);
        // Where no port item fits, the flow is in no product's rows: it is the best one's stray.
        const bool owns = attribution.port != nullptr || &product == best;
        if (attribution.revision != product.revision || verdict.notes->empty() || !owns) {
            continue;
        }
        const bool first = std::ranges::find(told, &product) == told.end();
        told.push_back(&product);
        for (const auto& word : *verdict.notes) {
            if (word == "mtu") {
                note(product.mtu, flow, attribution.rule, first);
            } else if (word == "intercept_rejected") {
                note(product.mistrusted, flow, attribution.rule, first);
                mistrusted_[attribution.port] += verdict.outcome == Outcome::passed ? 1U : 0U;
            } else if (word.starts_with("interrupted")) {
                note(product.interrupted, flow, attribution.rule, first);
            }
        }
    }
}

std::string Products::addresses_of(const RequirementVerdict& row) const {
    std::vector<std::string> addresses;
    for (const auto index : row.flows) {
        auto address = base::to_string(input_.observation.flows[index].server().address());
        if (std::ranges::find(addresses, address) == addresses.end()) {
            addresses.push_back(std::move(address));
        }
        if (addresses.size() == most_tried) {
            break;
        }
    }
    return fmt::format("{}", fmt::join(addresses, ", "));
}

void Products::tried() {
    for (auto& [name, product] : products_) {
        for (const auto* row : product.rows) {
            if (row->status == Status::blocked) {
                const bool anywhere = row->requirement.rule->destinations.any;
                const auto& queries = row->dns_queries;
                product.tried.push_back(
                    {row, anywhere ? addresses_of(*row) : std::string(),
                     queries.empty() ? std::string()
                                     : base::escape(input_.observation.dns[queries[0]].name)});
            }
        }
    }
}

void Products::strays() {
    for (const auto& stray : result_.undocumented) {
        auto& product = *by_revision_.at(stray.revision);
        if (stray.revision != product.revision) {
            continue;
        }
        const bool blocked = result_.flows[stray.flow].outcome == Outcome::blocked;
        auto& strays = product.strays;
        if (strays.flows++ == 0 || (blocked && strays.blocked == 0)) {
            strays.example = fmt::format("{}: {}", stray.what, stray.detail);
        }
        strays.blocked += blocked ? 1U : 0U;
    }
}

void Products::refused() {
    for (auto& [name, product] : products_) {
        std::ranges::copy_if(product.rows, std::back_inserter(product.refused),
                             [this](const RequirementVerdict* row) {
                                 const auto found = mistrusted_.find(row->requirement.port);
                                 return found != mistrusted_.end() && row->passed > 0 &&
                                        row->passed == found->second;
                             });
    }
}

}  // namespace

std::vector<Headline> headlines(const RollUpInput& input, const RunResult& result) {
    const Products products(input, result);
    auto list = products.tell();
    const auto weight = [&products](const Headline& headline) {
        const auto blocked = products.blocked_rows(headline.revision);
        const bool settled = headline.state == HeadlineState::works ||
                             (headline.state == HeadlineState::cannot_tell && blocked == 0);
        return std::tuple(settled ? HeadlineState::works : headline.state, -blocked,
                          std::string_view(headline.revision->vendor),
                          std::string_view(headline.revision->product));
    };
    std::ranges::sort(list, {}, weight);
    return list;
}

}  // namespace turnpike::verdict
