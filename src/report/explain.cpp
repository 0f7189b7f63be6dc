// Finds the requirement or the flow that is asked for, and tells its story as text or JSON.
#include "turnpike/report/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/display_filter.h"
#include "report/iso_time.h"
#include "report/json_text.h"
#include "report/printable.h"
#include "report/wording.h"
#include "turnpike/base/error.h"

namespace turnpike::report {
namespace {

using store::Cell;

/// A row of a view by column name, as text; empty for NULL.
using Row = std::map<std::string, std::string, std::less<>>;

std::string cell_text(const Cell& cell) {
    struct Text {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return fmt::format("{}", value); }
        std::string operator()(std::string_view value) const { return std::string(value); }
    };
    return std::visit(Text{}, cell);
}

Row row_of(const std::vector<std::string>& columns, std::span<const Cell> cells) {
    Row row;
    for (std::size_t i = 0; i < columns.size() && i < cells.size(); ++i) {
        row[columns[i]] = cell_text(cells[i]);
    }
    return row;
}

/// The rows of a view that `wanted` accepts.
template <typename Predicate>
std::vector<Row> rows_of(store::Reader& reader, const store::RunRow& run, std::string_view view,
                         Predicate wanted) {
    const auto columns = reader.columns(view);
    std::vector<Row> rows;
    reader.each_row(view, run.run_id, [&](std::span<const Cell> cells) {
        auto row = row_of(columns, cells);
        if (wanted(row)) {
            rows.push_back(std::move(row));
        }
    });
    return rows;
}

const std::string& get(const Row& row, std::string_view column) {
    static const std::string absent;
    const auto found = row.find(column);
    return found == row.end() ? absent : found->second;
}

std::int64_t number(const std::string& text) noexcept {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string whole_flow_filter(const Row& flow) {
    return flow_filter(get(flow, "transport"), get(flow, "client_ip"),
                       number(get(flow, "client_port")), get(flow, "server_ip"),
                       number(get(flow, "server_port")));
}

std::string verdict_sentence(const Row& flow) {
    const auto& outcome = get(flow, "outcome");
    if (outcome == "blocked") {
        return fmt::format("blocked: {} ({}), at stage {}; grade {}, {}",
                           reason_words(get(flow, "block_reason")), get(flow, "block_reason"),
                           get(flow, "stage"), get(flow, "grade"),
                           grade_words(get(flow, "grade"), get(flow, "block_reason")));
    }
    if (outcome == "inconclusive") {
        const auto& reason = get(flow, "inconclusive_reason");
        return fmt::format("inconclusive: {} ({})", inconclusive_words(reason), reason);
    }
    return "passed: the far side demonstrably answered through the firewall";
}

std::string attribution_sentence(const Row& flow) {
    if (get(flow, "vendor").empty()) {
        return "belongs to no rule that was considered";
    }
    const auto product =
        fmt::format("{}/{}@{}", get(flow, "vendor"), get(flow, "product"), get(flow, "revision"));
    if (get(flow, "rule_id").empty()) {
        return fmt::format("is traffic of {} that no row of its document mentions", product);
    }
    return fmt::format("belongs to {} rule {} {} {} by {} (matched {})", product,
                       get(flow, "rule_id"), get(flow, "transport"), get(flow, "ports"),
                       get(flow, "confidence"),
                       get(flow, "matched").empty() ? "nothing else" : get(flow, "matched"));
}

bool is_of_requirement(const Row& row, const Row& requirement) {
    return std::ranges::all_of(
        std::initializer_list<const char*>{"vendor", "product", "revision", "rule_id", "transport",
                                           "ports"},
        [&](const char* column) { return get(row, column) == get(requirement, column); });
}

class Explainer {
  public:
    Explainer(store::Reader& reader, const store::RunRow& run, const Options& options,
              const Sink& sink)
        : reader_(reader), run_(run), options_(options), sink_(sink) {}

    void flow(const Row& flow) {
        const auto& name = get(flow, "server_name");
        line(0,
             fmt::format("Flow {}: {} {} port {} > {} port {}{}", get(flow, "flow_id"),
                         get(flow, "transport"), get(flow, "client_ip"), get(flow, "client_port"),
                         get(flow, "server_ip"), get(flow, "server_port"),
                         name.empty() ? "" : fmt::format(" ({})", from_network(name))));
        line(2, "It " + from_catalog(attribution_sentence(flow)) + ".");
        const auto events = rows_of(reader_, run_, "flow_events", [&flow](const Row& row) {
            return get(row, "flow_id") == get(flow, "flow_id");
        });
        for (const auto& event : events) {
            line(2, fmt::format("packet {:>6}  {}  {}", get(event, "packet"),
                                clock_time(get(event, "time")), from_network(get(event, "text"))));
        }
        line(2, "Verdict: " + verdict_sentence(flow) + ".");
        control(flow);
        if (!get(flow, "notes").empty()) {
            line(2, "Notes: " + from_network(get(flow, "notes")) + ".");
        }
        if (!get(flow, "evidence").empty()) {
            line(2, "Wireshark, the evidence: " + packet_filter(get(flow, "evidence")));
        }
        line(2, "Wireshark, the whole flow: " + whole_flow_filter(flow));
        sink_("\n");
    }

    void requirement(const Row& requirement) {
        line(0, fmt::format("{}/{}@{} rule {}: {} {} to {}", get(requirement, "vendor"),
                            get(requirement, "product"), get(requirement, "revision"),
                            get(requirement, "rule_id"), get(requirement, "transport"),
                            get(requirement, "ports"),
                            shortened_list(get(requirement, "destination"), options_.width / 2)));
        // A row is blocked by its names only where no flow was tried.
        const auto& reason = get(requirement, "block_reason");
        const bool by_names = reason.starts_with("dns_");
        line(2, fmt::format("{} ({}) is {}: {}.", from_catalog(get(requirement, "purpose")),
                            get(requirement, "level"), get(requirement, "status"),
                            by_names ? "names failed, and no flow was tried"
                                     : fmt::format("{} passed, {} blocked, {} inconclusive",
                                                   get(requirement, "flows_passed"),
                                                   get(requirement, "flows_blocked"),
                                                   get(requirement, "flows_inconclusive"))));
        if (!reason.empty()) {
            line(2, fmt::format("{}: {} ({}); grade {}, {}.",
                                by_names ? "Failed names" : "Blocked attempts",
                                reason_words(reason), reason, get(requirement, "grade"),
                                grade_words(get(requirement, "grade"), reason)));
        }
        const auto same_rule = [&requirement](const Row& row) {
            return is_of_requirement(row, requirement);
        };
        failed_names(same_rule);
        sink_("\n");
        std::vector<Row> flows = rows_of(reader_, run_, "flows", same_rule);
        std::ranges::stable_sort(flows, {}, [](const Row& row) {
            return get(row, "outcome") == "passed" ? 1 : 0;  // what failed comes first
        });
        constexpr std::size_t enough = 10;
        for (std::size_t i = 0; i < std::min(flows.size(), enough); ++i) {
            flow(flows[i]);
        }
        if (flows.size() > enough) {
            line(0, fmt::format("{}; the view `flows` lists them.",
                                counted(flows.size() - enough, "more flow")));
        } else if (flows.empty()) {
            line(0, "No flow of this requirement is in the capture.");
        }
    }

  private:
    /// What makes a block grade B.
    void control(const Row& flow) {
        const auto& number = get(flow, "control_flow_id");
        if (number.empty()) {
            return;
        }
        const auto found = rows_of(reader_, run_, "flows", [&number](const Row& row) {
            return get(row, "flow_id") == number;
        });
        for (const auto& other : found) {
            const auto& name = get(other, "server_name");
            line(2, fmt::format("Control: flow {} worked within a minute: {} {} > {} port {}{}.",
                                number, get(other, "transport"), get(other, "client_ip"),
                                get(other, "server_ip"), get(other, "server_port"),
                                name.empty() ? "" : fmt::format(" ({})", from_network(name))));
        }
    }

    template <typename Predicate>
    void failed_names(Predicate same_rule) {
        for (const auto& query : rows_of(reader_, run_, "dns_evidence", same_rule)) {
            line(2, fmt::format("packet {:>6}  {}  {} asked {} for {} ({}): {}",
                                get(query, "packet"), clock_time(get(query, "time")),
                                get(query, "client_ip"), get(query, "resolver_ip"),
                                from_network(get(query, "qname")), get(query, "qtype"),
                                get(query, "rcode").empty() ? "no answer" : get(query, "rcode")));
        }
    }

    [[nodiscard]] std::string clock_time(const std::string& iso) const {
        const auto time = options_.local_time ? in_local_time(iso) : iso;
        return time.size() > 11 ? time.substr(11, 15) : time;
    }

    /// Whatever a database holds: no octet of it moves a cursor or breaks a line.
    void line(std::size_t indent, const std::string& text) {
        sink_(std::string(indent, ' ') + from_catalog(text) + "\n");
    }

    store::Reader& reader_;
    const store::RunRow& run_;
    const Options& options_;
    const Sink& sink_;
};

/// The same as objects; what belongs to a row stands in it.
class JsonExplainer {
  public:
    JsonExplainer(store::Reader& reader, const store::RunRow& run) : reader_(reader), run_(run) {}

    std::string flow(const Row& flow) {
        const auto same_flow = [&flow](const Row& row) {
            return get(row, "flow_id") == get(flow, "flow_id");
        };
        const auto is_control = [&flow](const Row& row) {
            return get(row, "flow_id") == get(flow, "control_flow_id");
        };
        std::string filters = "{\"flow\": ";
        append_json_string(filters, whole_flow_filter(flow));
        if (!get(flow, "evidence").empty()) {
            filters += ", \"evidence\": ";
            append_json_string(filters, packet_filter(get(flow, "evidence")));
        }
        return object("flows", same_flow,
                      {{"events", rows("flow_events", same_flow)},
                       {"control", rows("flows", is_control)},
                       {"filters", filters + "}"}});
    }

    std::string requirement(const Row& requirement) {
        const auto same = [&requirement](const Row& row) {
            return is_of_requirement(row, requirement);
        };
        std::string flows;
        for (const auto& row : rows_of(reader_, run_, "flows", same)) {
            flows += (flows.empty() ? "" : ",\n") + flow(row);
        }
        return object("requirements", same,
                      {{"dns_evidence", rows("dns_evidence", same)}, {"flows", "[" + flows + "]"}});
    }

  private:
    using Extra = std::vector<std::pair<std::string, std::string>>;

    template <typename Predicate>
    std::string object(std::string_view view, Predicate wanted, const Extra& extra) {
        std::string out;
        each_object(view, wanted, [&](const std::string& fields) {
            out = "{" + fields;
            for (const auto& [name, value] : extra) {
                out += fmt::format(", \"{}\": {}", name, value);
            }
            out += "}";
        });
        return out;
    }

    template <typename Predicate>
    std::string rows(std::string_view view, Predicate wanted) {
        std::string out = "[";
        each_object(view, wanted, [&out](const std::string& fields) {
            out += (out.size() == 1 ? "{" : ", {") + fields + "}";
        });
        return out + "]";
    }

    template <typename Predicate, typename Taken>
    void each_object(std::string_view view, Predicate wanted, Taken taken) {
        const auto columns = reader_.columns(view);
        reader_.each_row(view, run_.run_id, [&](std::span<const Cell> cells) {
            if (!wanted(row_of(columns, cells))) {
                return;
            }
            std::string fields;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                fields += i == 0 ? "" : ", ";
                append_json_string(fields, columns[i]);
                fields += ": ";
                append_json_cell(fields, cells[i]);
            }
            taken(fields);
        });
    }

    store::Reader& reader_;
    const store::RunRow& run_;
};

std::optional<std::string> flow_number(std::string_view subject) {
    if (subject.starts_with("flow ")) {
        subject.remove_prefix(5);
    }
    const bool digits = !subject.empty() &&
                        std::ranges::all_of(subject, [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional{std::string(subject)} : std::nullopt;
}

std::vector<std::string> words_of(std::string_view subject) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : subject) {
        if (c == ' ' || c == '/' || c == '@') {
            if (!word.empty()) {
                words.push_back(std::move(word));
            }
            word.clear();
        } else {
            word += c;
        }
    }
    if (!word.empty()) {
        words.push_back(std::move(word));
    }
    return words;
}

std::vector<Row> flows_named(store::Reader& reader, const store::RunRow& run,
                             std::string_view subject) {
    const auto number = flow_number(subject);
    return !number ? std::vector<Row>{} : rows_of(reader, run, "flows", [&number](const Row& row) {
        return get(row, "flow_id") == *number;
    });
}

struct NamedRequirements {
    std::vector<Row> rows;   ///< blocked ones first; without traffic only if all are
    std::uint64_t left = 0;  ///< others of that name, without traffic
};

/// Many vendors call a row alike, and only one of them may have been there.
NamedRequirements with_traffic_first(std::vector<Row> rows) {
    NamedRequirements named{std::move(rows)};
    const auto order = [](const Row& row) {
        const auto& status = get(row, "status");
        return status == "blocked" ? 0 : status == "unmatched" ? 2 : 1;
    };
    std::ranges::stable_sort(named.rows, {}, order);
    const auto silent = std::ranges::find(named.rows, 2, order);
    if (silent != named.rows.begin()) {
        named.left = static_cast<std::uint64_t>(named.rows.end() - silent);
        named.rows.erase(silent, named.rows.end());
    }
    return named;
}

/// Throws base::Error (usage) if there is none.
NamedRequirements requirements_named(store::Reader& reader, const store::RunRow& run,
                                     std::string_view subject) {
    const auto words = words_of(subject);
    auto requirements = rows_of(reader, run, "requirements", [&words](const Row& row) {
        return !words.empty() && std::ranges::all_of(words, [&row](const std::string& word) {
            return std::ranges::any_of(
                std::initializer_list<const char*>{"vendor", "product", "revision", "rule_id",
                                                   "transport", "ports", "status"},
                [&](const char* column) { return get(row, column) == word; });
        });
    });
    if (requirements.empty()) {
        throw base::Error(
            base::ExitStatus::usage,
            fmt::format(
                "--explain {}: no flow or requirement of run {} is called so; give a flow's "
                "number or a rule's id as the report shows them",
                from_network(subject), run.run_id));
    }
    return with_traffic_first(std::move(requirements));
}

}  // namespace

void explain(store::Reader& reader, const store::RunRow& run, std::string_view subject,
             Format format, const Options& options, const Sink& sink) {
    if (format != Format::text && format != Format::json) {
        throw base::Error(base::ExitStatus::usage,
                          "--explain: a story is told as text or json; give one of these to "
                          "--format, or leave --explain out");
    }
    const bool as_json = format == Format::json;
    Explainer explainer(reader, run, options, sink);
    JsonExplainer objects(reader, run);
    const auto flows = flows_named(reader, run, subject);
    if (!flows.empty()) {
        return as_json ? sink("{\"flows\": [" + objects.flow(flows.front()) + "]}\n")
                       : explainer.flow(flows.front());
    }
    std::string list;
    const auto named = requirements_named(reader, run, subject);
    for (const auto& requirement : named.rows) {
        if (as_json) {
            list += (list.empty() ? "" : ",\n") + objects.requirement(requirement);
        } else {
            explainer.requirement(requirement);
        }
    }
    if (as_json) {
        sink("{\"requirements\": [" + list + "]}\n");
    } else if (named.left > 0) {
        sink(fmt::format("\n{} of that name saw no traffic.\n", counted(named.left, "more row")));
    }
}

}  // namespace turnpike::report
