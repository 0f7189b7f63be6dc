// Reads rows of views, and writes them as columns of JSON.
#include "report/page_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/json_text.h"
#include "report/printable.h"

namespace turnpike::report {

View::View(store::Reader& reader, std::string_view view,
           const std::vector<std::string_view>& wanted)
    : reader_(reader), view_(view) {
    const auto columns = reader.columns(view);
    for (const auto name : wanted) {
        places_.push_back(
            static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
    }
}

void View::each(std::int64_t run, const Row& row) {
    std::vector<store::Cell> wanted(places_.size());
    reader_.each_row(view_, run, [&](std::span<const store::Cell> cells) {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            wanted[i] = places_[i] < cells.size() ? cells[places_[i]] : store::Cell{};
        }
        row(wanted);
    });
}

std::string_view text_of(const store::Cell& cell) noexcept {
    const auto* text = std::get_if<std::string_view>(&cell);
    return text == nullptr ? std::string_view{} : *text;
}

std::int64_t number_of(const store::Cell& cell) noexcept {
    const auto* number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? 0 : *number;
}

std::string real_text(const store::Cell& cell) {
    const auto* real = std::get_if<double>(&cell);
    return real != nullptr && std::isfinite(*real) ? fmt::format("{:.3f}", *real) : "null";
}

std::size_t Strings::place(std::string_view text) {
    const auto [at, fresh] = places_.try_emplace(std::string(text), places_.size());
    if (fresh) {
        json_ += json_.empty() ? "" : ",";
        append_script_string(json_, shortened(from_catalog(text), longest_page_text));
    }
    return at->second;
}

void Column::add(std::int64_t value) {
    separate();
    fmt::format_to(std::back_inserter(json_), "{}", value);
}

void Column::add_text(std::string_view text) {
    separate();
    append_script_string(json_, shortened(from_catalog(text), longest_page_text));
}

void Column::add_real(const store::Cell& cell) {
    separate();
    json_ += real_text(cell);
}

}  // namespace turnpike::report
