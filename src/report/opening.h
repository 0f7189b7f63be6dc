// What every report opens and ends with: the headlines, and what to type next. All is safe to show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/summary.h"

namespace turnpike::report {

/// "WORKS OVER THE FALLBACK" for "fallback".
std::string_view state_words(std::string_view state) noexcept;

/// One thing a reader should know before anything else.
struct Opening {
    std::string state;    ///< "works", "fallback", "fails", "cannot_tell"
    std::string subject;  ///< "whereby/meetings"; empty where it is about all traffic
    std::string why;      ///< a sentence with its final stop
    std::string advice;   ///< sentences; may be empty
};

/// The headlines, what was asked for and not seen, or what was seen where it is nobody's. Never
/// empty.
std::vector<Opening> openings(const Summary& summary);
/// What a stored headline says.
Opening opening_of(const store::HeadlineRow& row);
/// "FAILS zoom/meetings: media is blocked, ...", without the advice.
std::string opening_text(const Opening& opening);
/// The headline of a product; behind all others, that nothing of it was seen.
store::HeadlineRow headline_of(const std::vector<store::HeadlineRow>& headlines,
                               const store::ProductName& product, bool is_audit);
/// What there is to say where nothing of any vendor was seen.
Opening opening_without_vendor(const Summary& summary);

/// A command line and what it gives.
struct NextStep {
    std::string command;
    std::string gives;
};

/// What to type next about a run, with the names it has. Nothing about one that no disk holds.
std::vector<NextStep> next_steps(const Summary& summary);
/// The same about one product.
std::vector<std::string> next_commands(const Summary& summary, const store::ProductName& product,
                                       const std::vector<store::RequirementRow>& requirements);

}  // namespace turnpike::report
