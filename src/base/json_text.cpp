// Quotes strings for JSON, and for JSON inside a script.
#include "turnpike/base/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

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

constexpr PlainOctets plain_octets(bool in_script) {
    PlainOctets plain{};
    std::fill(plain.begin() + 0x20, plain.begin() + 0x80, true);
    plain['"'] = plain['\\'] = false;
    plain['<'] = !in_script;
    return plain;
}
constexpr PlainOctets plain_in_json = plain_octets(false);
constexpr PlainOctets plain_in_script = plain_octets(true);

void append_quoted(std::string& out, std::string_view text, const PlainOctets& plain) {
    const auto stands_for_itself = [&plain](char c) { return plain[static_cast<std::uint8_t>(c)]; };
    out += '"';
    while (!text.empty()) {
        const auto end = static_cast<std::size_t>(
            std::ranges::find_if_not(text, stands_for_itself) - text.begin());
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
    out += '"';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    append_quoted(out, text, plain_in_json);
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
