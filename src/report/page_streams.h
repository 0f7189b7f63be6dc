// The RTP streams of the page, interval by interval.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "turnpike/store/reader.h"

namespace turnpike::report {

/// A JSON array with an object a stream of these flows; of very many the first. `since_begin` turns
/// a time of the database into milliseconds of the page's clock.
std::string page_streams(store::Reader& reader, std::int64_t run,
                         const std::set<std::int64_t>& flows,
                         const std::function<std::int64_t(std::string_view)>& since_begin);

}  // namespace turnpike::report
