// Writes the RTP streams that the page plots, with the columns of their intervals.
#include "report/page_streams.h"

#include <fmt/core.h>

#include <map>
#include <tuple>
#include <vector>

#include "report/json_text.h"
#include "report/page_columns.h"

namespace turnpike::report {
namespace {

constexpr std::size_t most_streams = 500;

/// A stream of media, interval by interval.
struct Intervals {
    std::int64_t start = 0;  // milliseconds since the first packet
    std::int64_t width = 0;  // milliseconds
    Column packets;
    Column bytes;
    Column lost;
    Column jitter;
};

}  // namespace

std::string page_streams(store::Reader& reader, std::int64_t run,
                         const std::set<std::int64_t>& flows,
                         const std::function<std::int64_t(std::string_view)>& since_begin) {
    using Key = std::tuple<std::int64_t, std::string, std::string>;
    std::map<Key, Intervals> intervals;
    View seconds(reader, "rtp_seconds",
                 {"flow_id", "direction", "ssrc", "time", "seconds", "packets", "bytes", "lost",
                  "jitter_ms"});
    seconds.each(run, [&](const std::vector<store::Cell>& row) {
        const Key key{number_of(row[0]), text_of(row[1]), text_of(row[2])};
        if (!flows.contains(std::get<0>(key)) ||
            (intervals.size() == most_streams && !intervals.contains(key))) {
            return;
        }
        auto& stream = intervals[key];
        if (stream.packets.json().empty()) {
            stream.start = since_begin(text_of(row[3]));
            stream.width = number_of(row[4]) * 1000;
        }
        stream.packets.add(number_of(row[5]));
        stream.bytes.add(number_of(row[6]));
        stream.lost.add(number_of(row[7]));
        stream.jitter.add_real(row[8]);
    });
    std::string out = "[";
    bool first = true;
    View view(reader, "rtp_streams",
              {"flow_id", "direction", "ssrc", "payload_type", "packets", "lost", "jitter_ms"});
    view.each(run, [&](const std::vector<store::Cell>& row) {
        const auto found = intervals.find(
            {number_of(row[0]), std::string(text_of(row[1])), std::string(text_of(row[2]))});
        if (found == intervals.end()) {
            return;
        }
        out += fmt::format("{}\n{{\"flow\":{},\"direction\":", first ? "" : ",", number_of(row[0]));
        append_script_string(out, text_of(row[1]));
        out += ",\"ssrc\":";
        append_script_string(out, text_of(row[2]));
        out += fmt::format(R"(,"payload_type":{},"packets":{},"lost":{},"jitter_ms":)",
                           number_of(row[3]), number_of(row[4]), number_of(row[5]));
        first = false;
        out += real_text(row[6]);
        const auto& [start, width, packets, bytes, lost, jitter] = found->second;
        out += fmt::format(
            ",\"start\":{},\"width\":{},\"counts\":[{}],\"bytes\":[{}],\"losses\":[{}],"
            "\"jitter\":[{}]}}",
            start, width, packets.json(), bytes.json(), lost.json(), jitter.json());
        intervals.erase(found);
    });
    return out + "]";
}

}  // namespace turnpike::report
