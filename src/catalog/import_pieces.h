// A sentence taken to pieces: ports, transports, places, and what stands between them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/import_words.h"

namespace turnpike::catalog {

using Transports = std::vector<Transport>;

/// What a stretch of a sentence is, as far as ports are concerned.
struct Element {
    enum class Type : std::uint8_t { ports, transports, place, port_word, joint, filler, other };
    Type type = Type::other;
    std::vector<PortItem> items;
    Transports transports;
    Places place;
    std::size_t token = 0;  ///< where it begins
    std::string notes;
};

/// The pieces, and why they could not all be read; empty if they could.
struct PiecesOfSentence {
    std::vector<Element> elements;
    std::string reason;
    bool odd_port = false;  ///< speaks of ports beside a number that is none: "ports 10.000-60.000"
};
PiecesOfSentence pieces_of(std::span<const Token> tokens, bool expects_places);

bool one_of(std::string_view word, std::initializer_list<std::string_view> words);
/// "seconds", "kbps", "users": what a number before it counts.
bool is_unit(const Token& token);

}  // namespace turnpike::catalog
