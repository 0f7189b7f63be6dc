// Ranks the rules that fit a flow, and keeps those that none is better than.
#include "attribute/contest.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <compare>
#include <cstdint>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "turnpike/catalog/carries.h"
#include "turnpike/facts/volume.h"

namespace turnpike::attribute {
namespace {

/// What a candidate rests on, the weakest first. A DNS answer to another client weighs as much as
/// the next weaker confidence.
enum class Ground : std::uint8_t { hearsay, port, context, dns, exact };

Ground ground_of(const Attribution& candidate) noexcept {
    switch (candidate.confidence) {
        case Confidence::exact:
            return candidate.other_client ? Ground::dns : Ground::exact;
        case Confidence::dns:
            return candidate.other_client ? Ground::context : Ground::dns;
        case Confidence::context:
            return candidate.other_client ? Ground::port : Ground::context;
        case Confidence::port:
            return candidate.other_client ? Ground::hearsay : Ground::port;
    }
    return Ground::hearsay;
}

/// How good a candidate is, compared from the first member to the last.
struct Rank {
    bool own = false;  ///< not a name or network that many products share: those come last of all
    Ground ground = Ground::hearsay;
    bool by_name = false;  ///< a name says more than the block it happens to be hosted in
    int specificity = 0;   ///< of the pattern or prefix
    friend auto operator<=>(const Rank&, const Rank&) = default;
};

Rank rank(const Attribution& candidate) noexcept {
    return {!candidate.shared, ground_of(candidate), !candidate.name.empty(),
            candidate.specificity};
}

using Product = std::pair<std::string_view, std::string_view>;

Product product_of(const catalog::Revision& revision) {
    return {revision.vendor, revision.product};
}

/// Drops what another product matches better, and within a revision what another row matches
/// better. The candidates stand best first.
void keep_most_specific(std::vector<Attribution>& candidates) {
    struct Best {
        const catalog::Revision* revision = nullptr;
        Rank rank;
    };
    boost::container::small_vector<Best, 8> best;  // of each revision its first candidate
    const Rank winning = rank(candidates.front());
    const auto best_of = [&best](const catalog::Revision* revision) {
        return std::ranges::find(best, revision, &Best::revision);
    };
    const auto wins = [&](const Attribution& candidate) {
        return std::ranges::any_of(best, [&](const Best& other) {
            return other.rank == winning &&
                   product_of(*other.revision) == product_of(*candidate.revision);
        });
    };
    for (const auto& candidate : candidates) {
        if (best_of(candidate.revision) == best.end()) {
            best.push_back({candidate.revision, rank(candidate)});
        }
    }
    std::erase_if(candidates, [&](const Attribution& candidate) {
        return !wins(candidate) || rank(candidate) != best_of(candidate.revision)->rank;
    });
}

/// Rows of the vendor's other products that media take under the name of this one: its servers
/// stand in their networks, and nothing tells which of the two a connection is for. The candidates
/// stand best first.
std::vector<Attribution> media_rows_beside(const std::vector<Attribution>& candidates,
                                           const facts::Flow& flow) {
    const Attribution& best = candidates.front();
    std::vector<Attribution> beside;
    if (best.name.empty() || best.shared || !facts::carries_much(flow)) {
        return beside;
    }
    std::ranges::copy_if(candidates, std::back_inserter(beside), [&](const Attribution& other) {
        return other.name.empty() && other.confidence == Confidence::exact && !other.shared &&
               other.revision->vendor == best.revision->vendor &&
               other.revision->product != best.revision->product &&
               catalog::carries_media(*other.rule);
    });
    if (!beside.empty()) {
        keep_most_specific(beside);
    }
    return beside;
}

/// One entry a rule: the most specific of its patterns. Puts the best first.
void drop_repeats(std::vector<Attribution>& candidates) {
    const auto better = [](const Attribution& a, const Attribution& b) {
        return rank(a) > rank(b);
    };
    if (!std::ranges::is_sorted(candidates, better)) {  // sorting takes memory even so
        std::ranges::stable_sort(candidates, better);
    }
    auto kept = candidates.begin();  // the end of those
    for (auto candidate = kept; candidate != candidates.end(); ++candidate) {
        const bool repeated =
            std::any_of(candidates.begin(), kept, [&candidate](const Attribution& other) {
                return other.rule == candidate->rule && other.port == candidate->port;
            });
        if (!repeated) {
            if (candidate != kept) {
                *kept = std::move(*candidate);
            }
            ++kept;
        }
    }
    candidates.erase(kept, candidates.end());
}

/// Within a revision, rows that expect another protocol give way to rows that expect this one.
void prefer_fitting_protocol(std::vector<Attribution>& candidates, const facts::Flow& flow) {
    const auto fits_flow = [&flow](const Attribution& candidate) {
        return protocol_fits(*candidate.rule, flow);
    };
    if (std::ranges::all_of(candidates, fits_flow)) {
        return;
    }
    std::map<const catalog::Revision*, bool> fits;
    for (const auto& candidate : candidates) {
        fits[candidate.revision] |= fits_flow(candidate);
    }
    std::erase_if(candidates, [&](const Attribution& candidate) {
        return fits[candidate.revision] && !fits_flow(candidate);
    });
}

}  // namespace

std::vector<Attribution> decide(std::vector<Attribution> candidates, const facts::Flow& flow) {
    const auto documented = [](const Attribution& candidate) { return candidate.port != nullptr; };
    if (std::ranges::any_of(candidates, documented)) {
        std::erase_if(candidates,
                      [&](const Attribution& candidate) { return !documented(candidate); });
    }
    if (candidates.empty()) {
        return candidates;
    }
    drop_repeats(candidates);
    auto beside = media_rows_beside(candidates, flow);
    keep_most_specific(candidates);
    std::ranges::move(beside, std::back_inserter(candidates));
    prefer_fitting_protocol(candidates, flow);
    return candidates;
}

std::vector<Attribution> rules_of_name(const catalog::Index& index, std::string_view name) {
    return rules_of_name(index.match_name(name), name);
}

std::vector<Attribution> rules_of_name(const std::vector<catalog::NameMatch>& patterns,
                                       std::string_view name) {
    std::vector<Attribution> candidates;
    for (const auto& match : patterns) {
        if (match.rule->direction == catalog::RuleDirection::inbound) {
            continue;
        }
        auto& candidate = candidates.emplace_back();
        candidate.revision = match.revision;
        candidate.rule = match.rule;
        candidate.confidence = Confidence::dns;
        candidate.specificity = match.specificity;
        candidate.shared = match.pattern->shared;
        candidate.matched = match.pattern->text;
        candidate.name = std::string(name);
        candidate.name_source = facts::NameSource::dns;
    }
    if (!candidates.empty()) {
        drop_repeats(candidates);
        keep_most_specific(candidates);
    }
    return candidates;
}

}  // namespace turnpike::attribute
