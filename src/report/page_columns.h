// What the page's data is made of: rows of views in, columns of JSON out. All is safe in <script>.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/store/reader.h"

namespace turnpike::report {

/// Nothing in the page's data is longer.
inline constexpr std::size_t longest_page_text = 200;  // columns

/// The wanted columns of a view, looked up by name once.
class View {
  public:
    using Row = std::function<void(const std::vector<store::Cell>&)>;

    View(store::Reader& reader, std::string_view view, const std::vector<std::string_view>& wanted);
    /// Calls `row` with the wanted cells of every row of the run, in the order they were wanted.
    void each(std::int64_t run, const Row& row);

  private:
    store::Reader& reader_;
    std::string_view view_;
    std::vector<std::size_t> places_;
};

/// A cell as text; empty for anything else.
std::string_view text_of(const store::Cell& cell) noexcept;
/// A cell as a number; 0 for anything else.
std::int64_t number_of(const store::Cell& cell) noexcept;
/// "1.500", or "null" for anything that is no finite number.
std::string real_text(const store::Cell& cell);

/// Texts that many rows share, each once.
class Strings {
  public:
    /// The first is the empty text.
    Strings() { place(""); }
    std::size_t place(std::string_view text);
    /// The elements of an array.
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

  private:
    std::unordered_map<std::string, std::size_t> places_;
    std::string json_;
};

/// The elements of one array: numbers, or texts that are seldom the same.
class Column {
  public:
    void add(std::int64_t value);
    void add_text(std::string_view text);
    void add_real(const store::Cell& cell);
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

  private:
    void separate() { json_ += json_.empty() ? "" : ","; }
    std::string json_;
};

}  // namespace turnpike::report
