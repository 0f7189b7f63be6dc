// Chooses the requirements that fit the screen, and lays out their columns.
#include "monitor/screen_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>

#include "monitor/wording.h"
#include "turnpike/base/printable.h"

namespace turnpike::monitor {
namespace {

using Rows = std::vector<const RequirementState*>;

struct Product {
    std::string name;
    Rows rows;
    StatusCounts counts;
};

std::vector<Product> group(const std::vector<RequirementState>& requirements) {
    std::vector<Product> products;
    std::map<std::string, std::size_t> known;
    for (const auto& requirement : requirements) {
        auto name = selector(requirement);
        const auto [at, fresh] = known.try_emplace(name, products.size());
        if (fresh) {
            products.push_back({std::move(name), {}, {}});
        }
        Product& product = products[at->second];
        product.rows.push_back(&requirement);
        product.counts.add(requirement.status);
    }
    return products;
}

std::size_t lines_of(const std::vector<Product>& products) {
    std::size_t lines = 0;
    for (const auto& product : products) {
        lines += 1 + product.rows.size();
    }
    return lines;
}

// Lower comes first where there is no room for all.
int rank(const RequirementState& row, base::Timestamp now) {
    constexpr auto lately = std::chrono::seconds{60};
    if (row.status == "blocked") {
        return 0;
    }
    if (row.changed && now - *row.changed < lately) {
        return 1;
    }
    return row.status == "inconclusive" ? 2 : row.status == "observed" ? 3 : 4;
}

/// Takes the most important rows that fit `height` lines, product headings and a last line for the
/// rest included; returns what was left out.
StatusCounts cut(std::vector<Product>& products, base::Timestamp now, std::size_t height) {
    struct Candidate {
        std::size_t product;
        const RequirementState* row;
    };
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < products.size(); ++i) {
        for (const auto* row : products[i].rows) {
            candidates.push_back({i, row});
        }
        products[i].rows.clear();
    }
    std::ranges::stable_sort(candidates, [now](const Candidate& a, const Candidate& b) {
        const int first = rank(*a.row, now);
        const int second = rank(*b.row, now);
        return first != second ? first < second : a.row->changed > b.row->changed;
    });
    StatusCounts left_out;
    std::size_t left = height - std::min<std::size_t>(height, 1);
    for (const auto& [index, row] : candidates) {
        Rows& rows = products[index].rows;
        const std::size_t cost = rows.empty() ? 2 : 1;
        if (left < cost) {
            left_out.add(row->status);
            continue;
        }
        left -= cost;
        rows.push_back(row);
    }
    std::erase_if(products, [](const Product& product) { return product.rows.empty(); });
    for (auto& product : products) {
        std::ranges::sort(product.rows);  // by address: the order of the catalog again
    }
    return left_out;
}

// ", to *.example.com and 3 more": rows of one purpose differ in where they lead. Empty unless
// there is room for a whole item.
std::string where_to(const RequirementState& requirement, std::size_t columns) {
    constexpr std::string_view start = ", to ";
    constexpr std::string_view more = " and 999 more";
    const auto list = base::from_catalog(requirement.destination);
    const auto first = std::string_view(list).substr(0, list.find(", "));
    const bool fits = base::columns_of(list) + start.size() <= columns ||
                      base::columns_of(first) + start.size() + more.size() <= columns;
    return list.empty() || !fits
               ? std::string{}
               : std::string(start) + base::shortened_list(list, columns - start.size());
}

/// Where the columns of a row begin; 0 for one that is left out.
class Layout {
  public:
    Layout(const std::vector<Product>& products, std::size_t width);
    [[nodiscard]] Line heading() const;
    [[nodiscard]] Line row(const RequirementState& requirement, base::Timestamp now) const;

  private:
    [[nodiscard]] std::string ground(const RequirementState& requirement) const {
        return long_ ? ground_text(requirement) : short_ground_text(requirement);
    }

