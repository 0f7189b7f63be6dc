// Strings and values of JSON (RFC 8259).
#pragma once

#include <string>
#include <string_view>

#include "turnpike/store/reader.h"

namespace turnpike::report {

/// Appends `text` with its quotes. What could act on a terminal or reorder text is written as
/// \xNN first (see base::from_catalog): JSON text is UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// The same, safe inside <script> too: no "<" (HTML Living Standard 4.12.1.3).
void append_script_string(std::string& out, std::string_view text);

/// The same of markup, which is safe already: nothing in it changes.
void append_markup_string(std::string& out, std::string_view markup);

void append_json_cell(std::string& out, const store::Cell& cell);

}  // namespace turnpike::report
