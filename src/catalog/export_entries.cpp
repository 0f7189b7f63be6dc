// Requirements as entries that no firewall's language shows in.
#include <fmt/core.h>

#include <algorithm>

#include "turnpike/catalog/export.h"

namespace turnpike::catalog {
namespace {

std::string need_of(const Requirement& requirement) {
    std::string need(to_string(requirement.level()));
    if (!requirement.condition().empty()) {
        need += ": " + requirement.condition();
    }
    return need;
}

bool retired(const Rule& rule, base::Timestamp at) {
    return rule.lifecycle_at(at) == Lifecycle::retired;
}

void add_remarks(const Revision& revision, base::Timestamp at, std::vector<std::string>& remarks) {
    if (!revision.allow_listable) {
        remarks.push_back(fmt::format("{}: no list of rules will do; use {}", revision.selector(),
                                      revision.use_instead));
    }
    for (const auto& rule : revision.rules) {
        if (retired(rule, at)) {
            remarks.push_back(
                fmt::format("{} {}: retired, so no rule", revision.selector(), rule.id));
        } else if (std::ranges::find(rule.ports, true, &PortItem::stated) == rule.ports.end()) {
            remarks.push_back(fmt::format("{} {}: the document states no ports, so no rule: {}",
                                          revision.selector(), rule.id, rule.destinations.text()));
        }
    }
}

}  // namespace

ExportEntry export_entry(const Requirement& requirement) {
    const auto& destinations = requirement.rule->destinations;
    ExportEntry entry;
    entry.selector = requirement.revision->selector();
    entry.rule_id = requirement.rule->id;
    entry.purpose = requirement.rule->purpose;
    entry.need = need_of(requirement);
    entry.direction = requirement.rule->direction;
    entry.transport = requirement.port->transport;
    entry.first = requirement.port->first;
    entry.last = requirement.port->last;
    entry.prefixes.assign(destinations.prefixes.begin(), destinations.prefixes.end());
    for (const auto& name : destinations.names) {
        entry.names.push_back(name.text);
    }
    entry.any = destinations.any;
    entry.any_without_wildcards = destinations.any_without_wildcards;
    entry.reference = destinations.reference;
    return entry;
}

Export export_revisions(const std::vector<const Revision*>& revisions, base::Timestamp at) {
    Export result;
    for (const auto* revision : revisions) {
        for (const auto& requirement : requirements_of(*revision)) {
            if (requirement.port->stated && !retired(*requirement.rule, at)) {
                result.entries.push_back(export_entry(requirement));
            }
        }
        add_remarks(*revision, at, result.remarks);
    }
    return result;
}

}  // namespace turnpike::catalog
