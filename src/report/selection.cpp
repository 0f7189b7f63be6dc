// Compares products with the selectors that a report was limited to.
#include "report/selection.h"

#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/error.h"
#include "turnpike/base/text.h"

namespace turnpike::report {

bool selects(std::string_view selector, const store::ProductName& product) noexcept {
    // Compared piece by piece, so that no text has to be put together for it.
    const auto starts = [&selector](std::string_view piece) {
        const bool fits = selector.starts_with(piece);
        if (fits) {
            selector.remove_prefix(piece.size());
        }
        return fits;
    };
    if (!starts(product.vendor)) {
        return false;
    }
    if (selector.empty()) {
        return true;
    }
    if (!starts("/") || !starts(product.product)) {
        return false;
    }
    return selector.empty() || (starts("@") && selector == product.revision);
}

bool Selection::keeps(const store::ProductName& product) const noexcept {
    return selectors_.empty() || std::ranges::any_of(selectors_, [&](const std::string& selector) {
               return selects(selector, product);
           });
}

void Selection::require_matches(const std::vector<store::ProductRow>& products) const {
    for (const auto& selector : selectors_) {
        if (std::ranges::any_of(products,
                                [&](const auto& row) { return selects(selector, row.name); })) {
            continue;
        }
        std::string nearest;
        for (const auto& row : products) {
            for (const auto& candidate :
                 {row.name.vendor, row.name.vendor + "/" + row.name.product, row.name.selector()}) {
                const auto distance = base::edit_distance(selector, candidate);
                if (distance <= base::most_slips(selector) &&
                    (nearest.empty() || distance < base::edit_distance(selector, nearest))) {
                    nearest = candidate;
                }
            }
        }
        const std::string_view hint =
            products.empty() ? "it considered none" : "'turnpike report --list' names them";
        throw base::Error(
            base::ExitStatus::usage,
            fmt::format("--require {}: names no product of this run; {}", base::escape(selector),
                        nearest.empty() ? hint : "did you mean " + nearest + "?"));
    }
}

RowFilter::RowFilter(const std::vector<std::string>& columns, const Selection& selection)
    : selection_(selection) {
    const auto index = [&columns](std::string_view name) -> std::optional<std::size_t> {
        const auto found = std::ranges::find(columns, name);
        return found == columns.end()
                   ? std::nullopt
                   : std::optional{static_cast<std::size_t>(found - columns.begin())};
    };
    const auto vendor = index("vendor");
    const auto product = index("product");
    const auto revision = index("revision");
    if (!selection.everything() && vendor && product && revision) {
        vendor_ = vendor;
        product_ = *product;
        revision_ = *revision;
    }
}

bool RowFilter::keeps(std::span<const store::Cell> cells) const {
    if (!vendor_) {
        return true;
    }
    const auto text = [cells](std::size_t column) {
        const auto* const value = std::get_if<std::string_view>(&cells[column]);
        return value == nullptr ? std::string{} : std::string(*value);
    };
    const store::ProductName name{text(*vendor_), text(product_), text(revision_)};
    return name.vendor.empty() || selection_.keeps(name);
}

}  // namespace turnpike::report
