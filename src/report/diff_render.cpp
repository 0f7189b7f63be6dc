// A difference between two runs in every format that diff writes.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "report/markup.h"
#include "report/printable.h"
#include "turnpike/base/error.h"
#include "turnpike/base/ink.h"
#include "turnpike/base/json_text.h"
#include "turnpike/report/diff.h"

namespace turnpike::report {
namespace {

using base::shown_json_string;

constexpr std::array all_changes{Change::worse, Change::better, Change::changed,
                                 Change::fresh, Change::gone,   Change::same};

std::uint64_t count_of(const std::vector<Difference>& list, Change change) {
    return static_cast<std::uint64_t>(std::ranges::count(list, change, &Difference::change));
}

std::string_view words_of_difference(Change change) noexcept {
    switch (change) {
        case Change::changed:
            return "changed reason";
        case Change::fresh:
            return "newly seen";
        case Change::gone:
            return "no longer seen";
        case Change::same:
            return "as before";
        default:
            return to_string(change);
    }
}

/// "2 worse, 1 better, 34 as before".
std::string difference_counts(const std::vector<Difference>& list) {
    std::string text;
    for (const auto change : all_changes) {
        if (const auto count = count_of(list, change); count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                                words_of_difference(change));
        }
    }
    return text.empty() ? "neither run saw anything of what both looked for" : text;
}

bool nothing_changed(const std::vector<Difference>& list) {
    return count_of(list, Change::same) == list.size();
}

/// "whereby/meetings turn-udp udp 443".
std::string subject_text(const Difference& difference) {
    std::string text = difference.product.vendor + "/" + difference.product.product;
    for (const auto& part : {difference.rule_id, difference.what}) {
        text += part.empty() ? "" : " " + part;
    }
    return from_catalog(text);
}

std::string state_text(const std::string& state) {
    return state.empty() ? "not seen" : from_network(state);
}

std::string run_text(const DiffSide& side) {
    return fmt::format("run {} of {} ({}, {})", side.run.run_id,
                       from_catalog(side.reader.path().string()), side.run.started_at,
                       from_catalog(side.run.source));
}

/// "run 1: 103 products, 652 rows; only there: a/b, c/d and 98 more".
std::string scope_text(const DiffSide& side, const Scope& scope) {
    constexpr std::size_t columns = 80;
    std::vector<std::string> only;
    if (!scope.products_only_here.empty()) {
        only.push_back(shortened_list(
            from_catalog(fmt::format("{}", fmt::join(scope.products_only_here, ", "))), columns));
    }
    if (scope.requirements_only_here != 0) {
        only.push_back(counted(scope.requirements_only_here, "row") + " of the same products");
    }
    return fmt::format("run {} looked for {} of {}{}{}", side.run.run_id,
                       counted(scope.requirements, "row"), counted(scope.products, "product"),
                       only.empty() ? "" : ", alone for ", fmt::join(only, " and for "));
}

/// What each run looked for, a line each; empty where that is the same.
std::vector<std::string> scope_texts(const DiffSide& before, const DiffSide& after,
                                     const RunDiff& diff) {
    if (diff.same_scope()) {
        return {};
    }
    return {"the runs did not look for the same; what only one looked for is not compared",
            scope_text(before, diff.before), scope_text(after, diff.after)};
}

void diff_as_text(const DiffSide& before, const DiffSide& after, const RunDiff& diff,
                  const Options& options, const Sink& sink) {
    const auto& list = diff.differences;
    sink(fmt::format("before: {}\nafter:  {}\n", run_text(before), run_text(after)));
    sink(fmt::format("{}{}\n", nothing_changed(list) ? "nothing changed: " : "",
                     difference_counts(list)));
    for (const auto& text : scope_texts(before, after, diff)) {
        sink(text + "\n");
    }
    for (const auto& difference : list) {
        if (difference.change == Change::same) {
            continue;
        }
        const bool worse = difference.change == Change::worse;
        const auto line = fmt::format("  {:<8} {:<12} {}: {} -> {}",
                                      worse ? "WORSE" : to_string(difference.change),
                                      to_string(difference.subject), subject_text(difference),
                                      state_text(difference.before), state_text(difference.after));
        const auto ink = worse                                 ? base::Ink::bad
                         : difference.change == Change::better ? base::Ink::good
                                                               : base::Ink::unsure;
        sink(options.color ? fmt::format("{}{}{}\n", base::sequence_of(ink), line, base::end_of_ink)
                           : line + "\n");
    }
}

std::string json_scope(const Scope& scope) {
    std::vector<std::string> only;
    only.reserve(scope.products_only_here.size());
    for (const auto& product : scope.products_only_here) {
        only.push_back(shown_json_string(product));
    }
    return fmt::format(R"({{"products": {}, "requirements": {}, "products_only_here": [{}], )"
                       R"("requirements_only_here": {}}})",
                       scope.products, scope.requirements, fmt::join(only, ", "),
                       scope.requirements_only_here);
}

std::string json_run(const DiffSide& side, const Scope& scope) {
    return fmt::format(
        R"({{"database": {}, "run_id": {}, "started_at": {}, "source": {}, "complete": {}, )"
        R"("selectors": {}, "looked_for": {}}})",
        shown_json_string(side.reader.path().string()), side.run.run_id,
        shown_json_string(side.run.started_at), shown_json_string(side.run.source),
        side.run.complete ? 1 : 0, shown_json_string(side.run.selectors), json_scope(scope));
}

void diff_as_json(const DiffSide& before, const DiffSide& after, const RunDiff& diff,
                  const Sink& sink) {
    const auto& list = diff.differences;
    sink(fmt::format("{{\n\"before\": {},\n\"after\": {},\n\"counts\": {{",
                     json_run(before, diff.before), json_run(after, diff.after)));
    for (const auto change : all_changes) {
        sink(fmt::format("{}\"{}\": {}", change == all_changes.front() ? "" : ", ",
                         to_string(change), count_of(list, change)));
    }
    sink("},\n\"changes\": [");
    bool first = true;
    for (const auto& difference : list) {
        if (difference.change == Change::same) {
            continue;
        }
        const auto or_null = [](const std::string& text) {
            return text.empty() ? std::string("null") : shown_json_string(text);
        };
        sink(fmt::format(
            R"({}{{"change": "{}", "subject": "{}", "vendor": {}, "product": {}, )"
            R"("revision": {}, "rule_id": {}, "what": {}, "before": {}, "after": {}}})",
            first ? "\n  " : ",\n  ", to_string(difference.change), to_string(difference.subject),
            shown_json_string(difference.product.vendor),
            shown_json_string(difference.product.product),
            shown_json_string(difference.product.revision), or_null(difference.rule_id),
            or_null(difference.what), or_null(difference.before), or_null(difference.after)));
        first = false;
    }
    sink(first ? "]\n}\n" : "\n]\n}\n");
}

/// A cell of a Markdown table: markup is inert, and so is what parts the cells.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : markup(text)) {
        out += c == '|' || c == '*' || c == '`' || c == '_' ? std::string("\\") + c
                                                            : std::string(1, c);
    }
    return out;
}

