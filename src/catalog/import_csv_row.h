// One line of a CSV table as a row of the catalog.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "catalog/import_readers.h"

namespace turnpike::catalog {

/// The fields of a line by the names of their columns.
using Fields = std::map<std::string, std::string, std::less<>>;

ImportedRule read_csv_row(const Fields& fields, std::size_t line, ImportMistakes& mistakes);

}  // namespace turnpike::catalog
