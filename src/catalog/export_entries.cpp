// Requirements as entries that no firewall's language shows in, and which of them are wanted.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "turnpike/catalog/carries.h"
#include "turnpike/catalog/export.h"

namespace turnpike::catalog {
namespace {

using Needed = ExportChoice::Needed;

std::string row_of(const ExportEntry& entry) {
    return entry.revision->selector() + ' ' + entry.rule->id;
}

void add_remarks(const Revision& revision, std::vector<std::string>& remarks) {
    if (!revision.allow_listable) {
        remarks.push_back(fmt::format("{}: no list of rules will do; use {}", revision.selector(),
                                      revision.use_instead));
    }
    for (const auto& demand : revision.demands) {
        remarks.push_back(fmt::format(
            "{} also asks ({}): {}", revision.selector(), to_string(demand.kind),
            demand.seconds ? fmt::format("{} s, {}", *demand.seconds, demand.text) : demand.text));
    }
}

bool wanted(const ExportEntry& entry, Needed needed) noexcept {
    switch (entry.level()) {
        case Level::required:
            return true;
        case Level::recommended:
        case Level::conditional:
            return needed != Needed::required;
        case Level::optional:
            return needed == Needed::all;
    }
    return true;
}

void keep_needed(Export& what, Needed needed) {
    std::vector<ExportEntry> kept;
    for (auto& entry : what.entries) {
        if (wanted(entry, needed)) {
            kept.push_back(std::move(entry));
            continue;
        }
        auto remark = fmt::format(
            "{}{}: left out, {}", row_of(entry),
            entry.port == nullptr
                ? std::string()
                : fmt::format(" {} {}", to_string(entry.port->transport), entry.port->text),
            to_string(entry.level()));
        if (entry.level() == Level::conditional) {
            remark += fmt::format(" ({}); --set may decide it", entry.condition());
        }
        what.remarks.push_back(std::move(remark));
    }
    what.entries = std::move(kept);
}

/// A group of alternatives in a revision.
using Group = std::pair<const Revision*, std::string_view>;

/// The branch that comes first.
struct Preferred {
    unsigned preference = 0;
    bool carries_signaling = false;
};

// Branches without an order replace each other as well, but the document prefers none of them.
std::map<Group, Preferred> preferred_branches(const std::vector<ExportEntry>& entries) {
    std::map<Group, Preferred> best;
    for (const auto& entry : entries) {
        const auto& rule = *entry.rule;
        if (rule.alternative_group.empty() || rule.preference == 0) {
            continue;
        }
        const bool signaling = carries_signaling(rule);
        const auto [place, fresh] = best.try_emplace({entry.revision, rule.alternative_group},
                                                     Preferred{rule.preference, signaling});
        auto& known = place->second;
        if (rule.preference < known.preference) {
            known = {rule.preference, signaling};
        } else if (rule.preference == known.preference) {
            known.carries_signaling = known.carries_signaling || signaling;
        }
    }
    return best;
}

/// A row that carries signaling as well is no fallback alone: media over UDP does not replace it.
bool is_kept(const Rule& rule, const Preferred& preferred) {
    return rule.preference == preferred.preference ||
           (carries_signaling(rule) && !preferred.carries_signaling);
}

void keep_preferred(Export& what) {
    const auto best = preferred_branches(what.entries);
    std::vector<ExportEntry> kept;
    for (auto& entry : what.entries) {
        const auto& rule = *entry.rule;
        const auto group = best.find({entry.revision, rule.alternative_group});
        if (group == best.end() || is_kept(rule, group->second)) {
            kept.push_back(std::move(entry));
            continue;
        }
        auto remark = fmt::format("{}: left out, the document prefers another branch of {}",
                                  row_of(entry), rule.alternative_group);
        if (what.remarks.empty() || what.remarks.back() != remark) {
            what.remarks.push_back(std::move(remark));
        }
    }
    what.entries = std::move(kept);
}

}  // namespace

bool ExportEntry::has_ports() const noexcept {
    return port != nullptr && port->stated && port->text != "unstated";
}

Level ExportEntry::level() const noexcept {
    return port == nullptr ? rule->level : port->level.value_or(rule->level);
}

const std::string& ExportEntry::condition() const noexcept {
    return port == nullptr || port->condition.empty() ? rule->condition : port->condition;
}

void choose(Export& what, const ExportChoice& choice) {
    keep_needed(what, choice.needed);
    if (choice.preferred_only) {
        keep_preferred(what);
    }
}

Export export_revisions(const std::vector<const Revision*>& revisions, base::Timestamp at,
                        const ExportChoice& choice) {
    Export result;
    for (const auto* revision : revisions) {
        for (const auto& rule : revision->rules) {
            if (rule.lifecycle_at(at) == Lifecycle::retired) {
                result.remarks.push_back(
                    fmt::format("{} {}: retired, so no rule", revision->selector(), rule.id));
                continue;
            }
            for (const auto& port : rule.ports) {
                result.entries.push_back({revision, &rule, &port, {}});
            }
            if (rule.ports.empty()) {
                result.entries.push_back({revision, &rule, nullptr, {}});
            }
        }
        add_remarks(*revision, result.remarks);
    }
    choose(result, choice);
    return result;
}

}  // namespace turnpike::catalog
