// Sentences and list items of a firewall document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/import_drafts.h"

namespace turnpike::catalog {

struct Sentence {
    /// Port rows, each with the places that the sentence binds to it.
    std::vector<Draft> rows;
    Places places;       ///< named without a port
    DraftContext says;   ///< what it says for the list or table behind it
    std::string words;   ///< what stands before its first colon
    bool heads = false;  ///< ends with a colon
    std::string reason;  ///< why it is not understood; empty if it is
};

/// `expects_places`: stands in a list of names, or asks to allow something.
Sentence read_sentence(const std::string& text, const DraftContext& context, bool expects_places);

/// Parts a paragraph at its full stops.
std::vector<std::string> sentences_of(const std::string& paragraph);

/// Asks for something to be let through.
bool asks_to_allow(std::string_view text);

}  // namespace turnpike::catalog
