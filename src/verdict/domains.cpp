// Every domain pattern of the considered rules, with the names that were seen under it.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "turnpike/base/text.h"
#include "verdict/roll_up.h"

namespace turnpike::verdict {
namespace {

constexpr std::size_t most_notes = 16;  // of one pattern

/// What happened to one name, on the wire and in DNS.
struct NameStory {
    bool passed = false;
    bool blocked = false;
    BlockReason reason = BlockReason::none;
    bool resolved = false;
    bool zone_says_no = false;
};

std::map<std::string, NameStory> gather_names(const RollUpInput& input) {
    std::map<std::string, NameStory> names;
    for (const auto& [name, outcome] : input.names) {
        auto& story = names[std::string(name)];
        story.resolved = outcome.resolved;
        story.zone_says_no = outcome.zone_says_no;
        story.blocked = outcome.reason != BlockReason::none;
        story.reason = outcome.reason;
    }
    for (const auto& verdict : input.flows) {
        if (verdict.attribution->server_name.empty()) {
            continue;
        }
        auto& story = names[base::to_lower(verdict.attribution->server_name)];
        story.passed = story.passed || verdict.outcome == Outcome::passed;
        if (verdict.outcome == Outcome::blocked && story.reason == BlockReason::none) {
            story.blocked = true;
            story.reason = verdict.reason;
        }
    }
    if (input.past != nullptr) {
        for (const auto& [name, before] : input.past->names()) {
            auto& story = names[name];
            story.passed = story.passed || before.flow_passed;
            if (before.flow_blocked != BlockReason::none && story.reason == BlockReason::none) {
                story.blocked = true;
                story.reason = before.flow_blocked;
            }
        }
    }
    return names;
}

/// A working name makes the pattern observed; failures beside it stay visible as the reason.
void count_name(const std::string& name, const NameStory& story, DomainVerdict& domain) {
    domain.names_seen.push_back(name);
    const bool works = story.passed || (story.resolved && !story.blocked);
    if (works) {
        domain.status = Status::observed;
    } else if (story.blocked && domain.status != Status::observed) {
        domain.status = Status::blocked;
    } else if (domain.status == Status::unmatched) {
        domain.status = Status::inconclusive;
    }
    if (story.zone_says_no && domain.notes.size() < most_notes) {
        domain.notes.push_back("zone_says_no " + name);
    }
    if (story.blocked && domain.reason == BlockReason::none) {
        domain.reason = story.reason;
    }
}

}  // namespace

std::vector<DomainVerdict> roll_up_domains(const RollUpInput& input) {
    std::vector<DomainVerdict> domains;
    std::map<std::pair<const catalog::Rule*, std::string_view>, std::size_t> positions;
    for (const auto* revision : input.index.revisions()) {
        for (const auto& rule : revision->rules) {
            for (const auto& pattern : rule.destinations.names) {
                positions.emplace(std::pair{&rule, std::string_view{pattern.text}}, domains.size());
                auto& domain = domains.emplace_back();
                domain.revision = revision;
                domain.rule = &rule;
                domain.pattern = pattern.text;
            }
        }
    }
    for (const auto& [name, story] : gather_names(input)) {
        for (const auto& attribution : attribute::rules_of_name(input.index, name)) {
            const auto found =
                positions.find({attribution.rule, std::string_view{attribution.matched}});
            if (found != positions.end() && counts(attribution, input)) {
                count_name(name, story, domains[found->second]);
            }
        }
    }
    return domains;
}

}  // namespace turnpike::verdict
