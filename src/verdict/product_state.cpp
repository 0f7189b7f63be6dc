// What a product's rows come to: the sentence that a reader acts on.
#include "verdict/product_state.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "turnpike/base/printable.h"
#include "turnpike/catalog/carries.h"
#include "turnpike/verdict/remedies.h"
#include "verdict/media.h"

namespace turnpike::verdict {
namespace {

using catalog::carries_signaling;
using Rows = std::vector<const RequirementVerdict*>;

constexpr std::size_t most_rows = 4;    // named in one sentence
constexpr std::size_t most_advice = 3;  // sentences

template <typename Predicate>
Rows rows_that(const Rows& rows, Predicate wanted) {
    Rows found;
    std::ranges::copy_if(rows, std::back_inserter(found), wanted);
    return found;
}

std::string_view meaning(BlockReason reason) {
    const auto* known = find_remedy(WordKind::block_reason, to_string(reason));
    return known == nullptr ? std::string_view{} : known->meaning;
}

std::string levelled_name(const RequirementVerdict& row) {
    const auto level = level_of(row);
    return level == catalog::Level::required
               ? row_name(row)
               : fmt::format("{}, {}", row_name(row), catalog::to_string(level));
}

std::string listed(const Rows& rows) {
    std::vector<std::string> names;
    for (const auto* row : rows) {
        auto name = levelled_name(*row);
        if (std::ranges::find(names, name) == names.end()) {  // rows may share purpose and port
            names.push_back(std::move(name));
        }
    }
    if (names.size() > most_rows) {
        const auto more = base::counted(names.size() - most_rows, "more row");
        names.resize(most_rows);
        return fmt::format("{} and {}", fmt::join(names, ", "), more);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// "A (udp 443), B (udp 3478): nothing ever came back; C (tcp 443): ..."
std::string blocked_list(const Rows& rows) {
    std::vector<std::pair<BlockReason, Rows>> by_reason;
    for (const auto* row : rows) {
        const auto known =
            std::ranges::find(by_reason, row->reason, &std::pair<BlockReason, Rows>::first);
        if (known == by_reason.end()) {
            by_reason.emplace_back(row->reason, Rows{row});
        } else {
            known->second.push_back(row);
        }
    }
    std::vector<std::string> parts;
    parts.reserve(by_reason.size());
    for (const auto& [reason, group] : by_reason) {
        parts.push_back(fmt::format("{} ({})", listed(group), meaning(reason)));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

bool is_required(const RequirementVerdict& row) noexcept {
    return level_of(row) == catalog::Level::required;
}

bool is_for_media(const catalog::Rule& rule) {
    return expects_media(rule) ||
           std::ranges::find(rule.carries, catalog::Carried::media) != rule.carries.end();
}

/// Whoever goes to a place of the vendor's own shows that the row's condition holds.
bool shows_its_condition(const RequirementVerdict& row) noexcept {
    const auto& places = row.requirement.rule->destinations;
    const auto is_own = [](const auto& place) { return !place.shared; };
    return level_of(row) == catalog::Level::conditional &&
           (std::ranges::any_of(places.names, is_own) ||
            std::ranges::any_of(places.prefixes, is_own));
}

bool has_status(const RequirementVerdict* row, Status status) noexcept {
    return row->status == status;
}

/// Puts the sentence together, clause by clause.
class Teller {
  public:
    explicit Teller(const ProductState& product)
        : product_(product), blocked_(rows_with(Status::blocked)) {
        std::ranges::stable_partition(blocked_, [](const auto* row) { return is_required(*row); });
    }

    Headline tell() {
        headline_.revision = product_.revision;
        if (!fails() && !fallback()) {
            judge_the_rest();
        } else {
            troubles();
        }
        headline_.headline = fmt::format("{}", fmt::join(clauses_, "; "));
        headline_.advice = fmt::format("{}", fmt::join(advice_, " "));
        return std::move(headline_);
    }

  private:
    [[nodiscard]] Rows rows_with(Status status) const {
        return rows_that(product_.rows,
                         [status](const auto* row) { return has_status(row, status); });
    }
    /// Rows that are blocked and have not been named yet, taken.
    template <typename Predicate>
    Rows take_blocked(Predicate wanted) {
        Rows taken = rows_that(blocked_, wanted);
        std::erase_if(blocked_, wanted);
        return taken;
    }
    [[nodiscard]] const AlternativeOutcome* alternative(AlternativeState state) const {
        const auto found =
            std::ranges::find(product_.alternatives, state, &AlternativeOutcome::state);
        return found == product_.alternatives.end() ? nullptr : *found;
    }
    [[nodiscard]] bool any_of_group_works(const std::string& group) const {
        return std::ranges::any_of(product_.rows, [&group](const auto* row) {
            return row->requirement.rule->alternative_group == group &&
                   row->status == Status::observed;
        });
    }
    [[nodiscard]] bool media_was_seen() const {
        return std::ranges::any_of(product_.rows, [](const auto* row) { return row->media; });
    }
    [[nodiscard]] bool signaling_was_seen() const {
        return std::ranges::any_of(product_.rows, [](const auto* row) {
            return row->status == Status::observed && carries_signaling(*row->requirement.rule);
        });
    }
    /// No call does without it: the row demands it, or it was tried on a conditional row and seen
    /// nowhere else.
    [[nodiscard]] bool is_needed(const RequirementVerdict& row) const {
        const auto& rule = *row.requirement.rule;
        return is_required(row) ||
               (shows_its_condition(row) && ((is_for_media(rule) && !media_was_seen()) ||
                                             (tells_what_it_carries(rule) &&
                                              carries_signaling(rule) && !signaling_was_seen())));
    }
    [[nodiscard]] bool has_media_rows() const {
        return std::ranges::any_of(
            product_.rows, [](const auto* row) { return is_for_media(*row->requirement.rule); });
    }

    bool fails();
    bool fallback();
    void judge_the_rest();
    void no_media_was_seen();
    void nothing_was_observed();
    void works();
    void blame(const Rows& rows);
    void also_blocked();
    void undecided();
    void partly();
    void troubles();
    void advise(const RequirementVerdict& row);

    const ProductState& product_;
    Rows blocked_;  ///< and not named yet
    Headline headline_;
    std::vector<std::string> clauses_;
    std::vector<std::string> advice_;
};

bool Teller::fails() {
    const auto* media = alternative(AlternativeState::fails);
    const auto of_media = take_blocked([media](const auto* row) {
        return media != nullptr && row->requirement.rule->alternative_group == media->group;
    });
    const auto others = take_blocked([this](const auto* row) {
        const auto& group = row->requirement.rule->alternative_group;
        return is_needed(*row) && (group.empty() || !any_of_group_works(group));
    });
    if (of_media.empty() && others.empty()) {
        return false;
    }
    headline_.state = HeadlineState::fails;
    if (!of_media.empty()) {
        clauses_.push_back("media is blocked, and no fallback carried it; blocked: " +
                           blocked_list(of_media));
        if (!media->unfinished.empty()) {
            clauses_.push_back(media->unfinished);
            advice_.emplace_back("Let the capture run until the call works or gives up.");
        }
    }
    if (!others.empty()) {
        clauses_.push_back("blocked: " + blocked_list(others));
    }
    Rows all = of_media;
    all.insert(all.end(), others.begin(), others.end());
    blame(all);
    also_blocked();
    return true;
}

/// What to do, and how sure it is.
void Teller::blame(const Rows& rows) {
    const bool suspected = std::ranges::all_of(
        rows, [](const auto* row) { return row->grade == Grade::c || row->grade == Grade::none; });
    if (suspected) {
        clauses_.emplace_back("suspected only: nothing of the kind worked within a minute");
        const bool answered = std::ranges::all_of(
            rows, [](const auto* row) { return something_answered(to_string(row->reason)); });
        advice_.emplace_back(answered ? "It may be the server itself: look there first."
                                      : "Check first that the servers are up.");
    }
    for (const auto* row : rows) {
        advise(*row);
    }
}

void Teller::advise(const RequirementVerdict& row) {
    if (advice_.size() >= most_advice) {
        return;
    }
    const auto& rule = *row.requirement.rule;
    const auto tried = std::ranges::find(product_.tried, &row, &Tried::row);
    const bool known = tried != product_.tried.end();
    constexpr std::size_t columns = 120;  // the row below names more
    const auto destination =
        base::shortened_list(base::from_catalog(rule.destinations.text()), columns);
    auto sentence = opening_advice(
        {catalog::to_string(row.requirement.port->transport), row.requirement.port->text,
         destination, catalog::to_string(rule.direction), to_string(row.reason),
         known ? std::string_view(tried->name) : std::string_view{},
         known ? std::string_view(tried->addresses) : std::string_view{}});
    if (std::ranges::find(advice_, sentence) == advice_.end()) {
        advice_.push_back(std::move(sentence));
    }
}

bool Teller::fallback() {
    const auto* carried = alternative(AlternativeState::fallback);
    if (carried == nullptr) {
        return false;
    }
    headline_.state = HeadlineState::fallback;
    const auto rows = take_blocked([carried](const auto* row) {
        return row->requirement.rule->alternative_group == carried->group;
    });
    const auto why = std::ranges::all_of(
        rows, [&](const auto* row) { return row->reason == rows.front()->reason; });
    clauses_.push_back(why && !rows.empty()
                           ? fmt::format("{} ({})", carried->text, meaning(rows.front()->reason))
                           : carried->text);
    for (const auto* row : rows) {
        advise(*row);
    }
    also_blocked();
    return true;
}

void Teller::also_blocked() {
    if (!blocked_.empty()) {
        clauses_.push_back((clauses_.empty() ? "blocked: " : "also blocked: ") +
                           blocked_list(blocked_));
        for (const auto* row : blocked_) {
            advise(*row);
        }
    }
}

/// Nothing that matters is blocked.
void Teller::judge_the_rest() {
    const bool any_observed = !rows_with(Status::observed).empty();
    const bool no_media = !media_was_seen() && has_media_rows();
    const bool refused =
        std::ranges::any_of(product_.refused, [](const auto* row) { return is_required(*row); });
    if (any_observed && !no_media && !refused) {
        works();
        troubles();
        return;
    }
    headline_.state = HeadlineState::cannot_tell;
    troubles();  // the likeliest cause
    if (any_observed && no_media && !refused) {
        no_media_was_seen();
    } else if (!any_observed) {
        nothing_was_observed();
    }
    undecided();
    also_blocked();
}

void Teller::no_media_was_seen() {
    const auto got_through = base::counted(rows_with(Status::observed).size(), "row");
    const bool one_way = std::ranges::any_of(
        blocked_, [](const auto* row) { return row->reason == BlockReason::one_way; });
    if (one_way) {  // then there was a call
        clauses_.push_back(got_through + " got through, and no media both ways");
        return;
    }
    clauses_.push_back(got_through + " got through, but no media was seen");
    advice_.emplace_back(
        "Make a call with sound and picture for ten seconds or more while capturing.");
}

void Teller::nothing_was_observed() {
    const auto& strays = product_.strays;
    if (strays.flows > 0) {
        clauses_.push_back(fmt::format(
            "its traffic is what its document does not list: {} ({}{})", strays.example,
            base::counted(strays.flows, "flow"),
            strays.blocked == 0 ? std::string() : fmt::format(", {} blocked", strays.blocked)));
        advice_.emplace_back(strays.blocked == 0
                                 ? "Look for a newer document of the vendor."
                                 : "Look for a newer document of the vendor, and open what was "
                                   "blocked if it lists it.");
    } else if (blocked_.empty() && rows_with(Status::inconclusive).empty()) {
        clauses_.emplace_back(
            "names of it were asked for, and nothing that the document lists was "
            "tried");
        advice_.emplace_back("Make a call while capturing.");
    }
}

/// Rows without a verdict, and why.
void Teller::undecided() {
    auto rows = rows_with(Status::inconclusive);
    if (rows.empty()) {
        return;
    }
    std::ranges::stable_partition(rows, [](const auto* row) { return is_required(*row); });
    std::map<InconclusiveReason, std::size_t> counts;
    for (const auto* row : rows) {
        ++counts[row->inconclusive];
    }
    const auto why =
        std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
    const auto* known = find_remedy(WordKind::inconclusive_reason, to_string(why));
    if (known == nullptr) {
        clauses_.push_back("cannot be judged: " + listed(rows));
        return;
    }
    clauses_.push_back(fmt::format("cannot be judged: {} ({})", listed(rows), known->meaning));
    if (known->pressing) {
        advice_.emplace_back(known->remedy);
    }
}

void Teller::works() {
    headline_.state = HeadlineState::works;
    const auto observed = rows_with(Status::observed);
    clauses_.push_back(observed.size() == 1
                           ? fmt::format("{} got through", row_name(*observed.front()))
                           : fmt::format("{} rows got through", observed.size()));
    const auto carrier = std::ranges::find_if(observed, [](const auto* row) {
        return row->media && expects_media(*row->requirement.rule);
    });
    if (carrier != observed.end() && observed.size() > 1) {
        const auto& port = *(*carrier)->requirement.port;
        clauses_.back() +=
            fmt::format(", media over {} {} ({})", catalog::to_string(port.transport), port.text,
                        (*carrier)->requirement.rule->purpose);
    }
    partly();
    also_blocked();
    undecided();
}

/// Rows that work and fail: some of their attempts.
void Teller::partly() {
    for (const auto* row : product_.rows) {
        const auto attempts = row->passed + row->blocked + row->undecided;
        if (row->status != Status::observed || clauses_.size() > most_rows) {
            continue;
        }
        if (row->blocked > 0) {
            clauses_.push_back(fmt::format("of {} {} of {} attempts were blocked ({})",
                                           row_name(*row), row->blocked, attempts,
                                           meaning(row->reason)));
            const auto& revision = *row->requirement.revision;
            advice_.push_back(fmt::format("See which: turnpike report DATABASE --explain {}/{}/{}.",
                                          revision.vendor, revision.product,
                                          row->requirement.rule->id));
        } else if (row->intermittent > 0) {
            clauses_.push_back(fmt::format("{} failed now and then: {} of {} attempts",
                                           row_name(*row), row->intermittent, attempts));
            const auto* known = find_remedy(WordKind::inconclusive_reason, "intermittent");
            advice_.emplace_back(known->remedy);
        }
    }
}

std::string places(const Trouble& trouble) {
    std::set<std::string> all;
    for (const auto* rule : trouble.rules) {
        all.insert(base::from_catalog(rule->destinations.text()));
    }
    constexpr std::size_t columns = 120;
    return base::shortened_list(fmt::format("{}", fmt::join(all, ", ")), columns);
}

void Teller::troubles() {
    const auto said = [this](const Trouble& trouble, std::string_view word, std::string detail) {
        if (trouble.flows > 0) {
            const auto* known = find_remedy(WordKind::note, word);
            clauses_.push_back(fmt::format("{} ({}{})", known->meaning,
                                           base::counted(trouble.flows, "flow"), detail));
            return known->remedy;
        }
        return std::string_view{};
    };
    if (!said(product_.mistrusted, "intercept_rejected", "").empty()) {
        advice_.push_back(fmt::format("TLS inspection is refused by the client: exempt {} from it.",
                                      places(product_.mistrusted)));
    }
    if (const auto remedy = said(product_.mtu, "mtu", ""); !remedy.empty()) {
        advice_.emplace_back(remedy);
    }
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(product_.interrupted.longest).count();
    if (const auto remedy = said(product_.interrupted, "interrupted",
                                 fmt::format(", the longest after {} s", seconds));
        !remedy.empty()) {
        // No firewall forgets a UDP session sooner.
        constexpr long least_session_timeout = 10;
        advice_.emplace_back(seconds < least_session_timeout
                                 ? "Look for rate limits, and for filters that cut a session off "
                                   "once they know what it is."
                                 : remedy);
    }
}

}  // namespace

std::string row_name(const RequirementVerdict& verdict) {
    const auto& requirement = verdict.requirement;
    return fmt::format("{} ({} {})", requirement.rule->purpose,
                       catalog::to_string(requirement.port->transport), requirement.port->text);
}

Headline headline_of(const ProductState& product) {
    return Teller(product).tell();
}

}  // namespace turnpike::verdict
