// Quotes strings for JSON, and for JSON inside a script.
#include "turnpike/base/json_text.h"

#include <algorithm>
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

void append_quoted(std::string& out, std::string_view text, bool in_script) {
    const auto plain = [in_script](char c) {
        const auto octet = static_cast<std::uint8_t>(c);  // `char` has no sign on some processors
        return octet >= 0x20 && octet < 0x80 && c != '"' && c != '\\' && (!in_script || c != '<');
    };
    out += '"';
    while (!text.empty()) {
        const auto end =
            static_cast<std::size_t>(std::ranges::find_if_not(text, plain) - text.begin());
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
    append_quoted(out, text, false);
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
    append_quoted(out, text, true);
}

}  // namespace turnpike::base
