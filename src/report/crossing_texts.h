// What two captures show of the firewall between them, in sentences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "turnpike/report/report.h"
#include "turnpike/store/comparison.h"

namespace turnpike::report {

/// "went in and never came out" for "died_outward".
std::string_view fate_words(std::string_view fate) noexcept;
/// How the captures fit, how many flows had which fate, and each that did not simply pass. All are
/// safe to show.
std::vector<std::string> crossing_texts(const store::StoredComparison& stored);

/// A section with these sentences; nothing if the run compared nothing.
void render_crossings(const store::Reader& reader, const store::RunRow& run, std::size_t width,
                      const Sink& sink);
void render_crossings_as_markdown(const store::Reader& reader, const store::RunRow& run,
                                  const Sink& sink);

}  // namespace turnpike::report
