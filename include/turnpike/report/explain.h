// The story behind one row of a result: a requirement or a flow, in order of packets, in words.
#pragma once

#include <string_view>

#include "turnpike/report/report.h"
#include "turnpike/store/reader.h"

namespace turnpike::report {

/// Explains `subject`: a flow by its number ("7" or "flow 7"), or requirements by words that name
/// them: rule, transport, ports, product or selector, in any order and separated by spaces or "/"
/// ("turn-udp", "whereby/meetings udp 443"). As text, or as JSON: the rows of the views `flows`
/// and `requirements` with `events`, `control`, `dns_evidence` and `filters` of Wireshark under
/// them. Throws base::Error (usage) if nothing of the run fits, and for another format.
void explain(store::Reader& reader, const store::RunRow& run, std::string_view subject,
             Format format, const Options& options, const Sink& sink);

}  // namespace turnpike::report
