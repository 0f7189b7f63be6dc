// Compares what two runs say of requirements, names and headlines, row by row.
#include "turnpike/report/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "turnpike/base/words.h"

namespace turnpike::report {
namespace {

using base::Word;

constexpr std::array change_words{
    Word{Change::worse, "worse"}, Word{Change::better, "better"}, Word{Change::changed, "changed"},
    Word{Change::fresh, "new"},   Word{Change::gone, "gone"},     Word{Change::same, "same"},
};
static_assert(base::in_order(change_words));

constexpr std::array subject_words{
    Word{Subject::product, "product"},
    Word{Subject::requirement, "requirement"},
    Word{Subject::name, "name"},
    Word{Subject::undocumented, "undocumented"},
};
static_assert(base::in_order(subject_words));

/// What a run says of a row. A row that it does not have says nothing.
struct State {
    int rank = 0;      ///< the higher the better; 0: nothing was seen
    std::string text;  ///< empty: nothing was seen
};

/// A revision more or less is another document, but the same rows.
struct Key {
    Subject subject = Subject::requirement;
    std::string vendor;
    std::string product;
    std::string rule_id;
    std::string what;
    friend auto operator<=>(const Key&, const Key&) = default;
};

struct RowOfRun {
    store::ProductName product;
    State state;
};
using Rows = std::map<Key, RowOfRun>;

int rank_of_word(std::string_view word) {
    constexpr std::array ranks{
        // Statuses and outcomes ...
        std::pair{std::string_view{"blocked"}, 1},
        std::pair{std::string_view{"inconclusive"}, 2},
        std::pair{std::string_view{"observed"}, 4},
        std::pair{std::string_view{"passed"}, 4},
        // ... and what headlines say.
        std::pair{std::string_view{"fails"}, 1},
        std::pair{std::string_view{"cannot_tell"}, 2},
        std::pair{std::string_view{"fallback"}, 3},
        std::pair{std::string_view{"works"}, 4},
    };
    const auto* const found =
        std::ranges::find(ranks, word, &std::pair<std::string_view, int>::first);
    return found == ranks.end() ? 0 : found->second;
}

State state_of(const std::string& status, const std::string& reason) {
    const int rank = rank_of_word(status);
    if (rank == 0) {
        return {};
    }
    return {rank, reason.empty() ? status : fmt::format("{} ({})", status, reason)};
}

State state_of(const store::RequirementRow& row) {
    if (row.status == "observed" && row.flows_blocked > 0) {
        return {3, fmt::format("observed, some attempts blocked ({})", row.block_reason)};
    }
    return state_of(row.status,
                    row.status == "blocked" ? row.block_reason : row.inconclusive_reason);
}

void add(Rows& rows, Subject subject, const store::ProductName& product, std::string rule_id,
         std::string what, State state) {
    if (state.rank == 0) {
        return;
    }
    auto& row =
        rows[{subject, product.vendor, product.product, std::move(rule_id), std::move(what)}];
    // Of several flows with the same words the worst counts.
    if (row.state.rank == 0 || state.rank < row.state.rank) {
        row = {product, std::move(state)};
    }
}

Rows rows_by_key(const DiffSide& side) {
    Rows rows;
    const auto run = side.run.run_id;
    for (const auto& row : side.reader.headlines(run)) {
        add(rows, Subject::product, row.product, {}, {}, state_of(row.state, {}));
    }
    for (const auto& row : side.reader.requirements(run)) {
        add(rows, Subject::requirement, row.name.product, row.name.rule_id,
            row.name.transport + " " + row.name.ports, state_of(row));
    }
    for (const auto& row : side.reader.domains(run)) {
        add(rows, Subject::name, row.product, row.rule_id, row.pattern,
            state_of(row.status, row.block_reason));
    }
    for (const auto& row : side.reader.undocumented(run)) {
        add(rows, Subject::undocumented, row.product, {}, row.what + ": " + row.detail,
            state_of(row.outcome, row.block_reason));
    }
    return rows;
}

Change change_of(const State& before, const State& after) {
    if (before.rank == 0 || after.rank == 0) {
        if (after.rank == 1) {
            return Change::worse;  // nobody knew that it is blocked
        }
        return before.rank == 0 ? Change::fresh : Change::gone;
    }
    if (before.rank != after.rank) {
        return after.rank < before.rank ? Change::worse : Change::better;
    }
    return before.text == after.text ? Change::same : Change::changed;
}

bool tells_of_dns(const Difference& one) {
    constexpr std::string_view by_dns = "(dns_";
    return one.before.find(by_dns) != std::string::npos ||
           one.after.find(by_dns) != std::string::npos;
}

/// How connections to a name fared is told by the rows that it is of. It stays where no such row
/// changed, and where the resolver is what changed.
void leave_out_explained_names(std::vector<Difference>& list) {
    using Rule = std::tuple<std::string, std::string, std::string>;
    std::set<Rule> changed;
    for (const auto& one : list) {
        if (one.subject == Subject::requirement && one.change != Change::same) {
            changed.emplace(one.product.vendor, one.product.product, one.rule_id);
        }
    }
    std::set<Rule> explained;  // its patterns: other rules may have the same
    for (const auto& one : list) {
        if (one.subject == Subject::name &&
            changed.contains({one.product.vendor, one.product.product, one.rule_id})) {
            explained.emplace(one.product.vendor, one.product.product, one.what);
        }
    }
    std::erase_if(list, [&explained](const Difference& one) {
        return one.subject == Subject::name && one.change != Change::same && !tells_of_dns(one) &&
               explained.contains({one.product.vendor, one.product.product, one.what});
    });
}

}  // namespace

std::string_view to_string(Change change) noexcept {
    return word_of(change_words, change);
}

std::optional<Change> parse_change(std::string_view word) noexcept {
    return value_of(change_words, word);
}

std::string_view to_string(Subject subject) noexcept {
    return word_of(subject_words, subject);
}

std::vector<Difference> diff(const DiffSide& before, const DiffSide& after) {
    const auto old_rows = rows_by_key(before);
    auto rows = rows_by_key(after);
    for (const auto& [key, row] : old_rows) {
        rows.try_emplace(key, RowOfRun{row.product, {}});
    }
    std::vector<Difference> list;
    list.reserve(rows.size());
    for (const auto& [key, row] : rows) {
        const auto found = old_rows.find(key);
        const State old = found == old_rows.end() ? State{} : found->second.state;
        list.push_back({change_of(old, row.state), key.subject, row.product, key.rule_id, key.what,
                        old.text, row.state.text});
    }
    leave_out_explained_names(list);
    std::ranges::stable_sort(list, {}, &Difference::change);
    return list;
}

}  // namespace turnpike::report
