// CSV (RFC 4180, lines ended by LF): the requirements of the run, the columns of their view, and
// the headline of their product.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "report/opening.h"
#include "report/printable.h"
#include "report/render.h"

namespace turnpike::report {
namespace {

struct CellText {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(std::string_view value) const { return no_formula(from_catalog(value)); }

    // A spreadsheet calculates what begins so; it shows what stands behind an apostrophe.
    static std::string no_formula(std::string text) {
        const bool formula = !text.empty() && std::string_view("=+-@").contains(text.front());
        return formula ? "'" + text : text;
    }
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
    const auto headlines = reader.headlines(run.run_id);
    const bool audit = is_audit(reader.warnings(run.run_id));
    const auto place = [&columns](std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
    };
    const auto vendor = place("vendor");
    const auto product = place("product");
    std::vector<std::pair<std::int64_t, std::string>> lines;  // by the rank of their product
    std::string line;
    const auto add = [&line](const std::string& cell, bool first) {
        line += first ? "" : ",";
        line += quoted(cell);
    };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        add(columns[i], i == 0);
    }
    sink(line + ",product_state,product_headline,product_advice\n");
    reader.each_row(view, run.run_id, [&](std::span<const store::Cell> cells) {
        if (!filter.keeps(cells)) {
            return;
        }
        line.clear();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            add(std::visit(CellText{}, cells[i]), i == 0);
        }
        const auto headline = headline_of(
            headlines,
            {std::visit(CellText{}, cells[vendor]), std::visit(CellText{}, cells[product]), {}},
            audit);
        add(from_catalog(headline.state), false);
        add(CellText::no_formula(from_catalog(headline.headline)), false);
        add(CellText::no_formula(from_catalog(headline.advice)), false);
        lines.emplace_back(headline.rank, line + '\n');
    });
    // What was seen comes first, as everywhere.
    std::ranges::stable_sort(lines, {}, [](const auto& entry) { return entry.first; });
    for (const auto& [rank, text] : lines) {
        sink(text);
    }
}

}  // namespace turnpike::report
