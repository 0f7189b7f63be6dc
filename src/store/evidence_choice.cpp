#include "store/evidence_choice.h"

#include <algorithm>

namespace turnpike::store {
namespace {

using verdict::FlowVerdict;
using verdict::Outcome;
using verdict::RequirementVerdict;
using verdict::Status;

bool decides(const RequirementVerdict& requirement, const FlowVerdict& flow) noexcept {
    switch (requirement.status) {
        case Status::observed:
            return flow.outcome == Outcome::passed;
        case Status::blocked:
            return flow.outcome == Outcome::blocked;
        case Status::inconclusive:
            return flow.outcome == Outcome::inconclusive;
        case Status::unmatched:
            return false;
    }
    return false;
}

// Smaller is shown earlier.
int rank(const RequirementVerdict& requirement, const FlowVerdict& flow) noexcept {
    if (flow.discounted) {
        return 4;
    }
    if (decides(requirement, flow)) {
        return flow.reason == requirement.reason ? 0 : 1;
    }
    // Beside flows that passed, a blocked one is the news.
    return flow.outcome == Outcome::blocked ? 2 : 3;
}

}  // namespace

std::vector<std::uint32_t> choose_evidence(const RequirementVerdict& requirement,
                                           const std::vector<FlowVerdict>& flows) {
    // A linear pass with a small sorted list: a requirement may have 100,000 flows.
    std::vector<std::pair<int, std::uint32_t>> best;
    for (const std::uint32_t index : requirement.flows) {
        if (index >= flows.size()) {
            continue;
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
    return chosen;
}

}  // namespace turnpike::store
