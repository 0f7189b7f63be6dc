// Quotes strings for JSON, and for JSON inside a script.
#include "turnpike/base/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "turnpike/base/printable.h"
#include "turnpike/base/utf8.h"

namespace turnpike::base {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

void append_hex(std::string& out, std::string_view escape, char c) {
    const auto octet = static_cast<std::uint8_t>(c);
    out += escape;
    out += digits[octet >> 4U];
    out += digits[octet & 0xfU];
}

// RFC 8259 7: the quotation mark, the backslash and controls must be escaped.
void append_ascii(std::string& out, char c) {
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else {
        append_hex(out, "\\u00", c);
    }
}

/// Which octets stand for themselves.
using PlainOctets = std::array<bool, 256>;

constexpr std::uint64_t each(std::uint8_t octet) noexcept {
    return octet * std::uint64_t{0x0101010101010101};
}
constexpr std::uint64_t high_bits = each(0x80);

/// Not zero if some octet is less than `limit` or above 0x7f.
constexpr std::uint64_t any_below(std::uint64_t word, std::uint8_t limit) noexcept {
    return ((word - each(limit)) | word) & high_bits;
}

constexpr PlainOctets plain_octets(bool in_script) {
    PlainOctets plain{};
    std::fill(plain.begin() + 0x20, plain.begin() + 0x80, true);
    plain['"'] = plain['\\'] = false;
    plain['<'] = !in_script;
    return plain;
}
constexpr PlainOctets plain_in_json = plain_octets(false);
constexpr PlainOctets plain_in_script = plain_octets(true);

/// How many octets in front stand for themselves: eight at a time as long as all of them do
/// wherever they are written, then each.
std::size_t plain_length(std::string_view text, const PlainOctets& plain) noexcept {
    std::size_t length = 0;
    for (std::uint64_t word = 0; text.size() - length >= sizeof word; length += sizeof word) {
        std::memcpy(&word, text.data() + length, sizeof word);
        const auto any = [word](char c) {
            return any_below(word ^ each(static_cast<std::uint8_t>(c)), 1);
        };
        if ((any_below(word, 0x20) | any('"') | any('\\') | any('<')) != 0) {
            break;
        }
    }
    while (length < text.size() && plain[static_cast<std::uint8_t>(text[length])]) {
        ++length;
    }
    return length;
}

void append_escaped(std::string& out, std::string_view text, const PlainOctets& plain) {
    while (!text.empty()) {
        const std::size_t end = plain_length(text, plain);
        out += text.substr(0, end);
        text.remove_prefix(end);
        if (text.empty()) {
            break;
        }
        const auto next = utf8_character(text);
        if (next.octets == 1) {
            append_ascii(out, text[0]);
        } else if (next.octets == 0) {
            append_hex(out, "\\\\x", text[0]);
        } else {
            out += text.substr(0, next.octets);
        }
        text.remove_prefix(std::max<std::size_t>(next.octets, 1));
    }
}

void append_quoted(std::string& out, std::string_view text, const PlainOctets& plain) {
    out += '"';
    append_escaped(out, text, plain);
    out += '"';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    append_quoted(out, text, plain_in_json);
}

void append_json_part(std::string& out, std::string_view text) {
    append_escaped(out, text, plain_in_json);
}

void append_shown_json_string(std::string& out, std::string_view text) {
    append_json_string(out, from_catalog(text));
}

std::string shown_json_string(std::string_view text) {
    std::string out;
    append_shown_json_string(out, text);
    return out;
}

void append_script_string(std::string& out, std::string_view text) {
    append_quoted(out, text, plain_in_script);
}

}  // namespace turnpike::base
