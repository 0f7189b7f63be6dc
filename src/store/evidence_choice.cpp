// Ranks the flows of a requirement, and takes the first few.
#include "store/evidence_choice.h"

#include <algorithm>
#include <optional>

namespace turnpike::store {
namespace {

using verdict::FlowVerdict;
using verdict::FlowVerdicts;
using verdict::Outcome;
using verdict::RequirementVerdict;

// Smaller is shown earlier. What failed is the news, also beside what passed; the rest of a row
// that is observed shows that it passed.
int rank(const RequirementVerdict& requirement, const FlowVerdict& flow) noexcept {
    if (flow.discounted) {
        return 4;
    }
    switch (flow.outcome) {
        case Outcome::blocked:
            return flow.reason == requirement.reason ? 0 : 1;
        case Outcome::passed:
            return 2;
        case Outcome::inconclusive:
            return 3;
    }
    return 4;
}

}  // namespace

std::vector<std::uint32_t> choose_evidence(const RequirementVerdict& requirement,
                                           const FlowVerdicts& flows) {
    // A linear pass with a small sorted list: a requirement may have 100,000 flows.
    std::vector<std::pair<int, std::uint32_t>> best;
    std::optional<std::uint32_t> first_passed;
    for (const std::uint32_t index : requirement.flows) {
        if (index >= flows.size()) {
            continue;
        }
        if (!first_passed && flows[index].outcome == Outcome::passed) {
            first_passed = index;
        }
        const std::pair entry{rank(requirement, flows[index]), index};
        if (best.size() == evidence_limit && best.back().first <= entry.first) {
            continue;
        }
        best.insert(std::ranges::upper_bound(best, entry), entry);
        if (best.size() > evidence_limit) {
            best.pop_back();
        }
    }
    std::vector<std::uint32_t> chosen;
    chosen.reserve(best.size());
    for (const auto& [order, index] : best) {
        chosen.push_back(index);
    }
    // An observed row shows that it is.
    if (first_passed && std::ranges::find(chosen, *first_passed) == chosen.end() &&
        flows[chosen.back()].outcome != Outcome::passed) {
        chosen.back() = *first_passed;
    }
    return chosen;
}

}  // namespace turnpike::store
