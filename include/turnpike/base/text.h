// Text from the network made safe for people, and small ASCII operations on names.
#pragma once

#include <string>
#include <string_view>

namespace turnpike::base {

/// ASCII lower case; other octets unchanged (names compare by A-label, RFC 4343).
std::string to_lower(std::string_view text);
/// The same without a copy for what has no upper case letter, as names nearly always: the text
/// itself, else `room`, which then holds it.
std::string_view lowered(std::string_view text, std::string& room);
/// Compares with ASCII letters in either case as equal, as DNS and HTTP do (RFC 4343, RFC 9110
/// 5.1).
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Printable text: octets outside 0x20-0x7e become \xNN, a backslash \\, so that nothing from the
/// network can move a terminal's cursor or break a line.
std::string escape(std::string_view text);

/// How many single-character edits (insert, delete, replace) make `a` into `b`; for suggestions.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// Edits that still make a slip of `word`: a third of its letters. More is another word.
std::size_t most_slips(std::string_view word) noexcept;

}  // namespace turnpike::base
