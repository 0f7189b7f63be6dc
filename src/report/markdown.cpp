// Markdown (CommonMark with tables): for tickets and wikis.
#include <fmt/core.h>

#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

// Characters that Markdown, or HTML inside it, would obey (CommonMark 2.4).
std::string plain(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view("\\`*_{}[]<>|#&~").find(c) != std::string_view::npos) {
            result += '\\';
        }
        result += c;
    }
    return result;
}

void requirement(const RequirementSummary& entry, std::string& out) {
    const auto& row = entry.row;
    std::string rests;
    for (const auto& text : evidence_texts(entry)) {
        rests += (rests.empty() ? "" : "<br>") + plain(text);
    }
    out += fmt::format("| {}{}{} | {} | {} | {} | {} | {} |\n", row.status == "blocked" ? "**" : "",
                       from_network(row.status), row.status == "blocked" ? "**" : "",
                       plain(port_text(row)), plain(destination_text(row)),
                       plain(purpose_text(row)), plain(status_text(row)), rests);
}

void product(const ProductSummary& entry, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format("\n## {} {} ({})\n\n", plain(from_catalog(row.vendor_name)),
                       plain(from_catalog(row.product_name)),
                       plain(from_catalog(row.name.selector())));
    if (const auto counts = counts_text(entry.counts); !counts.empty()) {
        out += counts + ".\n\n";
    }
    if (const auto text = allow_list_text(row); !text.empty()) {
        out += plain(text) + "\n\n";
    }
    for (const auto& alternative : entry.alternatives) {
        out += plain(from_catalog(alternative.text)) + "\n\n";
    }
    std::string to_open;
    for (const auto& needed : entry.requirements) {
        if (const auto text = open_text(needed); !text.empty()) {
            to_open += "- " + plain(text) + "\n";
        }
    }
    if (!to_open.empty()) {
        out += "To open:\n\n" + to_open + "\n";
    }
    if (!entry.requirements.empty()) {
        out +=
            "| status | port | destination | purpose | finding | rests on |\n"
            "| --- | --- | --- | --- | --- | --- |\n";
    }
    for (const auto& needed : entry.requirements) {
        requirement(needed, out);
    }
    if (!entry.failed_names.empty()) {
        out += "\nNames that failed:\n\n";
    }
    for (const auto& name : entry.failed_names) {
        out += "- " + plain(failed_name_text(name)) + "\n";
    }
    if (!entry.strays.empty()) {
        out += "\nTraffic that fits no rule:\n\n";
    }
    for (const auto& stray : entry.strays) {
        out += "- " + plain(stray_text(stray)) + "\n";
    }
}

}  // namespace

void render_markdown(const Summary& summary, const Sink& sink) {
    std::string out =
        fmt::format("# turnpike: {}\n\n{}. {}.\n", plain(from_network(summary.run.source)),
                    span_text(summary.run), volume_text(summary.run));
    for (const auto& entry : summary.products) {
        product(entry, out);
    }
    if (summary.products.empty()) {
        out += "\nNo traffic of any vendor in the catalog was seen.\n";
    }
    if (!summary.unseen.empty()) {
        constexpr std::size_t columns = 300;
        out += "\n" + plain(unseen_text(summary.unseen, columns)) + "\n";
    }
    out += "\n## How far this capture can be trusted\n\n";
    for (const auto& text : trust_texts(summary)) {
        out += "- " + plain(text) + "\n";
    }
    sink(out);
}

}  // namespace turnpike::report
