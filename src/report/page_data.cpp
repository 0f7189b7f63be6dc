#include "report/page_data.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "report/iso_time.h"
#include "report/json_text.h"
#include "report/printable.h"
#include "turnpike/verdict/remedies.h"

namespace turnpike::report {
namespace {

constexpr std::uint64_t most_flows = 200'000;  // what a browser holds without effort
constexpr std::size_t most_lanes = 60;
constexpr std::size_t most_bars = 200;  // of a lane
constexpr std::size_t most_stories = 2'000;
constexpr std::size_t most_streams = 500;
constexpr std::size_t longest_text = 200;  // columns

constexpr std::array<std::string_view, 3> outcomes{"passed", "blocked", "inconclusive"};

/// The columns of a view, looked up by name once.
class View {
  public:
    View(store::Reader& reader, std::string_view view, std::vector<std::string_view> wanted)
        : reader_(reader), view_(view) {
        const auto columns = reader.columns(view);
        for (const auto name : wanted) {
            places_.push_back(
                static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
        }
    }

    /// Calls `row` with the wanted cells of every row of the run.
    template <typename Row>
    void each(std::int64_t run, const Row& row) {
        std::vector<store::Cell> wanted(places_.size());
        reader_.each_row(view_, run, [&](std::span<const store::Cell> cells) {
            for (std::size_t i = 0; i < places_.size(); ++i) {
                wanted[i] = places_[i] < cells.size() ? cells[places_[i]] : store::Cell{};
            }
            row(wanted);
        });
    }

  private:
    store::Reader& reader_;
    std::string_view view_;
    std::vector<std::size_t> places_;
};

std::string_view text_of(const store::Cell& cell) noexcept {
    const auto* text = std::get_if<std::string_view>(&cell);
    return text == nullptr ? std::string_view{} : *text;
}

std::int64_t number_of(const store::Cell& cell) noexcept {
    const auto* number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? 0 : *number;
}

std::string real_text(const store::Cell& cell) {
    const auto* real = std::get_if<double>(&cell);
    return real != nullptr && std::isfinite(*real) ? fmt::format("{:.3f}", *real) : "null";
}

/// Texts that many flows share, each once.
class Strings {
  public:
    Strings() { place(""); }

    std::size_t place(std::string_view text) {
        const auto [at, fresh] = places_.try_emplace(std::string(text), places_.size());
        if (fresh) {
            json_ += json_.empty() ? "" : ",";
            append_script_string(json_, shortened(from_catalog(text), longest_text));
        }
        return at->second;
    }
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

  private:
    std::unordered_map<std::string, std::size_t> places_;
    std::string json_;
};

/// One array of numbers, or of texts that are seldom the same.
class Column {
  public:
    void add(std::int64_t value) {
        separate();
        fmt::format_to(std::back_inserter(json_), "{}", value);
    }
    void add_text(std::string_view text) {
        separate();
        append_script_string(json_, text);
    }
    void add_real(const store::Cell& cell) {
        separate();
        json_ += real_text(cell);
    }
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

  private:
    void separate() { json_ += json_.empty() ? "" : ","; }
    std::string json_;
};

/// A stream of media, interval by interval.
struct Intervals {
    std::int64_t start = 0;  // milliseconds since the first packet
    std::int64_t width = 0;  // milliseconds
    Column packets;
    Column bytes;
    Column lost;
    Column jitter;
};

struct Attempt {
    std::int64_t flow = 0;
    std::int64_t start = 0;
    bool passed = false;
};

struct Lane {
    const RequirementSummary* requirement = nullptr;
    std::vector<Attempt> attempts;
};

using LaneKey =
    std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>;

LaneKey key_of(const store::RequirementName& name) {
    return {name.product.vendor, name.product.product, name.product.revision,
            name.rule_id,        name.transport,       name.ports};
}

// Stories are stored as sentences; these tell that something was sent again (verdict/story.cpp).
bool tells_of_repeats(std::string_view text) noexcept {
    return text.ends_with(" times") || text.find("the client has sent that ") == 0 ||
           text.find("the client's last of ") == 0;
}

class PageData {
  public:
    PageData(store::Reader& reader, const Summary& summary) : reader_(reader), summary_(summary) {
        begin_ = milliseconds_of(summary.run.first_packet).value_or(0);
        end_ = std::max(milliseconds_of(summary.run.last_packet).value_or(begin_), begin_);
        for (const auto& product : summary.products) {
            for (const auto& requirement : product.requirements) {
                if (requirement.row.status != "unmatched" && lanes_.size() < most_lanes) {
                    lane_places_[key_of(requirement.row.name)] = lanes_.size();
                    lanes_.push_back({&requirement, {}});
                }
            }
        }
    }

    std::string json() {
        std::string out =
            fmt::format("{{\"begin\":{},\"end\":{},\"shift\":{},\n", begin_, end_ - begin_,
                        summary_.local_time ? local_shift_milliseconds(begin_) : 0);
        flows(out);
        lanes(out);
        fallbacks(out);
        events(out);
        streams(out);
        words(out);
        out += '}';
        return out;
    }

