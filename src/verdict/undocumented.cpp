// Traffic of a vendor that its document does not mention: listed, never dropped.
#include <fmt/core.h>

#include "turnpike/base/text.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

std::string describe(const facts::Flow& flow, const std::string& name) {
    const auto destination = attribute::destination_of(flow);
    return fmt::format("{} {} to {}", facts::to_string(flow.transport), destination.port,
                       name.empty() ? base::to_string(flow.server.address) : base::escape(name));
}

/// A row of the revision that would fit but for the name.
const catalog::Rule* row_with_port(const catalog::Revision& revision, const facts::Flow& flow) {
    const auto transport = attribute::transport_of(flow);
    for (const auto& rule : revision.rules) {
        if (catalog::covering_port(rule, transport, attribute::destination_of(flow).port) !=
            nullptr) {
            return &rule;
        }
    }
    return nullptr;
}

}  // namespace

std::vector<Undocumented> list_undocumented(const RollUpInput& input) {
    std::vector<Undocumented> list;
    for (std::uint32_t i = 0; i < input.flows.size(); ++i) {
        const auto& flow = input.observation.flows[i];
        const auto& rules = input.flows[i].attributions;
        const auto& name = input.flows[i].server_name;
        if (!rules.empty() && rules.front().port == nullptr && !rules.front().shared) {
            list.push_back({rules.front().revision, i, "undocumented port", describe(flow, name),
                            rules.front().rule});
        } else if (rules.empty() && input.attributions[i].vendor_only != nullptr) {
            const auto& revision = *input.attributions[i].vendor_only;
            list.push_back({&revision, i, "undocumented name", describe(flow, name),
                            row_with_port(revision, flow)});
        }
    }
    return list;
}

}  // namespace turnpike::verdict
