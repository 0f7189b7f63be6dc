// What changed from one run to another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/report/report.h"
#include "turnpike/store/reader.h"

namespace turnpike::report {

/// How a row changed.
enum class Change : std::uint8_t {
    worse,    ///< blocked now, or less sure to work than before
    better,   ///< the other way round
    changed,  ///< as bad as before, for another reason
    fresh,    ///< seen now, and not before
    gone,     ///< seen before, and not now
    same,     ///< nothing changed
};
/// "worse", "better", "changed", "new", "gone", "same".
std::string_view to_string(Change change) noexcept;
/// The inverse of to_string(); nothing for any other word.
std::optional<Change> parse_change(std::string_view word) noexcept;

/// What a difference is about.
enum class Subject : std::uint8_t {
    product,       ///< a product's headline
    requirement,   ///< a row with its port
    name,          ///< a name pattern of a row
    undocumented,  ///< traffic that no row names
};
/// The enumerator's name: "product", "requirement", "name", "undocumented".
std::string_view to_string(Subject subject) noexcept;

/// A row that both runs looked for.
struct Difference {
    Change change = Change::same;
    Subject subject = Subject::requirement;
    store::ProductName product;
    std::string rule_id;  ///< empty for products and undocumented traffic
    std::string what;     ///< "udp 443", a name pattern, "udp 4443 to x.example"; empty: a product
    std::string before;   ///< "observed", "blocked (udp_timeout)"; empty: not seen
    std::string after;
};

/// A run and the database that holds it.
struct DiffSide {
    store::Reader& reader;
    const store::RunRow& run;
};

/// What one of two runs looked for.
struct Scope {
    std::uint64_t products = 0;
    std::uint64_t requirements = 0;
    std::vector<std::string> products_only_here;  ///< "vendor/product", which the other left out
    /// Of products that both looked for: other settings or another revision.
    std::uint64_t requirements_only_here = 0;
};

/// What changed between two runs, and what could not be compared.
struct RunDiff {
    /// Rows that both runs looked for and either saw something of, the worst first, unchanged ones
    /// last. Rows of different revisions of a document are compared by their rule.
    std::vector<Difference> differences;
    Scope before;
    Scope after;

    /// Whether both looked for the same products and requirements.
    [[nodiscard]] bool same_scope() const noexcept;
};

/// Compares two runs. A row that only one of them looked for is no difference: that the other did
/// not see it says nothing.
RunDiff diff(const DiffSide& before, const DiffSide& after);

/// Renders as text, JSON, Markdown, HTML or JUnit (CSV is none of them: base::Error usage).
void render_diff(const DiffSide& before, const DiffSide& after, const RunDiff& diff, Format format,
                 const Options& options, const Sink& sink);

}  // namespace turnpike::report
