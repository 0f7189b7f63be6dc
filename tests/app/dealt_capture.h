// A capture file as several workers of a live run get it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "turnpike/capture/source.h"

namespace turnpike::test {

/// Deals the frames of a capture as the kernel deals them to `workers`.
std::vector<std::unique_ptr<capture::Source>> deal(const std::string& path, std::size_t workers);

}  // namespace turnpike::test
