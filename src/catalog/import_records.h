// CSV (RFC 4180) as records of fields.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/import_readers.h"

namespace turnpike::catalog {

/// A record and the line it begins in.
struct Record {
    std::size_t line = 0;
    std::vector<std::string> fields;
};

/// The records of a text, blank lines left out.
std::vector<Record> records_of(std::string_view text, char separator, ImportMistakes& mistakes);

}  // namespace turnpike::catalog
