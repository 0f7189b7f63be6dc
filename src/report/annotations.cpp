// Collects from a run what is said of each packet, flow by flow.
#include "turnpike/report/annotations.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>
#include <vector>

#include "report/opening.h"
#include "report/printable.h"

namespace turnpike::report {
namespace {

/// The rows of a view with their cells by name.
class ViewRow {
  public:
    ViewRow(const std::vector<std::string>& columns, std::span<const store::Cell> cells)
        : columns_(columns), cells_(cells) {}

    [[nodiscard]] std::string_view text(std::string_view name) const {
        const auto* const value = std::get_if<std::string_view>(&cell(name));
        return value == nullptr ? std::string_view{} : *value;
    }
    [[nodiscard]] std::int64_t number(std::string_view name) const {
        const auto* const value = std::get_if<std::int64_t>(&cell(name));
        return value == nullptr ? 0 : *value;
    }

  private:
    [[nodiscard]] const store::Cell& cell(std::string_view name) const {
        return cells_[static_cast<std::size_t>(std::ranges::find(columns_, name) -
                                               columns_.begin())];
    }
    const std::vector<std::string>& columns_;
    std::span<const store::Cell> cells_;
};

template <typename Use>
void each(store::Reader& reader, std::string_view view, std::int64_t run, Use use) {
    const auto columns = reader.columns(view);
    reader.each_row(view, run,
                    [&](std::span<const store::Cell> cells) { use(ViewRow(columns, cells)); });
}

std::vector<std::uint64_t> numbers(std::string_view list) {
    std::vector<std::uint64_t> result;
    while (!list.empty()) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), value);
        if (error != std::errc()) {
            break;
        }
        result.push_back(value);
        list.remove_prefix(static_cast<std::size_t>(end - list.data()));
        list.remove_prefix(std::min<std::size_t>(1, list.size()));
    }
    return result;
}

/// "flow 4, blocked (udp_timeout, grade B), whereby/meetings turn-udp".
std::string flow_comment(const ViewRow& row) {
    std::string text = fmt::format("flow {}, {}", row.number("flow_id"), row.text("outcome"));
    std::string why(row.text("block_reason"));
    if (why.empty()) {
        why = row.text("inconclusive_reason");
    }
    if (!row.text("grade").empty()) {
        why += fmt::format(", grade {}", row.text("grade"));
    }
    text += why.empty() ? "" : " (" + why + ")";
    if (!row.text("rule_id").empty()) {
        text +=
            fmt::format(", {}/{} {}", row.text("vendor"), row.text("product"), row.text("rule_id"));
    }
    return from_catalog(text);
}

Conversation conversation_of(const ViewRow& row) {
    const auto end = [&](std::string_view address, std::string_view port) {
        return base::Endpoint{base::IpAddress::parse(row.text(address)).value_or(base::IpAddress{}),
                              static_cast<std::uint16_t>(row.number(port))};
    };
    return conversation(std::string(row.text("transport")), end("client_ip", "client_port"),
                        end("server_ip", "server_port"));
}

class Annotator {
  public:
    Annotator(store::Reader& reader, std::int64_t run) : reader_(reader), run_(run) {}

    Annotations annotate() {
        headline();
        std::set<std::int64_t> needed;
        for (const auto& row : reader_.evidence(run_)) {
            needed.insert(row.flow_id);
        }
        std::set<std::uint64_t> queries;
        each(reader_, "dns_evidence", run_, [&](const ViewRow& row) {
            const auto packet = static_cast<std::uint64_t>(row.number("packet"));
            queries.insert(packet);
            add(packet,
                from_network(fmt::format("a look-up that failed: {} {}, {}/{} {}",
                                         row.text("qname"), row.text("qtype"), row.text("vendor"),
                                         row.text("product"), row.text("rule_id"))));
        });
        each(reader_, "dns_queries", run_, [&](const ViewRow& row) {
            if (queries.contains(static_cast<std::uint64_t>(row.number("packet")))) {
                needed.insert(row.number("flow_id"));
            }
        });
        flows(needed);
        events();
        return std::move(result_);
    }

  private:
    void headline() {
        for (const auto& row : reader_.headlines(run_)) {
            result_.headline +=
                (result_.headline.empty() ? "" : "\n") + opening_text(opening_of(row));
        }
        if (result_.headline.empty()) {
            result_.headline = "CANNOT TELL: no product of the catalog was seen";
        }
    }
    void flows(const std::set<std::int64_t>& needed) {
        each(reader_, "flows", run_, [&](const ViewRow& row) {
            const auto text = flow_comment(row);
            const auto packets = numbers(row.text("evidence"));
            for (const auto packet : packets) {
                add(packet, text);
                of_flow_[row.number("flow_id")].insert(packet);
            }
            if (needed.contains(row.number("flow_id")) || row.text("outcome") == "blocked") {
                result_.evidence.insert(conversation_of(row));
            }
        });
    }
    /// What happened there, in the words of the flow's story.
    void events() {
        each(reader_, "flow_events", run_, [&](const ViewRow& row) {
            const auto packet = static_cast<std::uint64_t>(row.number("packet"));
            const auto found = of_flow_.find(row.number("flow_id"));
            if (found != of_flow_.end() && found->second.contains(packet)) {
                add(packet, from_network(row.text("text")));
            }
        });
    }
    void add(std::uint64_t packet, const std::string& text) {
        auto& comment = result_.comments[packet];
        comment += (comment.empty() ? "turnpike: " : "; ") + text;
    }

    store::Reader& reader_;
    std::int64_t run_;
    std::map<std::int64_t, std::set<std::uint64_t>> of_flow_;
    Annotations result_;
};

}  // namespace

Conversation conversation(std::string transport, const base::Endpoint& a, const base::Endpoint& b) {
    return {std::move(transport), std::min(a, b), std::max(a, b)};
}

Annotations annotate(store::Reader& reader, const store::RunRow& run) {
    return Annotator(reader, run.run_id).annotate();
}

}  // namespace turnpike::report
