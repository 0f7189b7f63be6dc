// What became of a flow between two captures.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnpike::verdict {

/// See docs/verdicts.md, "Two captures".
enum class Fate : std::uint8_t {
    unknown,       ///< the outer capture cannot tell
    passed,        ///< both ways, be it with losses
    interrupted,   ///< passed, and then everything of one direction died
    died_outward,  ///< what the client sent went in and never came out
    died_inward,   ///< the answers went in from outside and never came out
    answered,      ///< refused by something in between
    between,       ///< ended in between: a proxy, or something that answers in the server's place
    rebuilt,       ///< ended in between and opened anew from there
    unanswered,    ///< came out, and nothing came back
    refused,       ///< came out, and was refused from beyond
    local,         ///< was not meant to cross
};
/// The enumerator's name: the word of the column `fate`.
std::string_view to_string(Fate value) noexcept;

}  // namespace turnpike::verdict
