// What the script of the page works on.
#pragma once

#include <cstddef>
#include <string>

#include "report/summary.h"

namespace turnpike::report {

/// What a browser holds without effort.
inline constexpr std::size_t most_page_flows = 200'000;

/// The flows of the run in columns, the lanes of the timeline, the stories of the flows drawn there
/// and of blocked ones, and the RTP streams; JSON that is safe inside <script>. Of more flows than
/// `most_flows` the newest; half of the room is for those that are blocked or of a vendor.
std::string page_data(store::Reader& reader, const Summary& summary, std::size_t most_flows);

}  // namespace turnpike::report
