// JUnit XML, for build servers: a suite a product, a case a requirement.
#include <fmt/core.h>

#include <algorithm>

#include "report/markup.h"
#include "report/opening.h"
#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

void test_case(const RequirementSummary& entry, const std::string& suite, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format(
        R"(    <testcase classname="{}" name="{}")", suite,
        markup(fmt::format("{} {} {} ({})", from_catalog(row.name.rule_id), port_text(row),
                           shortened(from_catalog(row.destination), 80), from_catalog(row.level))));
    std::string rests;
    for (const auto& text : evidence_texts(entry)) {
        rests += text + "\n";
    }
    if (row.status == "blocked") {
        out += fmt::format(">\n      <failure type=\"{}\" message=\"{}\">{}\n{}</failure>\n",
                           markup(row.block_reason), markup(status_text(entry)),
                           markup(open_text(entry)), markup(rests));
    } else if (row.status == "observed") {
        out += fmt::format(">\n      <system-out>{}\n{}</system-out>\n", markup(status_text(entry)),
                           markup(rests));
    } else {
        // Neither a pass nor a failure: a check that was not made.
        out += fmt::format(">\n      <skipped message=\"{}\"/>\n", markup(status_text(entry)));
    }
    out += "    </testcase>\n";
}

std::uint64_t total(const StatusCounts& counts) noexcept {
    return counts.blocked + counts.inconclusive + counts.observed + counts.unmatched;
}

void properties(std::string_view state, const std::string& headline, const std::string& advice,
                std::string& out) {
    out += "    <properties>\n";
    const auto one = [&out](std::string_view name, const std::string& value) {
        out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name,
                           markup(from_catalog(value)));
    };
    one("state", std::string(state));
    one("headline", headline);
    one("advice", advice);
    out += "    </properties>\n";
}

}  // namespace

void render_junit(const Summary& summary, const Sink& sink) {
    StatusCounts all;
    for (const auto& product : summary.products) {
        all.blocked += product.counts.blocked;
        all.inconclusive += product.counts.inconclusive;
        all.observed += product.counts.observed;
        all.unmatched += product.counts.unmatched;
    }
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"turnpike\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        total(all), all.blocked, all.inconclusive + all.unmatched);
    for (const auto& product : summary.products) {
        const std::string suite = markup(from_catalog(product.row.name.selector()));
        out += fmt::format(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
            "skipped=\"{}\" timestamp=\"{}\">\n",
            suite, total(product.counts), product.counts.blocked,
            product.counts.inconclusive + product.counts.unmatched,
            markup(summary.run.started_at.substr(0, 19)));
        const auto headline = headline_of(summary.headlines, product.row.name, summary.is_audit);
        properties(headline.state, headline.headline, headline.advice, out);
        for (const auto& entry : product.requirements) {
            test_case(entry, suite, out);
        }
        out += "  </testsuite>\n";
    }
    if (summary.products.empty()) {
        const auto nobody = opening_without_vendor(summary);
        out += "  <testsuite name=\"turnpike\" tests=\"0\" failures=\"0\" errors=\"0\">\n";
        properties(nobody.state, nobody.why, nobody.advice, out);
        out += "  </testsuite>\n";
    }
    sink(out + "</testsuites>\n");
}

}  // namespace turnpike::report
