// Printing a run and applying --fail-on, the same for a fresh analysis and a stored one.
#include <algorithm>

#include "app/commands.h"
#include "app/output.h"

namespace turnpike::app {
namespace {

// Only what the vendor requires counts: an optional row that is blocked breaks no call.
bool fails(const store::RequirementRow& requirement, const std::set<verdict::Status>& fail_on) {
    const auto status = verdict::parse_status(requirement.status);
    return requirement.level == "required" && status && fail_on.contains(*status);
}

bool selected(const store::ProductName& product, const std::vector<std::string>& selectors) {
    return selectors.empty() || std::ranges::any_of(selectors, [&](const std::string& selector) {
               return report::selects(selector, product);
           });
}

// Names and networks of a product prove that it was there, and then it has a headline.
bool nothing_seen(store::Reader& reader, const store::RunRow& run,
                  const std::vector<std::string>& selectors) {
    return std::ranges::none_of(reader.headlines(run.run_id), [&](const auto& headline) {
        return selected(headline.product, selectors);
    });
}

}  // namespace

base::ExitStatus show_run(store::Reader& reader, const store::RunRow& run, const Showing& showing) {
    if (!showing.quiet) {
        report::Options options;
        options.color = output_shows_color();
        options.width = output_width().value_or(options.width);
        options.all = showing.all;
        options.local_time = showing.local_time;
        options.selectors = showing.selectors;
        report::render(reader, run, showing.format, options, write_out);
        flush_out();
    }
    return fail_on_status(reader, run, showing);
}

base::ExitStatus fail_on_status(store::Reader& reader, const store::RunRow& run,
                                const Showing& showing) {
    const auto& fail_on = showing.fail_on;
    if (fail_on.nothing_seen && nothing_seen(reader, run, showing.selectors)) {
        return base::ExitStatus::fail_on;
    }
    if (fail_on.statuses.empty()) {
        return base::ExitStatus::done;
    }
    const auto requirements = reader.requirements(run.run_id);
    const bool failed = std::ranges::any_of(requirements, [&](const auto& requirement) {
        return selected(requirement.name.product, showing.selectors) &&
               fails(requirement, fail_on.statuses);
    });
    return failed ? base::ExitStatus::fail_on : base::ExitStatus::done;
}

}  // namespace turnpike::app
