// CSV (RFC 4180, lines ended by LF): the requirements of the run, the columns of their view.
#include <fmt/core.h>

#include "report/printable.h"
#include "report/render.h"

namespace turnpike::report {
namespace {

struct CellText {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(std::string_view value) const { return from_catalog(value); }
};

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + '"';
}

}  // namespace

void render_csv(store::Reader& reader, const store::RunRow& run, const Selection& selection,
                const Sink& sink) {
    constexpr std::string_view view = "requirements";
    const auto columns = reader.columns(view);
    const RowFilter filter(columns, selection);
    std::string line;
    const auto add = [&line](const std::string& cell, bool first) {
        line += first ? "" : ",";
        line += quoted(cell);
    };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        add(columns[i], i == 0);
    }
    sink(line + '\n');
    reader.each_row(view, run.run_id, [&](std::span<const store::Cell> cells) {
        if (!filter.keeps(cells)) {
            return;
        }
        line.clear();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            add(std::visit(CellText{}, cells[i]), i == 0);
        }
        sink(line + '\n');
    });
}

}  // namespace turnpike::report
