#include "report/json_text.h"

#include <fmt/core.h>

#include <cmath>

#include "report/printable.h"

namespace turnpike::report {
namespace {

// RFC 8259 7.
void append_quoted(std::string& out, std::string_view text, bool in_script) {
    out += '"';
    for (const char c : from_catalog(text)) {
        if (in_script && c == '<') {
            out += "\\u003c";
            continue;
        }
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '"';
}

struct AppendCell {
    std::string& out;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(std::int64_t value) const { out += std::to_string(value); }
    void operator()(double value) const {
        out += std::isfinite(value) ? fmt::format("{}", value) : "null";
    }
    void operator()(std::string_view value) const { append_json_string(out, value); }
};

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    append_quoted(out, text, false);
}

void append_script_string(std::string& out, std::string_view text) {
    append_quoted(out, text, true);
}

void append_markup_string(std::string& out, std::string_view markup) {
    out += '"';
    for (const char c : markup) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_json_cell(std::string& out, const store::Cell& cell) {
    std::visit(AppendCell{out}, cell);
}

}  // namespace turnpike::report
