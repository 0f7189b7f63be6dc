// What limits the whole run, said once and loudly.
#pragma once

#include <string>
#include <vector>

#include "verdict/visibility.h"

namespace turnpike::verdict {

std::vector<std::string> warnings(const facts::Observation& observation,
                                  const Visibility& visibility);

}  // namespace turnpike::verdict
