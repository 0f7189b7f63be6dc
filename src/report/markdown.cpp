// Markdown (CommonMark with tables): for tickets and wikis.
#include <fmt/core.h>

#include <algorithm>

#include "report/opening.h"
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
                       plain(purpose_text(row)), plain(status_text(entry)), rests);
}

void to_do(const ProductSummary& entry, std::string& out) {
    std::string items;
    for (const auto& needed : entry.requirements) {
        for (const auto& text : advice_texts(needed)) {
            items += fmt::format("- {}: {}\n", plain(from_catalog(needed.row.name.rule_id)),
                                 plain(text));
        }
    }
    if (!items.empty()) {
        out += "To do:\n\n" + items + "\n";
    }
}

void requirement_table(const ProductSummary& entry, const Options& options, std::string& out) {
    std::string rows;
    std::uint64_t folded = 0;
    for (const auto& needed : entry.requirements) {
        if (needed.row.status == "unmatched" && !options.all) {
            ++folded;
        } else {
            requirement(needed, rows);
        }
    }
    if (!rows.empty()) {
        out +=
            "| status | port | destination | purpose | finding | rests on |\n"
            "| --- | --- | --- | --- | --- | --- |\n" +
            rows;
    }
    if (folded > 0) {
        out += "\n" + unmatched_text(folded, folded == entry.requirements.size()) + ".\n";
    }
    if (const auto text = feed_text(entry); !text.empty()) {
        out += "\n" + plain(text) + ".\n";
    }
}

void product_section(const ProductSummary& entry, const Options& options, std::string& out) {
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
    to_do(entry, out);
    requirement_table(entry, options, out);
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

void text_list(const std::vector<std::string>& texts, std::string& out) {
    for (const auto& text : texts) {
        out += "- " + plain(text) + "\n";
    }
}

}  // namespace

void render_markdown(const Summary& summary, const Options& options, const Sink& sink) {
    std::string out = fmt::format("# turnpike: {}\n\n", plain(from_catalog(summary.run.source)));
    for (const auto& opening : openings(summary)) {
        out += fmt::format("- **{}**{}{}: {}{}{}\n", state_words(opening.state),
                           opening.subject.empty() ? "" : " ", plain(opening.subject),
                           plain(opening.why),
                           opening.advice.empty() ? "" : " To do: ", plain(opening.advice));
    }
    out += fmt::format("\n{}. {}.\n", span_text(summary.run), volume_text(summary.run));
    for (const auto& entry : summary.products) {
        product_section(entry, options, out);
    }
    if (!summary.unseen.empty()) {
        constexpr std::size_t columns = 300;
        out += "\n" + plain(unseen_text(summary.unseen, columns)) + "\n";
    }
    if (summary.anything_blocked()) {
        out += "\n## Everything that was blocked\n\n";
        text_list(blocked_texts(summary), out);
    }
    out += "\n## How far this capture can be trusted\n\n";
    text_list(trust_texts(summary), out);
    if (const auto steps = next_steps(summary); !steps.empty()) {
        out += "\n## What to type next\n\n";
        for (const auto& step : steps) {
            out += fmt::format("    {}\n", step.command);
        }
    }
    sink(out);
}

}  // namespace turnpike::report
