// Which products of a run a report shows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "turnpike/report/report.h"
#include "turnpike/store/reader.h"

namespace turnpike::report {

/// The selectors of a report. Without any, everything is selected.
class Selection {
  public:
    explicit Selection(std::vector<std::string> selectors) : selectors_(std::move(selectors)) {}

    [[nodiscard]] bool everything() const noexcept { return selectors_.empty(); }
    [[nodiscard]] bool keeps(const store::ProductName& product) const noexcept;
    /// Throws base::Error (usage), with the nearest selector, for one that fits none of them.
    void require_matches(const std::vector<store::ProductRow>& products) const;

  private:
    std::vector<std::string> selectors_;
};

/// Applies a selection to rows of a view: rows about a product that is not selected are left out,
/// rows about none (flows, queries) stay.
class RowFilter {
  public:
    RowFilter(const std::vector<std::string>& columns, const Selection& selection);
    [[nodiscard]] bool keeps(std::span<const store::Cell> cells) const;

  private:
    const Selection& selection_;
    std::optional<std::size_t> vendor_;
    std::size_t product_ = 0;
    std::size_t revision_ = 0;
};

}  // namespace turnpike::report
