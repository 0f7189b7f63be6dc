// What the script of the page works on.
#pragma once

#include <string>

#include "report/summary.h"

namespace turnpike::report {

/// The flows of the run in columns, the lanes of the timeline, the stories of the flows drawn there
/// and of blocked ones, and the RTP streams; JSON that is safe inside <script>. Bounded: of very
/// many flows, those that are blocked or of a vendor have half of the room for themselves.
std::string page_data(store::Reader& reader, const Summary& summary);

}  // namespace turnpike::report
