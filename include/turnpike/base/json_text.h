// Strings of JSON (RFC 8259), quoted in one place for everything that writes some.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::base {

/// Appends any octets as a JSON string with its quotes. JSON is UTF-8: octets that are none become
/// the text \xNN. What could act on a terminal is for base::from_catalog to take out before.
void append_json_string(std::string& out, std::string_view text);
/// The same without quotes, for a string that is put together from several texts.
void append_json_part(std::string& out, std::string_view text);

/// The same of text that people may look at on a terminal: made safe by base::from_catalog first,
/// so that controls become text, too: a line stays a line and a terminal its own.
void append_shown_json_string(std::string& out, std::string_view text);
/// What append_shown_json_string appends, as a string of its own.
std::string shown_json_string(std::string_view text);

/// The same, safe inside <script> too: no "<" (HTML Living Standard 4.12.1.3).
void append_script_string(std::string& out, std::string_view text);

}  // namespace turnpike::base
