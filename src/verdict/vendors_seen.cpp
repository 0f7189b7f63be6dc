// Which vendors and products were really there.
#include "verdict/roll_up.h"

namespace turnpike::verdict {

VendorsSeen vendors_seen(const FlowVerdicts& flows, const FlowDigests& digests,
                         const NameOutcomes& names) {
    VendorsSeen vendors;
    for (const std::uint32_t i : digests.of_vendors()) {
        const auto& flow = flows[i];
        if (proves_vendor(flow.attribution->rules)) {
            vendors.insert(flow.attribution->rules.front().revision->vendor);
        }
    }
    for (const auto& [name, outcome] : names) {
        for (const auto& match : outcome.patterns) {
            if (!match.pattern->shared) {
                vendors.insert(match.revision->vendor);
            }
        }
    }
    return vendors;
}

bool counts(const Attribution& attribution, const RollUpInput& input) {
    if (!attribution.shared || input.vendors.contains(attribution.revision->vendor)) {
        return true;
    }
    const auto level = attribution.rule->level;
    const bool required = level == catalog::Level::required || level == catalog::Level::recommended;
    return required && !input.shared_names_need_support;
}

}  // namespace turnpike::verdict
