// JSON: what the run opens and ends with; then one key a view, one array of objects under it, the
// keys of an object are the view's columns (docs/report.schema.json).
#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "report/json_text.h"
#include "report/opening.h"
#include "report/render.h"
#include "turnpike/store/comparison.h"

namespace turnpike::report {
namespace {

constexpr std::size_t piece_size = std::size_t{64} * 1024;

/// Adds fields behind the columns of a row.
using Extra = std::function<void(std::span<const store::Cell>, std::string&)>;

void render_view(store::Reader& reader, std::int64_t run, std::string_view view,
                 const Selection& selection, const Extra& extra, const Sink& sink) {
    const auto columns = reader.columns(view);
    const RowFilter filter(columns, selection);
    std::string out;
    append_json_string(out, view);
    out += ": [";
    bool first = true;
    reader.each_row(view, run, [&](std::span<const store::Cell> cells) {
        if (!filter.keeps(cells)) {
            return;
        }
        out += first ? "\n  {" : ",\n  {";
        first = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            out += i == 0 ? "" : ", ";
            append_json_string(out, columns[i]);
            out += ": ";
            append_json_cell(out, cells[i]);
        }
        if (extra) {
            extra(cells, out);
        }
        out += '}';
        if (out.size() > piece_size) {
            sink(out);
            out.clear();
        }
    });
    out += first ? "]" : "\n]";
    sink(out);
}

void append_list(std::string_view key, const std::vector<std::string>& texts, std::string& out) {
    append_json_string(out, key);
    out += ": [";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        out += i == 0 ? "" : ", ";
        append_json_string(out, texts[i]);
    }
    out += ']';
}

/// What every report says first and last.
std::string opening(const Summary& summary) {
    std::vector<std::string> headline;
    std::vector<std::string> advice;
    std::vector<std::string> next;
    for (const auto& opening : openings(summary)) {
        headline.push_back(opening_text(opening));
        if (!opening.advice.empty()) {
            advice.push_back(opening.advice);
        }
    }
    for (const auto& step : next_steps(summary)) {
        next.push_back(step.command);
    }
    std::string out;
    append_list("headline", headline, out);
    out += ",\n";
    append_list("advice", advice, out);
    out += ",\n";
    append_list("next", next, out);
    return out;
}

/// The views that only runs of two captures have.
void render_compared(const store::Reader& reader, std::int64_t run, std::string_view view,
                     const Sink& sink) {
    std::string out = ",\n";
    append_json_string(out, view);
    out += ": [";
    bool first = true;
    store::each_compared_row(
        reader, view, run,
        [&](const std::vector<std::string>& columns, std::span<const store::Cell> cells) {
            out += first ? "\n  {" : ",\n  {";
            first = false;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                out += i == 0 ? "" : ", ";
                append_json_string(out, columns[i]);
                out += ": ";
                append_json_cell(out, cells[i]);
            }
            out += '}';
            if (out.size() > piece_size) {
                sink(out);
                out.clear();
            }
        });
    out += first ? "]" : "\n]";
    sink(out);
}

/// What to type next about each product, as `next`.
Extra next_of_headlines(store::Reader& reader, const Summary& summary) {
    const auto run = summary.run.run_id;
    return [&summary, headlines = reader.headlines(run), requirements = reader.requirements(run)](
               std::span<const store::Cell> cells, std::string& out) {
        // Columns of the view: run_id, rank, ...
        const auto rank = std::get<std::int64_t>(cells[1]);
        const auto row = std::ranges::find(headlines, rank, &store::HeadlineRow::rank);
        out += ", ";
        append_list("next",
                    row == headlines.end() ? std::vector<std::string>{}
                                           : next_commands(summary, row->product, requirements),
                    out);
    };
}

}  // namespace

void render_json(store::Reader& reader, const Summary& summary, const Selection& selection,
                 const Sink& sink) {
    // Raised when a view, a column or a meaning changes; columns may be added without.
    constexpr int schema_version = 1;
    const auto& run = summary.run;
    sink(fmt::format("{{\n\"schema_version\": {},\n{}", schema_version, opening(summary)));
    for (const auto view : store::Reader::views()) {
        sink(",\n");
        render_view(reader, run.run_id, view, selection,
                    view == "headlines" ? next_of_headlines(reader, summary) : Extra{}, sink);
    }
    if (store::read_comparison(reader, run.run_id)) {
        render_compared(reader, run.run_id, "comparisons", sink);
        render_compared(reader, run.run_id, "crossings", sink);
    }
    sink("\n}\n");
}

}  // namespace turnpike::report
