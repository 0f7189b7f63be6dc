// Writes the flows, lanes, events and words that the page's script shows.
#include "report/page_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/iso_time.h"
#include "report/json_text.h"
#include "report/page_columns.h"
#include "report/page_streams.h"
#include "report/printable.h"
#include "turnpike/verdict/remedies.h"

namespace turnpike::report {
namespace {

constexpr std::size_t most_lanes = 60;
constexpr std::size_t most_bars = 200;  // of a lane
constexpr std::size_t most_stories = 2'000;

constexpr std::array<std::string_view, 3> outcomes{"passed", "blocked", "inconclusive"};

// What is read of a flow; the enumeration counts as the list does.
// clang-format off
constexpr std::array<std::string_view, 25> flow_fields{
    "flow_id", "transport", "client_ip", "client_port", "server_ip", "server_port",
    "first_seen", "last_seen", "packets_out", "packets_in", "bytes_out", "bytes_in",
    "protocol", "server_name", "outcome", "block_reason", "inconclusive_reason", "grade",
    "notes", "evidence", "vendor", "product", "revision", "rule_id", "ports"};
namespace field {
enum : std::size_t {
    flow_id, transport, client_ip, client_port, server_ip, server_port, first_seen, last_seen,
    packets_out, packets_in, bytes_out, bytes_in, protocol, server_name, outcome, block_reason,
    inconclusive_reason, grade, notes, evidence, vendor, product, revision, rule_id, ports
};
}  // namespace field
// clang-format on

struct Attempt {
    std::int64_t flow = 0;
    std::int64_t start = 0;
    bool passed = false;
};

struct Lane {
    const RequirementSummary* requirement = nullptr;
    std::vector<Attempt> attempts;
};

// Stories are stored as sentences; these tell that something was sent again (verdict/story.cpp).
bool tells_of_repeats(std::string_view text) noexcept {
    return text.ends_with(" times") || text.starts_with("the client has sent that ") ||
           text.starts_with("the client's last of ");
}

/// The requirement that a flow belongs to, as far as it belongs to any.
store::RequirementName name_of(const std::vector<store::Cell>& row) {
    const auto text = [&row](std::size_t column) { return std::string(text_of(row[column])); };
    return {{text(field::vendor), text(field::product), text(field::revision)},
            text(field::rule_id),
            text(field::transport),
            text(field::ports)};
}

/// "whereby/meetings turn-udp udp 443"; empty for a flow of no vendor.
std::string rule_text(const store::RequirementName& name) {
    if (name.product.vendor.empty()) {
        return {};
    }
    const auto row = name.rule_id.empty()
                         ? std::string("(no row fits)")
                         : fmt::format("{} {} {}", name.rule_id, name.transport, name.ports);
    return fmt::format("{}/{} {}", name.product.vendor, name.product.product, row);
}

class PageData {
  public:
    PageData(store::Reader& reader, const Summary& summary, std::size_t most_flows)
        : reader_(reader), summary_(summary), most_flows_(most_flows) {
        begin_ = milliseconds_of(summary.run.first_packet).value_or(0);
        end_ = std::max(milliseconds_of(summary.run.last_packet).value_or(begin_), begin_);
        for (const auto& product : summary.products) {
            for (const auto& requirement : product.requirements) {
                if (requirement.row.status != "unmatched" && lanes_.size() < most_lanes) {
                    lane_places_[requirement.row.name] = lanes_.size();
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
        out += ",\n\"streams\":" +
               page_streams(reader_, summary_.run.run_id, kept_,
                            [this](std::string_view time) { return since_begin(time); });
        words(out);
        out += '}';
        return out;
    }

  private:
    [[nodiscard]] std::int64_t since_begin(std::string_view iso) const {
        return milliseconds_of(iso).value_or(begin_) - begin_;
    }
    struct Skipped {
        std::size_t matter = 0;
        std::size_t others = 0;
    };
    [[nodiscard]] Skipped skipped(View& view) const;
    void flows(std::string& out);
    void add_flow(const std::vector<store::Cell>& row);
    void lanes(std::string& out);
    void queries(const RequirementSummary& requirement, std::string& out) const;
    void fallbacks(std::string& out) const;
    void events(std::string& out);
    static void words(std::string& out);

    store::Reader& reader_;
    const Summary& summary_;
    std::size_t most_flows_;
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
    Strings strings_;
    std::map<std::string_view, Column> columns_;
    std::vector<Lane> lanes_;
    std::map<store::RequirementName, std::size_t> lane_places_;
    std::set<std::int64_t> told_;  // flows whose story is wanted
    std::set<std::int64_t> kept_;  // flows that are in the page
};

// What is blocked or of a vendor, or else everything.
bool matters(const std::vector<store::Cell>& row) {
    return text_of(row[field::outcome]) == "blocked" || !text_of(row[field::vendor]).empty();
}

/// Of how many flows, in the order in which they are read, none is taken.
PageData::Skipped PageData::skipped(View& view) const {
    if (summary_.run.flows <= most_flows_) {
        return {};
    }
    std::size_t matter = 0;
    std::size_t others = 0;
    view.each(summary_.run.run_id,
              [&](const std::vector<store::Cell>& row) { ++(matters(row) ? matter : others); });
    const auto half = most_flows_ / 2;
    const auto for_matter = std::max(half, most_flows_ - std::min(others, half));
    const auto for_others = most_flows_ - std::min(matter, for_matter);
    return {matter - std::min(matter, for_matter), others - std::min(others, for_others)};
}

void PageData::flows(std::string& out) {
    View view(reader_, "flows", {flow_fields.begin(), flow_fields.end()});
    auto [matter, others] = skipped(view);
    view.each(summary_.run.run_id, [&, &matter = matter, &others = others](const auto& row) {
        auto& left = matters(row) ? matter : others;
        if (left > 0) {
            --left;
        } else {
            add_flow(row);
        }
    });
    out +=
        fmt::format("\"more\":{},\n\"flows\":{{\"strings\":[{}]",
                    summary_.run.flows - std::min<std::uint64_t>(summary_.run.flows, kept_.size()),
                    strings_.json());
    for (const auto& [name, column] : columns_) {
        out += fmt::format(",\n\"{}\":[{}]", name, column.json());
    }
    out += "}";
}

void PageData::add_flow(const std::vector<store::Cell>& row) {
    const auto id = number_of(row[field::flow_id]);
    kept_.insert(id);
    const auto add = [this](std::string_view column, std::int64_t value) {
        columns_[column].add(value);
    };
    const auto add_string = [&](std::string_view column, std::string_view text) {
        columns_[column].add(static_cast<std::int64_t>(strings_.place(text)));
    };
    const auto start = since_begin(text_of(row[field::first_seen]));
    const auto outcome = text_of(row[field::outcome]);
    const auto* const known = std::ranges::find(outcomes, outcome);
    add("id", id);
    add("transport", text_of(row[field::transport]) == "udp" ? 1 : 0);
    add_string("client", text_of(row[field::client_ip]));
    add("client_port", number_of(row[field::client_port]));
    add_string("server", text_of(row[field::server_ip]));
    add("server_port", number_of(row[field::server_port]));
    add("start", start);
    add("duration", std::max<std::int64_t>(since_begin(text_of(row[field::last_seen])) - start, 0));
    add("packets_out", number_of(row[field::packets_out]));
    add("packets_in", number_of(row[field::packets_in]));
    add("bytes_out", number_of(row[field::bytes_out]));
    add("bytes_in", number_of(row[field::bytes_in]));
    add_string("protocol", text_of(row[field::protocol]));
    add_string("name", from_network(text_of(row[field::server_name])));
    add("outcome", known - outcomes.begin());
    add_string("reason", outcome == "blocked" ? text_of(row[field::block_reason])
                                              : text_of(row[field::inconclusive_reason]));
    columns_["grade"].add_text(text_of(row[field::grade]));
    add_string("notes", from_network(text_of(row[field::notes])));
    columns_["evidence"].add_text(text_of(row[field::evidence]));
    const auto name = name_of(row);
    add_string("rule", rule_text(name));
    const auto lane = lane_places_.find(name);
    if (lane != lane_places_.end()) {
        lanes_[lane->second].attempts.push_back({id, start, outcome == "passed"});
    }
    if (outcome == "blocked" && told_.size() < most_stories) {
        told_.insert(id);
    }
}

void PageData::lanes(std::string& out) {
    // An attempt is drawn once, in the lane of the row that fits it best.
    const auto drawn_already = std::erase_if(lanes_, [](const Lane& lane) {
        return lane.attempts.empty() && !lane.requirement->flows.empty();
    });
    out += fmt::format(",\n\"drawnAlready\":{},\n\"lanes\":[", drawn_already);
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
        out += fmt::format(R"(,"more":{},"flows":[)", more);
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            out += fmt::format("{}{}", i == 0 ? "" : ",", attempts[i].flow);
            told_.insert(attempts[i].flow);
        }
        out += "],\"queries\":[";
        queries(*lane.requirement, out);
        out += "]}";
    }
    out += "]";
}

// Of a row that its names block, which has no attempts.
void PageData::queries(const RequirementSummary& requirement, std::string& out) const {
    const auto& all = requirement.queries;
    for (std::size_t i = 0; i < std::min(all.size(), most_bars); ++i) {
        out += fmt::format("{}[{},", i == 0 ? "" : ",", since_begin(all[i].time));
        append_script_string(
            out, shortened(fmt::format("{} {}: {}", from_network(all[i].qname),
                                       from_network(all[i].qtype),
                                       all[i].rcode.empty() ? std::string("no answer")
                                                            : from_network(all[i].rcode)),
                           longest_page_text));
        out += ']';
    }
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
            out += fmt::format(R"({}{{"at":{},"text":)", first ? "" : ",",
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
        append_script_string(story, shortened(from_network(text), longest_page_text));
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

void PageData::words(std::string& out) {
    out += ",\n\"words\":{";
    bool first = true;
    for (const auto kind :
         {verdict::WordKind::block_reason, verdict::WordKind::inconclusive_reason}) {
        for (const auto word : verdict::words_with_remedies(kind)) {
            out += first ? "\n" : ",\n";
            first = false;
            append_script_string(out, word);
            out += ':';
            append_script_string(out, verdict::find_remedy(kind, word)->meaning);
        }
    }
    out += "}";
}

}  // namespace

std::string page_data(store::Reader& reader, const Summary& summary, std::size_t most_flows) {
    return PageData(reader, summary, most_flows).json();
}

}  // namespace turnpike::report
