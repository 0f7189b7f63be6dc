// Every domain pattern of the considered rules, with the names that were seen under it.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "turnpike/base/keyed_hash.h"
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

/// What happened to the names that rules are about, in order. Of all that were seen these are few.
class NameStories {
  public:
    struct Known {
        std::vector<attribute::Attribution> rules;
        NameStory story;
    };

    explicit NameStories(const RollUpInput& input) : input_(input) {}

    /// What to tell of the name, which is in lower case; null if no rule is about it.
    NameStory* find(std::string_view name) {
        // By its hash: nobody can make two names that have the same.
        const auto hash = NameOutcomes::hash_of(name);
        const auto [known, fresh] = seen_.try_emplace(hash, nullptr);
        if (fresh) {
            if (auto rules = rules_of(name, hash); !rules.empty()) {
                Known& added = names_[std::string(name)];
                added.rules = std::move(rules);
                known->second = &added.story;
            }
        }
        return known->second;
    }
    [[nodiscard]] const std::map<std::string, Known>& names() const noexcept { return names_; }

  private:
    [[nodiscard]] std::vector<attribute::Attribution> rules_of(std::string_view name,
                                                               std::uint64_t hash) const {
        const auto* const asked = input_.names.find_hashed(hash);
        return asked != nullptr ? asked->rules : attribute::rules_of_name(input_.index, name);
    }

    const RollUpInput& input_;
    std::map<std::string, Known> names_;
    boost::unordered_flat_map<std::uint64_t, NameStory*> seen_;  ///< by hash
};

NameStories gather_names(const RollUpInput& input) {
    NameStories names(input);
    for (const auto& [name, outcome] : input.names) {
        if (outcome.rules.empty() || outcome.told_before) {
            continue;
        }
        if (auto* const story = names.find(name)) {
            story->resolved = outcome.resolved;
            story->zone_says_no = outcome.zone_says_no;
            story->blocked = outcome.reason != BlockReason::none;
            story->reason = outcome.reason;
        }
    }
    const auto fails = [](NameStory& story, BlockReason reason) {
        if (story.reason == BlockReason::none) {
            story.blocked = true;
            story.reason = reason;
        }
    };
    std::string room;
    for (const std::uint32_t i : input.digests.named()) {
        const auto& verdict = input.flows[i];
        if (auto* const story = names.find(base::lowered(verdict.attribution->server_name, room))) {
            story->passed = story->passed || verdict.outcome == Outcome::passed;
            if (verdict.outcome == Outcome::blocked) {
                fails(*story, verdict.reason);
            }
        }
    }
    if (input.past != nullptr) {
        for (const auto& [name, before] : input.past->names()) {
            if (auto* const story = names.find(name)) {
                story->passed = story->passed || before.flow_passed;
                if (before.flow_blocked != BlockReason::none) {
                    fails(*story, before.flow_blocked);
                }
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
    const auto names = gather_names(input);
    for (const auto& [name, known] : names.names()) {
        for (const auto& attribution : known.rules) {
            const auto found =
                positions.find({attribution.rule, std::string_view{attribution.matched}});
            if (found != positions.end() && counts(attribution, input)) {
                count_name(name, known.story, domains[found->second]);
            }
        }
    }
    return domains;
}

}  // namespace turnpike::verdict
