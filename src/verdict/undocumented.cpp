// Traffic of a vendor that its document does not mention: listed, never dropped.
#include <fmt/core.h>

#include <optional>

#include "turnpike/base/text.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

std::string describe(const facts::Flow& flow, const std::string& name) {
    const auto destination = attribute::destination_of(flow);
    return fmt::format(
        "{} {} to {}", facts::to_string(flow.transport), destination.port,
        name.empty() ? base::to_string(flow.server().address()) : base::escape(name));
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

/// The destination fits one row, and no port of it. If another row lists the port, the address (or
/// name) is what the document does not know.
Undocumented outside_of(const Attribution& nearest, const facts::Flow& flow,
                        const std::string& name, std::uint32_t index) {
    const auto* row = row_with_port(*nearest.revision, flow);
    if (row == nullptr) {
        return {nearest.revision, index, "undocumented port", describe(flow, name), nearest.rule};
    }
    const bool by_network = row->destinations.names.empty() && !row->destinations.prefixes.empty();
    return {nearest.revision, index, by_network ? "undocumented address" : "undocumented port",
            describe(flow, by_network ? std::string() : name), by_network ? row : nearest.rule};
}

/// A protocol of one vendor alone, at a port of one of its rows, but at none of the row's networks.
std::optional<Undocumented> elsewhere(const RollUpInput& input, const facts::Flow& flow,
                                      std::uint32_t index) {
    if (!is_vendors_protocol(flow.protocol)) {
        return std::nullopt;
    }
    for (const auto* revision : input.index.revisions()) {
        const auto* row = revision->vendor == "zoom" ? row_with_port(*revision, flow) : nullptr;
        if (row != nullptr && !row->destinations.prefixes.empty()) {
            return Undocumented{revision, index, "undocumented address", describe(flow, {}), row};
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Undocumented> list_undocumented(const RollUpInput& input) {
    std::vector<Undocumented> list;
    for (const std::uint32_t i : input.digests.of_vendors()) {
        const auto& flow = input.observation.flows[i];
        const auto& attribution = *input.flows[i].attribution;
        const auto& rules = attribution.rules;
        const auto& name = attribution.server_name;
        if (!rules.empty() && rules.front().port == nullptr && !rules.front().shared) {
            list.push_back(outside_of(rules.front(), flow, name, i));
        } else if (rules.empty() && attribution.vendor_only != nullptr) {
            const auto& revision = *attribution.vendor_only;
            list.push_back({&revision, i, "undocumented name", describe(flow, name),
                            row_with_port(revision, flow)});
        } else if (rules.empty()) {
            if (auto stray = elsewhere(input, flow, i)) {
                list.push_back(std::move(*stray));
            }
        }
    }
    return list;
}

}  // namespace turnpike::verdict
