// Chooses the renderer for a format.
#include "turnpike/report/report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "report/crossing_texts.h"
#include "report/page_data.h"
#include "report/render.h"

namespace turnpike::report {

std::optional<Format> parse_format(std::string_view word) noexcept {
    constexpr std::array words{
        std::pair{std::string_view{"text"}, Format::text},
        std::pair{std::string_view{"json"}, Format::json},
        std::pair{std::string_view{"csv"}, Format::csv},
        std::pair{std::string_view{"markdown"}, Format::markdown},
        std::pair{std::string_view{"html"}, Format::html},
        std::pair{std::string_view{"junit"}, Format::junit},
    };
    const auto* const found =
        std::ranges::find(words, word, &std::pair<std::string_view, Format>::first);
    return found == words.end() ? std::nullopt : std::optional{found->second};
}

void render(store::Reader& reader, const store::RunRow& run, Format format, const Options& options,
            const Sink& sink) {
    const Selection selection(options.selectors);
    selection.require_matches(reader.products(run.run_id));
    if (format == Format::csv) {
        return render_csv(reader, run, selection, sink);
    }
    auto summary = summarize(reader, run, selection);
    if (format == Format::json) {
        return render_json(reader, summary, selection, sink);
    }
    summary.local_time = options.local_time;
    const auto data =
        format == Format::html ? page_data(reader, summary, most_page_flows) : std::string();
    if (options.local_time) {
        use_local_time(summary);
    }
    switch (format) {
        case Format::json:
        case Format::csv:
            return;
        case Format::text:
            render_text(summary, options, sink);
            return render_crossings(reader, run, options.width, sink);
        case Format::markdown:
            render_markdown(summary, options, sink);
            return render_crossings_as_markdown(reader, run, sink);
        case Format::html:
            return render_html(summary, data, options, sink);
        case Format::junit:
            return render_junit(summary, sink);
    }
}

LivePage render_live(store::Reader& reader, const store::RunRow& run, const Options& options) {
    // Sent again whenever something changes, so much less than what a browser could hold.
    constexpr std::size_t most_flows = 10'000;
    auto summary = summarize(reader, run, Selection(options.selectors));
    summary.live = true;
    summary.local_time = options.local_time;
    const auto data = page_data(reader, summary, most_flows);
    if (options.local_time) {
        use_local_time(summary);
    }
    return render_live_html(summary, data, options);
}

}  // namespace turnpike::report