void diff_as_markdown(const DiffSide& before, const DiffSide& after, const RunDiff& diff,
                      const Sink& sink) {
    const auto& list = diff.differences;
    sink(fmt::format("# turnpike diff\n\n- before: {}\n- after: {}\n\n{}{}.\n",
                     cell(run_text(before)), cell(run_text(after)),
                     nothing_changed(list) ? "Nothing changed: " : "", difference_counts(list)));
    for (const auto& text : scope_texts(before, after, diff)) {
        sink(fmt::format("\n{}.\n", cell(text)));
    }
    if (nothing_changed(list)) {
        return;
    }
    sink("\n| change | about | row | before | after |\n| --- | --- | --- | --- | --- |\n");
    for (const auto& difference : list) {
        if (difference.change != Change::same) {
            sink(fmt::format("| {} | {} | {} | {} | {} |\n", to_string(difference.change),
                             to_string(difference.subject), cell(subject_text(difference)),
                             cell(state_text(difference.before)),
                             cell(state_text(difference.after))));
        }
    }
}

void diff_as_html(const DiffSide& before, const DiffSide& after, const RunDiff& diff,
                  const Sink& sink) {
    const auto& list = diff.differences;
    sink(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>turnpike diff</title>\n"
        "<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem "
        "auto;max-width:72rem;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{"
        "border-bottom:1px solid;padding:.3rem .6rem;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere}.worse{font-weight:bold}</style></head><body>\n");
    sink(
        fmt::format("<h1>turnpike diff</h1>\n<p>Before: {}<br>After: {}</p>\n<p><strong>{}{}."
                    "</strong></p>\n",
                    markup(run_text(before)), markup(run_text(after)),
                    nothing_changed(list) ? "Nothing changed: " : "", difference_counts(list)));
    for (const auto& text : scope_texts(before, after, diff)) {
        sink(fmt::format("<p>{}.</p>\n", markup(text)));
    }
    if (!nothing_changed(list)) {
        sink(
            "<table><thead><tr><th>change</th><th>about</th><th>row</th><th>before</th><th>after"
            "</th></tr></thead><tbody>\n");
        for (const auto& difference : list) {
            if (difference.change != Change::same) {
                sink(fmt::format(
                    "<tr class=\"{0}\"><td>{0}</td><td>{1}</td><td>{2}</td><td>{3}"
                    "</td><td>{4}</td></tr>\n",
                    to_string(difference.change), to_string(difference.subject),
                    markup(subject_text(difference)), markup(state_text(difference.before)),
                    markup(state_text(difference.after))));
            }
        }
        sink("</tbody></table>\n");
    }
    sink("</body></html>\n");
}

/// A test case a row; what got worse has failed.
void diff_as_junit(const std::vector<Difference>& list, const Sink& sink) {
    const auto worse = count_of(list, Change::worse);
    sink(
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite "
                    "name=\"turnpike diff\" tests=\"{}\" failures=\"{}\">\n",
                    list.size(), worse));
    for (const auto& difference : list) {
        sink(fmt::format(R"(  <testcase classname="{}" name="{}")", to_string(difference.subject),
                         markup(subject_text(difference))));
        const auto states =
            fmt::format("{}: {} -> {}", to_string(difference.change), state_text(difference.before),
                        state_text(difference.after));
        sink(difference.change == Change::worse
                 ? fmt::format("><failure message=\"{}\"/></testcase>\n", markup(states))
                 : fmt::format("><system-out>{}</system-out></testcase>\n", markup(states)));
    }
    sink("</testsuite>\n</testsuites>\n");
}

}  // namespace

void render_diff(const DiffSide& before, const DiffSide& after, const RunDiff& diff, Format format,
                 const Options& options, const Sink& sink) {
    switch (format) {
        case Format::text:
            return diff_as_text(before, after, diff, options, sink);
        case Format::json:
            return diff_as_json(before, after, diff, sink);
        case Format::markdown:
            return diff_as_markdown(before, after, diff, sink);
        case Format::html:
            return diff_as_html(before, after, diff, sink);
        case Format::junit:
            return diff_as_junit(diff.differences, sink);
        case Format::csv:
            throw base::Error(base::ExitStatus::usage,
                              "--format csv: diff writes text, json, markdown, html or junit");
    }
}

}  // namespace turnpike::report
