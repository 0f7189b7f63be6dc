// Writes what became of the packets between two captures, flow by flow.
#include "report/crossing_texts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "report/markup.h"
#include "report/printable.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

/// In the order in which they matter.
constexpr std::array fates{
    std::pair{std::string_view{"died_outward"}, std::string_view{"went in and never came out"}},
    std::pair{std::string_view{"died_inward"},
              std::string_view{"answered, and the answers never came in"}},
    std::pair{std::string_view{"answered"}, std::string_view{"refused between the two captures"}},
    std::pair{std::string_view{"interrupted"},
              std::string_view{"passed at first, and then died in between"}},
    std::pair{std::string_view{"between"}, std::string_view{"ended between the two captures"}},
    std::pair{std::string_view{"rebuilt"},
              std::string_view{"ended in between and opened anew from there"}},
    std::pair{std::string_view{"unanswered"},
              std::string_view{"came out, and nothing came back from beyond"}},
    std::pair{std::string_view{"refused"}, std::string_view{"came out, and refused from beyond"}},
    std::pair{std::string_view{"passed"}, std::string_view{"passed"}},
    std::pair{std::string_view{"local"}, std::string_view{"not meant to cross"}},
    std::pair{std::string_view{"unknown"},
              std::string_view{"not to be told: the outside was not recorded at the time"}},
};
constexpr std::size_t most_flows = 30;

std::size_t rank_of_fate(const std::string& fate) {
    return static_cast<std::size_t>(
        std::ranges::find(fates, std::string_view(fate),
                          [](const auto& entry) { return entry.first; }) -
        fates.begin());
}

std::string clock_text(const store::ComparisonRow& row) {
    const auto offset = std::abs(row.clock_offset_ms);
    return fmt::format(
        "the clock outside is {:.3f} s {} (within {:.3f} ms{}), from {}", offset / 1000,
        row.clock_offset_ms < 0 ? "behind" : "ahead", row.clock_uncertainty_ms,
        row.drift_ppm == 0 ? std::string() : fmt::format(", drifting {:.1f} ppm", row.drift_ppm),
        counted(row.pairs, "packet") + " seen on both sides");
}

std::string way_text(const store::WayRow& way, std::string_view name) {
    const auto entered = way.passed + way.died;
    std::string text = fmt::format("{} of {} lost {}", way.died, counted(entered, "packet"), name);
    if (way.first_died != 0) {
        text += fmt::format(" (the first is packet {} of the capture {})", way.first_died,
                            name == "outward" ? "inside" : "outside");
    }
    if (way.made > 0) {
        text += fmt::format(", {} made in between", way.made);
    }
    if (way.passed > 0) {
        text += fmt::format(", {:.3f} ms", way.delay_ms);
    }
    return text;
}

std::string flow_text(const store::CrossingRow& row) {
    std::string text = fmt::format("flow {}: {} {} > {}", row.flow_id, row.transport,
                                   endpoint_text(row.client_ip, row.client_port),
                                   endpoint_text(row.server_ip, row.server_port));
    if (!row.mapped_ip.empty() &&
        (row.mapped_ip != row.client_ip || row.mapped_port != row.client_port)) {
        text += fmt::format(", outside {}", endpoint_text(row.mapped_ip, row.mapped_port));
    }
    if (!row.mappings.empty()) {
        text += ", and other addresses later (view crossings)";
    }
    text += fmt::format(": {}; {}; {}", from_network(row.fate), way_text(row.out, "outward"),
                        way_text(row.in, "inward"));
    if (!row.certificate_outside.empty()) {
        text += fmt::format("; the server's own certificate is from {}",
                            from_network(row.certificate_outside));
    }
    return text;
}

}  // namespace

std::string_view fate_words(std::string_view fate) noexcept {
    const auto* const found =
        std::ranges::find(fates, fate, [](const auto& entry) { return entry.first; });
    return found == fates.end() ? std::string_view{} : found->second;
}

std::vector<std::string> crossing_texts(const store::StoredComparison& stored) {
    const auto& comparison = stored.row;
    std::vector<std::string> texts{
        fmt::format("{} against {}: {} found on both sides, {} inside only, {} outside only; {}",
                    from_catalog(comparison.inside), from_catalog(comparison.outside),
                    counted(comparison.flows_joined, "flow"), comparison.flows_only_inside,
                    comparison.flows_only_outside, clock_text(comparison))};
    for (const auto& [fate, words] : fates) {
        const auto count = std::ranges::count(stored.crossings, fate, &store::CrossingRow::fate);
        if (count > 0) {
            texts.push_back(
                fmt::format("{}: {}", counted(static_cast<std::uint64_t>(count), "flow"), words));
        }
    }
    auto flows = stored.crossings;
    std::erase_if(flows, [](const store::CrossingRow& row) {
        return row.fate == "local" || row.fate == "unknown" ||
               (row.fate == "passed" && row.out.died + row.in.died == 0);
    });
    std::ranges::stable_sort(flows, {},
                             [](const store::CrossingRow& row) { return rank_of_fate(row.fate); });
    for (std::size_t i = 0; i < std::min(most_flows, flows.size()); ++i) {
        texts.push_back(flow_text(flows[i]));
    }
    if (flows.size() > most_flows) {
        texts.push_back(fmt::format("and {} more, in the database's crossings view",
                                    flows.size() - most_flows));
    }
    return texts;
}

void render_crossings(const store::Reader& reader, const store::RunRow& run, std::size_t width,
                      const Sink& sink) {
    if (const auto stored = store::read_comparison(reader, run.run_id)) {
        sink("\nThrough the firewall\n");
        for (const auto& text : crossing_texts(*stored)) {
            for (const auto& line : wrapped("  " + text, width, 4)) {
                sink(line + "\n");
            }
        }
    }
}

void render_crossings_as_markdown(const store::Reader& reader, const store::RunRow& run,
                                  const Sink& sink) {
    if (const auto stored = store::read_comparison(reader, run.run_id)) {
        sink("\n## Through the firewall\n\n");
        for (const auto& text : crossing_texts(*stored)) {
            sink(fmt::format("- {}\n", markup(text)));
        }
    }
}

}  // namespace turnpike::report
