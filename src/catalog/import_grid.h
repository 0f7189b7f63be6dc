// A table of a document as rows of cells under columns that are known by their heads.
#pragma once

#include <string>
#include <vector>

#include "catalog/import_blocks.h"
#include "catalog/import_columns.h"

namespace turnpike::catalog {

struct Cells {
    std::size_t line = 0;
    std::vector<DocumentCell> cells;
};

struct Grid {
    std::vector<std::string> heads;
    std::vector<Column> columns;
    std::vector<Cells> rows;
};

/// The table's rows under its heads; columns that are laid out as several are parted.
Grid grid_of(const DocumentBlock& table);
/// Knows columns whose heads say nothing where every cell has one unit.
void know_by_units(Grid& grid);

/// The row as one line.
std::string text_of(const Cells& row);
/// One text, which may span all columns.
bool is_one_cell(const Cells& row);
/// A column that says what to open, and where to.
bool is_key(Column column);
/// The last of the lines of a head.
std::string last_line(const std::string& text);

}  // namespace turnpike::catalog
