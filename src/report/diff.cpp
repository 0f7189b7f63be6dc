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

using Product = std::pair<std::string, std::string>;  ///< vendor and product
using Keys = std::set<Key>;

/// What a run looked for, whether or not it saw anything of it.
struct LookedFor {
    std::set<Product> products;
    Keys rows;  ///< requirements and names
};

/// What a run looked for, and what it saw.
struct RunRows {
    LookedFor looked_for;
    Rows rows;
};

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

void add(Rows& rows, Key key, const store::ProductName& product, State state) {
    if (state.rank == 0) {
        return;
    }
    auto& row = rows[std::move(key)];
    // Of several flows with the same words the worst counts.
    if (row.state.rank == 0 || state.rank < row.state.rank) {
        row = {product, std::move(state)};
    }
}

Key key_of(const store::RequirementRow& row) {
    const auto& name = row.name;
    return {Subject::requirement, name.product.vendor, name.product.product, name.rule_id,
            name.transport + " " + name.ports};
}

Key key_of(const store::DomainRow& row) {
    return {Subject::name, row.product.vendor, row.product.product, row.rule_id, row.pattern};
}

RunRows rows_of(const DiffSide& side) {
    RunRows result;
    auto& [looked_for, rows] = result;
    const auto run = side.run.run_id;
    for (const auto& row : side.reader.products(run)) {
        looked_for.products.emplace(row.name.vendor, row.name.product);
    }
    for (const auto& row : side.reader.requirements(run)) {
        looked_for.rows.insert(key_of(row));
        add(rows, key_of(row), row.name.product, state_of(row));
    }
    for (const auto& row : side.reader.domains(run)) {
        looked_for.rows.insert(key_of(row));
        add(rows, key_of(row), row.product, state_of(row.status, row.block_reason));
    }
    for (const auto& row : side.reader.headlines(run)) {
        const auto& name = row.product;
        add(rows, {Subject::product, name.vendor, name.product, {}, {}}, name,
            state_of(row.state, {}));
    }
    for (const auto& row : side.reader.undocumented(run)) {
        const auto& name = row.product;
        add(rows,
            {Subject::undocumented, name.vendor, name.product, {}, row.what + ": " + row.detail},
            name, state_of(row.outcome, row.block_reason));
    }
    return result;
}

/// Would have been seen by the run, had it been there.
bool covers(const LookedFor& looked_for, const Key& key) {
    const bool by_row = key.subject == Subject::requirement || key.subject == Subject::name;
    return by_row ? looked_for.rows.contains(key)
                  : looked_for.products.contains({key.vendor, key.product});
}

Scope scope_of(const LookedFor& here, const LookedFor& other) {
    Scope scope;
    scope.products = here.products.size();
    for (const auto& product : here.products) {
        if (!other.products.contains(product)) {
            scope.products_only_here.push_back(product.first + "/" + product.second);
        }
    }
    for (const auto& key : here.rows) {
        if (key.subject != Subject::requirement) {
            continue;
        }
        ++scope.requirements;
        if (other.products.contains({key.vendor, key.product}) && !other.rows.contains(key)) {
            ++scope.requirements_only_here;
        }
    }
    return scope;
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

bool RunDiff::same_scope() const noexcept {
    const auto none = [](const Scope& scope) {
        return scope.products_only_here.empty() && scope.requirements_only_here == 0;
    };
    return none(before) && none(after);
}

RunDiff diff(const DiffSide& before, const DiffSide& after) {
    const auto old_run = rows_of(before);
    const auto new_run = rows_of(after);
    RunDiff result;
    result.before = scope_of(old_run.looked_for, new_run.looked_for);
    result.after = scope_of(new_run.looked_for, old_run.looked_for);
    auto rows = new_run.rows;
    for (const auto& [key, row] : old_run.rows) {
        rows.try_emplace(key, RowOfRun{row.product, {}});
    }
    auto& list = result.differences;
    for (const auto& [key, row] : rows) {
        if (!covers(old_run.looked_for, key) || !covers(new_run.looked_for, key)) {
            continue;
        }
        const auto found = old_run.rows.find(key);
        const State old = found == old_run.rows.end() ? State{} : found->second.state;
        list.push_back({change_of(old, row.state), key.subject, row.product, key.rule_id, key.what,
                        old.text, row.state.text});
    }
    leave_out_explained_names(list);
    std::ranges::stable_sort(list, {}, &Difference::change);
    return result;
}

}  // namespace turnpike::report
