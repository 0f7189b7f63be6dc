// Text inside HTML and XML.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::report {

/// Printable text (see printable.h) with & < > " ' as entities, for element content and attribute
/// values. Line ends stay.
std::string markup(std::string_view text);

}  // namespace turnpike::report
