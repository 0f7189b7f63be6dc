// --memory: what a run may take.
#pragma once

#include <cstddef>
#include <filesystem>

#include "app/verb.h"
#include "turnpike/base/error.h"

namespace turnpike::app {

/// Of a run that decodes: bounds facts and verdicts.
void add_memory_option(po::options_description& options);
/// Of a run that reads a database.
void add_report_memory_option(po::options_description& options);
/// In octets: a quarter of the machine's and at most 2 GiB, if nothing was said. Throws base::Error
/// (usage).
std::size_t memory_of(const po::variables_map& map);

/// From here on the process gets so many octets and no more; allocating beyond them throws
/// std::bad_alloc (RLIMIT_DATA, getrlimit(2)). Before the process confines itself.
void bound_memory(std::size_t octets);
/// What to say when reading `database` met that bound.
base::Error needs_more_memory(const std::filesystem::path& database);

}  // namespace turnpike::app
