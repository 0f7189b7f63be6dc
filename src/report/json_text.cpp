// Writes strings, markup and cells of a database as JSON.
#include "report/json_text.h"

#include <fmt/core.h>

#include <cmath>

#include "report/printable.h"
#include "turnpike/base/json_text.h"

namespace turnpike::report {
namespace {

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
    base::append_shown_json_string(out, text);
}

void append_script_string(std::string& out, std::string_view text) {
    base::append_script_string(out, from_catalog(text));
}

void append_markup_string(std::string& out, std::string_view markup) {
    base::append_json_string(out, markup);
}

void append_json_cell(std::string& out, const store::Cell& cell) {
    std::visit(AppendCell{out}, cell);
}

}  // namespace turnpike::report