    static constexpr std::size_t status_column = 2;
    static constexpr std::size_t port_column = 15;
    bool long_ = true;
    std::size_t purpose_column_ = 0;
    std::size_t purpose_width_ = 0;
    std::size_t ground_column_ = 0;
    std::size_t age_column_ = 0;
};

Layout::Layout(const std::vector<Product>& products, std::size_t width) {
    constexpr std::size_t age_width = 4;
    constexpr std::size_t enough_purpose = 28;
    constexpr std::size_t least_purpose = 12;
    std::size_t ports = 4;
    std::size_t full = 6;
    std::size_t brief = 6;
    for (const auto& product : products) {
        for (const auto* row : product.rows) {
            ports = std::max(ports, base::columns_of(port_text(*row)));
            full = std::max(full, base::columns_of(ground_text(*row)));
            brief = std::max(brief, base::columns_of(short_ground_text(*row)));
        }
    }
    const std::size_t fixed = port_column + ports + 2 + 2 + 2 + age_width;
    long_ = fixed + enough_purpose + full <= width;
    const std::size_t taken = fixed + (long_ ? full : brief);
    const bool purpose = taken + least_purpose <= width;
    purpose_column_ = purpose ? port_column + ports + 2 : 0;
    purpose_width_ = purpose ? width - taken : 0;
    ground_column_ = port_column + ports + 2 + (purpose ? purpose_width_ + 2 : 0);
    age_column_ = ground_column_ + (long_ ? full : brief) + 2;
    if (age_column_ + age_width > width) {
        age_column_ = 0;
    }
}

Line Layout::heading() const {
    Line line;
    line.tab(status_column).add("STATUS", Ink::dim).tab(port_column).add("PORT", Ink::dim);
    if (purpose_column_ != 0) {
        line.tab(purpose_column_).add("PURPOSE", Ink::dim);
    }
    line.tab(ground_column_).add("RESULT", Ink::dim);
    if (age_column_ != 0) {
        line.tab(age_column_).add("LAST", Ink::dim);
    }
    return line;
}

Line Layout::row(const RequirementState& requirement, base::Timestamp now) const {
    const Ink ink = base::ink_of_status(requirement.status);
    const bool blocked = requirement.status == "blocked";
    Line line;
    line.tab(status_column)
        .add(blocked ? "BLOCKED" : base::from_network(requirement.status), ink)
        .tab(port_column)
        .add(port_text(requirement), blocked ? Ink::bold : Ink::none);
    if (purpose_column_ != 0) {
        std::string text = purpose_text(requirement);
        if (requirement.level != "required" && !requirement.level.empty()) {
            text += fmt::format(" ({})", base::from_catalog(requirement.level));
        }
        text += where_to(requirement,
                         purpose_width_ - std::min(purpose_width_, base::columns_of(text)));
        line.tab(purpose_column_)
            .add(base::shortened(text, purpose_width_),
                 requirement.status == "unmatched" ? Ink::dim : Ink::none);
    }
    if (const auto text = ground(requirement); !text.empty()) {
        line.tab(ground_column_).add(text, blocked ? Ink::bad : Ink::none);
    }
    if (age_column_ != 0 && requirement.last_seen) {
        const auto text = age(now, *requirement.last_seen);
        line.tab(age_column_ + 4 - std::min<std::size_t>(4, text.size())).add(text);
    }
    return line;
}

Line product_line(const Product& product) {
    Line line;
    line.add(product.name, Ink::bold);
    // All statuses of the product, shown or not.
    return line.add("  " + counts_text(product.counts));
}

std::string left_out_text(const StatusCounts& left_out) {
    const auto total =
        left_out.blocked + left_out.observed + left_out.inconclusive + left_out.unmatched;
    return fmt::format("... {} ({})", base::counted(total, "more row"), counts_text(left_out));
}

// "34 products without traffic: zoom/phone@..., ..."
std::string quiet_text(const std::vector<Product>& quiet, std::size_t width) {
    std::string names;
    for (const auto& product : quiet) {
        names += (names.empty() ? "" : ", ") + product.name;
    }
    constexpr std::size_t enough = 30;
    auto start = base::counted(quiet.size(), "product") + " without traffic";
    if (start.size() + 2 + enough > width) {
        return start;
    }
    return start + ": " + base::shortened_list(names, width - start.size() - 2);
}

}  // namespace

std::vector<Line> requirement_lines(const State& state, std::size_t width, std::size_t height) {
    auto products = group(state.requirements);
    if (products.empty() || height < 2) {
        return {};
    }
    std::vector<Product> quiet;
    if (products.size() > 1 && lines_of(products) + 1 > height) {
        const auto seen = [](const Product& product) { return product.counts.seen(); };
        const auto rest = std::ranges::stable_partition(products, seen);
        quiet.assign(std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
        products.erase(rest.begin(), rest.end());
    }
    const std::size_t room = height - (quiet.empty() ? 0 : 1) - 1;
    StatusCounts left_out;
    const bool fits = lines_of(products) <= room;
    if (!fits) {
        left_out = cut(products, state.now, room);
    }
    std::vector<Line> lines;
    const Layout layout(products, width);
    if (!products.empty()) {
        lines.push_back(layout.heading());
    }
    for (const auto& product : products) {
        lines.push_back(product_line(product));
        for (const auto* row : product.rows) {
            lines.push_back(layout.row(*row, state.now));
        }
    }
    if (!fits) {
        lines.emplace_back(left_out_text(left_out), Ink::bold);
    }
    if (!quiet.empty()) {
        lines.emplace_back(quiet_text(quiet, width), Ink::dim);
    }
    return lines;
}

}  // namespace turnpike::monitor
