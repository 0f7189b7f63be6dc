#include "turnpike/report/report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "report/crossing_texts.h"
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
    switch (format) {
        case Format::json:
            return render_json(reader, run, selection, sink);
        case Format::csv:
            return render_csv(reader, run, selection, sink);
        case Format::text:
            render_text(summarize(reader, run, selection), options, sink);
            return render_crossings(reader, run, options.width, sink);
        case Format::markdown:
            render_markdown(summarize(reader, run, selection), options, sink);
            return render_crossings_as_markdown(reader, run, sink);
        case Format::html:
            return render_html(summarize(reader, run, selection), options, sink);
        case Format::junit:
            return render_junit(summarize(reader, run, selection), sink);
    }
}

}  // namespace turnpike::report
