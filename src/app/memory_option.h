// --memory: what facts and verdicts may take.
#pragma once

#include <cstddef>

#include "app/verb.h"

namespace turnpike::app {

void add_memory_option(po::options_description& options);
/// In octets: a quarter of the machine's and at most 2 GiB, if nothing was said. Throws base::Error
/// (usage).
std::size_t memory_of(const po::variables_map& map);

}  // namespace turnpike::app
