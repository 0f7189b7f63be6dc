// Capture files as several workers of a live run get it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "turnpike/capture/source.h"

namespace turnpike::test {

/// Deals the frames of one observation as the kernel deals them to `workers`, each with the tap
/// that saw it. The first worker hears of what was lost, as it does of an interface.
std::vector<std::unique_ptr<capture::Source>> deal(const std::vector<std::string>& paths,
                                                   std::size_t workers);

}  // namespace turnpike::test