  private:
    [[nodiscard]] std::int64_t since_begin(std::string_view iso) const {
        return milliseconds_of(iso).value_or(begin_) - begin_;
    }
    void flows(std::string& out);
    void add_flow(const std::vector<store::Cell>& row);
    void lanes(std::string& out);
    void fallbacks(std::string& out) const;
    void events(std::string& out);
    void streams(std::string& out);
    static void words(std::string& out);

    store::Reader& reader_;
    const Summary& summary_;
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
    Strings strings_;
    std::map<std::string_view, Column> columns_;
    std::vector<Lane> lanes_;
    std::map<LaneKey, std::size_t> lane_places_;
    std::set<std::int64_t> told_;  // flows whose story is wanted
    std::set<std::int64_t> kept_;
};

void PageData::flows(std::string& out) {
    const bool all = summary_.run.flows <= most_flows;
    View view(reader_, "flows",
              {"flow_id",
               "transport",
               "client_ip",
               "client_port",
               "server_ip",
               "server_port",
               "first_seen",
               "last_seen",
               "packets_out",
               "packets_in",
               "bytes_out",
               "bytes_in",
               "protocol",
               "server_name",
               "outcome",
               "block_reason",
               "inconclusive_reason",
               "grade",
               "notes",
               "evidence",
               "vendor",
               "product",
               "revision",
               "rule_id",
               "ports"});
    view.each(summary_.run.run_id, [&](const std::vector<store::Cell>& row) {
        const bool matters = text_of(row[14]) == "blocked" || !text_of(row[20]).empty();
        if ((all || matters) && kept_.size() < most_flows) {
            add_flow(row);
        }
    });
    out += "\"flows\":{\"strings\":[" + strings_.json() + "]";
    constexpr std::array<std::string_view, 18> names{
        "id",        "transport", "client",  "client_port", "server",      "server_port",
        "name",      "protocol",  "start",   "duration",    "packets_out", "packets_in",
        "bytes_out", "bytes_in",  "outcome", "reason",      "rule",        "notes"};
    for (const auto name : names) {
        out += fmt::format(",\n\"{}\":[{}]", name, columns_[name].json());
    }
    for (const std::string_view name : {"grade", "evidence"}) {
        out += fmt::format(",\n\"{}\":[{}]", name, columns_[name].json());
    }
    out += "}";
}

void PageData::add_flow(const std::vector<store::Cell>& row) {
    const auto id = number_of(row[0]);
    kept_.insert(id);
    const auto add = [this](std::string_view column, std::int64_t value) {
        columns_[column].add(value);
    };
    const auto add_string = [&](std::string_view column, std::string_view text) {
        columns_[column].add(static_cast<std::int64_t>(strings_.place(text)));
    };
    const auto start = since_begin(text_of(row[6]));
    const auto outcome = text_of(row[14]);
    const auto* const known = std::ranges::find(outcomes, outcome);
    add("id", id);
    add("transport", text_of(row[1]) == "udp" ? 1 : 0);
    add_string("client", text_of(row[2]));
    add("client_port", number_of(row[3]));
    add_string("server", text_of(row[4]));
    add("server_port", number_of(row[5]));
    add("start", start);
    add("duration", std::max<std::int64_t>(since_begin(text_of(row[7])) - start, 0));
    add("packets_out", number_of(row[8]));
    add("packets_in", number_of(row[9]));
    add("bytes_out", number_of(row[10]));
    add("bytes_in", number_of(row[11]));
    add_string("protocol", text_of(row[12]));
    add_string("name", from_network(text_of(row[13])));
    add("outcome", known - outcomes.begin());
    add_string("reason", outcome == "blocked" ? text_of(row[15]) : text_of(row[16]));
    columns_["grade"].add_text(text_of(row[17]));
    add_string("notes", from_network(text_of(row[18])));
    columns_["evidence"].add_text(shortened(text_of(row[19]), longest_text));
    const auto text = [&row](std::size_t column) { return std::string(text_of(row[column])); };
    add_string("rule", text_of(row[20]).empty()
                           ? std::string()
                           : fmt::format("{}/{} {}", text(20), text(21),
                                         text(23).empty() ? std::string("(no row fits)")
                                                          : fmt::format("{} {} {}", text(23),
                                                                        text(1), text(24))));
    const auto lane =
        lane_places_.find({text(20), text(21), text(22), text(23), text(1), text(24)});
    if (lane != lane_places_.end()) {
        lanes_[lane->second].attempts.push_back({id, start, outcome == "passed"});
    }
    if (outcome == "blocked" && told_.size() < most_stories) {
        told_.insert(id);
    }
}

void PageData::lanes(std::string& out) {
    out += ",\n\"lanes\":[";
    bool first = true;
    const bool one_product = summary_.products.size() == 1;
    for (auto& lane : lanes_) {
        const auto& row = lane.requirement->row;
        auto& attempts = lane.attempts;
        std::ranges::stable_sort(attempts, {}, &Attempt::passed);  // what failed is drawn for sure
        const auto more = attempts.size() - std::min(attempts.size(), most_bars);
        attempts.resize(attempts.size() - more);
        std::ranges::stable_sort(attempts, {}, &Attempt::start);
        out += first ? "\n{\"label\":" : ",\n{\"label\":";
        first = false;
        append_script_string(
            out,
            fmt::format("{}{}, {} {}", one_product ? std::string() : row.name.product.product + " ",
                        row.name.rule_id, row.name.transport, row.name.ports));
        out += ",\"purpose\":";
        append_script_string(out, shortened(from_catalog(row.purpose), 80));
        out += ",\"status\":";
        append_script_string(out, row.status);
        out += fmt::format(",\"more\":{},\"flows\":[", more);
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            out += fmt::format("{}{}", i == 0 ? "" : ",", attempts[i].flow);
            told_.insert(attempts[i].flow);
        }
        out += "]}";
    }
    out += "]";
}

// Where a branch of an alternative got through after one that is preferred did not.
void PageData::fallbacks(std::string& out) const {
    out += ",\n\"fallbacks\":[";
    bool first = true;
    for (const auto& lane : lanes_) {
        const auto& row = lane.requirement->row;
        if (row.status != "observed" || row.alternative_group.empty()) {
            continue;
        }
        const auto failed = std::ranges::find_if(lanes_, [&row](const Lane& other) {
            const auto& before = other.requirement->row;
            return before.status == "blocked" && before.name.product == row.name.product &&
                   before.alternative_group == row.alternative_group &&
                   before.alternative_branch != row.alternative_branch &&
                   before.preference < row.preference && before.first_seen <= row.first_seen;
        });
        if (failed != lanes_.end()) {
            out += fmt::format("{}{{\"at\":{},\"text\":", first ? "" : ",",
                               since_begin(row.first_seen));
            append_script_string(out, fmt::format("{} takes over from {}", row.name.rule_id,
                                                  failed->requirement->row.name.rule_id));
            out += "}";
            first = false;
        }
    }
    out += "]";
}

void PageData::events(std::string& out) {
    std::map<std::int64_t, std::string> stories;
    View view(reader_, "flow_events", {"flow_id", "packet", "time", "text"});
    view.each(summary_.run.run_id, [&](const std::vector<store::Cell>& row) {
        const auto flow = number_of(row[0]);
        if (!told_.contains(flow)) {
            return;
        }
        auto& story = stories[flow];
        const auto text = text_of(row[3]);
        story += fmt::format("{}[{},{},", story.empty() ? "" : ",", number_of(row[1]),
                             since_begin(text_of(row[2])));
        append_script_string(story, shortened(from_network(text), longest_text));
        story += tells_of_repeats(text) ? ",1]" : "]";
    });
    out += ",\n\"events\":{";
    bool first = true;
    for (const auto& [flow, story] : stories) {
        out += fmt::format("{}\n\"{}\":[{}]", first ? "" : ",", flow, story);
        first = false;
    }
    out += "}";
}

void PageData::streams(std::string& out) {
    using Key = std::tuple<std::int64_t, std::string, std::string>;
    std::map<Key, Intervals> intervals;
    View seconds(reader_, "rtp_seconds",
                 {"flow_id", "direction", "ssrc", "time", "seconds", "packets", "bytes", "lost",
                  "jitter_ms"});
    seconds.each(summary_.run.run_id, [&](const std::vector<store::Cell>& row) {
        const Key key{number_of(row[0]), text_of(row[1]), text_of(row[2])};
        if (!kept_.contains(std::get<0>(key)) ||
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
    out += ",\n\"streams\":[";
    bool first = true;
    View view(reader_, "rtp_streams",
              {"flow_id", "direction", "ssrc", "payload_type", "packets", "lost", "jitter_ms"});
    view.each(summary_.run.run_id, [&](const std::vector<store::Cell>& row) {
        const auto found = intervals.find(
            {number_of(row[0]), std::string(text_of(row[1])), std::string(text_of(row[2]))});
        if (found == intervals.end()) {
            return;
        }
        out += fmt::format("{}\n{{\"flow\":{},\"direction\":", first ? "" : ",", number_of(row[0]));
        append_script_string(out, text_of(row[1]));
        out += ",\"ssrc\":";
        append_script_string(out, text_of(row[2]));
        out += fmt::format(",\"payload_type\":{},\"packets\":{},\"lost\":{},\"jitter_ms\":",
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
    out += "]";
}

void PageData::words(std::string& out) {
    out += ",\n\"words\":{";
    bool first = true;
    for (const auto kind :
         {verdict::WordKind::block_reason, verdict::WordKind::inconclusive_reason}) {
        for (const auto& remedy : verdict::remedies(kind)) {
            out += first ? "\n" : ",\n";
            first = false;
            append_script_string(out, remedy.word);
            out += ':';
            append_script_string(out, remedy.meaning);
        }
    }
    out += "}";
}

}  // namespace

std::string page_data(store::Reader& reader, const Summary& summary) {
    return PageData(reader, summary).json();
}

}  // namespace turnpike::report
