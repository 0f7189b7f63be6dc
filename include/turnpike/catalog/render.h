// The catalog as text for people and programs: what `turnpike catalog list`, `show` and `check`
// print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/check.h"

namespace turnpike::catalog {

/// How a rendering is written.
enum class Format : std::uint8_t {
    text,      ///< for people, on a terminal
    json,      ///< RFC 8259
    csv,       ///< RFC 4180
    markdown,  ///< tables of GitHub's Markdown
};
/// "text", "json", "csv" or "markdown".
std::optional<Format> parse_format(std::string_view word) noexcept;

/// One line a revision: selector, date, how much it holds, and the file it came from.
std::string render_list(const Catalog& catalog, Format format);

/// Every rule of the revisions with all that is known of it; csv has one line a requirement.
/// `at`: the time at which lifecycles are judged.
std::string render_show(const std::vector<const Revision*>& revisions, Format format,
                        base::Timestamp at);

/// The findings, and one line of counts in text and markdown.
std::string render_check(const Catalog& catalog, const std::vector<Finding>& findings,
                         Format format);

}  // namespace turnpike::catalog
