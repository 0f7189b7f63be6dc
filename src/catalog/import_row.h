// One row of a firewall table, read cell by cell.
#pragma once

#include <string>
#include <vector>

#include "catalog/import_drafts.h"
#include "catalog/import_grid.h"

namespace turnpike::catalog {

/// What a row says; `reason` tells why it is not understood.
struct ReadRow {
    std::vector<Draft> drafts;
    std::string reason;  ///< empty: it is
    std::string rest;    ///< what else stands in the row and was not understood; the rest holds
};
ReadRow read_row(const Grid& grid, const Cells& row, const DraftContext& context);

}  // namespace turnpike::catalog
