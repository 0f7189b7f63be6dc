// Help for one action of `turnpike catalog`.
#pragma once

#include <string>
#include <vector>

#include "app/verb.h"

namespace turnpike::app {

/// `list --help` and the like: prints what that action does, its own options of `all` and examples.
/// False for other words.
bool print_catalog_action_help(const po::options_description& all,
                               const std::vector<std::string>& words);

}  // namespace turnpike::app
