// Renders a run of a result database. Reads nothing but the database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/store/reader.h"

namespace turnpike::report {

/// How a report is written.
enum class Format : std::uint8_t {
    text,      ///< for people, on a terminal
    json,      ///< every view as an object (docs/report.schema.json)
    csv,       ///< RFC 4180, one line a requirement
    markdown,  ///< tables of GitHub's Markdown
    html,      ///< one page that stands alone
    junit,     ///< JUnit's XML, for build servers
};
/// "text", "json", "html", "csv", "markdown" or "junit".
std::optional<Format> parse_format(std::string_view word) noexcept;

/// How a report looks, and what is in it.
struct Options {
    bool color = false;       ///< text only: ANSI colors (ECMA-48 8.3.117)
    std::size_t width = 100;  ///< text only: columns
    bool local_time = false;  ///< for people: times in this machine's zone, not UTC
    bool all = false;         ///< rows without traffic one by one, not folded into a line
    /// Selectors (`vendor`, `vendor/product`, `vendor/product@revision`) of the products to show,
    /// every one in full; empty: all that the run considered, those without traffic in one line
    /// unless the run itself was limited by selectors.
    std::vector<std::string> selectors;
};

/// Receives the report piece by piece.
using Sink = std::function<void(std::string_view)>;

/// Throws base::Error: usage if a selector fits no product of the run, or what the reader throws.
void render(store::Reader& reader, const store::RunRow& run, Format format, const Options& options,
            const Sink& sink);

/// The page of a run that goes on.
struct LivePage {
    std::string document;  ///< as of now; its script asks `/events` for what changes
    std::string update;    ///< the same as one line of JSON, for pages that are open
};

/// Of very many flows the page has the newest. Throws as `render`.
LivePage render_live(store::Reader& reader, const store::RunRow& run, const Options& options);

/// Whether `selector` names the product.
bool selects(std::string_view selector, const store::ProductName& product) noexcept;

}  // namespace turnpike::report
