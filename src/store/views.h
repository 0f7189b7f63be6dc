// The views: the interface of a result database.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/columns.h"

namespace turnpike::store {

/// A column of a view: one of a table, which says what it holds and means, or an expression.
struct ViewColumn {
    std::string_view source;        ///< "flow.client_ip", or an expression
    std::string_view name = {};     ///< empty: as the table names it
    std::string_view meaning = {};  ///< empty: as the table says
    Holds holds = {};               ///< of an expression only
    bool null = false;              ///< an expression that may be NULL
};

struct View {
    std::string_view name;
    std::string_view row;  ///< what a row is
    std::span<const ViewColumn> columns;
    std::string_view from;  ///< the tables and how they are joined
};

/// What a column of a view comes to.
struct ShownColumn {
    std::string_view name;
    std::string expression;
    std::string holds;  ///< as docs/database.md says it
    std::string_view meaning;
    std::string_view type;  ///< as its table declares it; empty for an expression
};
/// Throws std::logic_error if a table has no such column: a mistake in the declaration.
std::vector<ShownColumn> shown_columns(const View& view);

/// Every view that all databases have, in the order in which a full report shows them.
std::span<const View> all_views() noexcept;

/// "NAME AS SELECT ...", behind CREATE VIEW.
std::string definition_of(const View& view);

}  // namespace turnpike::store
