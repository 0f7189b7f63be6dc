// The renderers of the single formats.
#pragma once

#include "report/selection.h"
#include "report/summary.h"
#include "turnpike/report/report.h"

namespace turnpike::report {

// Straight from the views, row by row, below what the summary opens with.
void render_json(store::Reader& reader, const Summary& summary, const Selection& selection,
                 const Sink& sink);
void render_csv(store::Reader& reader, const store::RunRow& run, const Selection& selection,
                const Sink& sink);

// From the summary that all texts for people share.
void render_text(const Summary& summary, const Options& options, const Sink& sink);
void render_markdown(const Summary& summary, const Options& options, const Sink& sink);
/// `data`: what page_data() gives.
void render_html(const Summary& summary, std::string_view data, const Options& options,
                 const Sink& sink);
/// The same of a run that goes on.
LivePage render_live_html(const Summary& summary, std::string_view data, const Options& options);
void render_junit(const Summary& summary, const Sink& sink);

}  // namespace turnpike::report
