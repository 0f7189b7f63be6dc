// Writes the headlines of a report, and the commands that lead further.
#include "report/opening.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "report/printable.h"

namespace turnpike::report {
namespace {

constexpr std::size_t most_unseen = 6;  // products named

constexpr std::string_view nothing_of_it =
    "none of its own names and networks was seen, so nothing is claimed";
constexpr std::string_view call_and_capture =
    "Make a call while capturing, on the clients' side of the firewall.";
constexpr std::string_view name_and_respond =
    "See below what was not probed; name its servers with --name, and run 'turnpike respond' "
    "outside for what needs a far end (--responder).";

std::string advice_to_try(bool is_audit) {
    return std::string(is_audit ? name_and_respond : call_and_capture);
}

std::string sentence(std::string text) {
    if (!text.empty() && !text.ends_with('.')) {
        text += '.';
    }
    return text;
}

/// Products that differ in nothing but their name share an entry.
void add(std::vector<Opening>& list, Opening opening) {
    if (!list.empty() && list.back().state == opening.state && list.back().why == opening.why &&
        list.back().advice == opening.advice) {
        list.back().subject += ", " + opening.subject;
    } else {
        list.push_back(std::move(opening));
    }
}

/// Products that somebody asked for and that nothing proves to have been there.
std::vector<std::string> missing(const Summary& summary) {
    std::vector<std::string> names;
    for (const auto& product : summary.products) {
        auto name = from_catalog(product.row.name.vendor + "/" + product.row.name.product);
        if (find_headline(summary.headlines, product.row.name) == nullptr &&
            std::ranges::find(names, name) == names.end()) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

std::string listed(std::vector<std::string> names) {
    if (names.size() > most_unseen) {
        const auto more = names.size() - most_unseen;
        names.resize(most_unseen);
        names.push_back(fmt::format("{} more", more));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string flows_text(const std::vector<store::NamedFlows>& list) {
    std::vector<std::string> texts;
    texts.reserve(list.size());
    for (const auto& entry : list) {
        texts.push_back(fmt::format(
            "{} ({}{})", shortened(from_network(entry.name), 60), counted(entry.flows, "flow"),
            entry.blocked == 0 ? "" : fmt::format(", {} blocked", grouped(entry.blocked))));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

/// A word of a shell's command line (POSIX.1-2017, XCU 2.2.2).
std::string quoted(const std::string& word) {
    const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+@:,=").find(c) != std::string_view::npos;
    });
    if (plain) {
        return word;
    }
    std::string result = "'";
    for (const char c : from_catalog(word)) {
        result += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return result + '\'';
}

std::string run_option(const Summary& summary) {
    return summary.is_newest ? std::string() : fmt::format(" --run {}", summary.run.run_id);
}

int explained_first(const store::RequirementRow& row) noexcept {
    if (row.status == "blocked") {
        return 0;
    }
    if (row.flows_blocked > 0) {
        return 1;
    }
    if (row.status == "inconclusive") {
        return 2;
    }
    return row.status == "observed" ? 3 : 4;
}

const store::RequirementRow* worth_explaining(
    const std::vector<const store::RequirementRow*>& rows) {
    const auto best = std::ranges::min_element(
        rows, {}, [](const store::RequirementRow* row) { return explained_first(*row); });
    return best == rows.end() || (*best)->status == "unmatched" ? nullptr : *best;
}

/// "turnpike report a.db", with the run where the database has a newer one.
std::string report_command(const Summary& summary) {
    return fmt::format("turnpike report {}{}", quoted(summary.database), run_option(summary));
}

std::string explain_command(const Summary& summary, const store::RequirementRow& row) {
    const auto& name = row.name;
    return fmt::format(
        "{} --explain {}", report_command(summary),
        quoted(name.product.vendor + "/" + name.product.product + "/" + name.rule_id));
}

std::string page_command(const Summary& summary) {
    return fmt::format("{} --format html > report.html", report_command(summary));
}

std::string export_command(const Summary& summary) {
    return fmt::format(
        "turnpike catalog export --format nftables --inside lan0 --outside wan0 --blocked {}{}",
        quoted(summary.database), run_option(summary));
}

Opening opening_in_part() {
    return {"cannot_tell",
            {},
            "This run was not stored completely, so nothing is claimed.",
            "Analyze the capture again, with room on the disk for the database. If the run still "
            "goes on, ask again in a moment."};
}

}  // namespace

std::string_view state_words(std::string_view state) noexcept {
    using Words = std::pair<std::string_view, std::string_view>;
    constexpr std::array table{
        Words{"works", "WORKS"},
        Words{"fallback", "WORKS OVER THE FALLBACK"},
        Words{"fails", "FAILS"},
        Words{"cannot_tell", "CANNOT TELL"},
    };
    const auto* const found = std::ranges::find(table, state, &Words::first);
    return found == table.end() ? state : found->second;
}

Opening opening_of(const store::HeadlineRow& row) {
    // The state says that already.
    constexpr std::string_view said = "works, but over the fallback: ";
    std::string_view why = row.headline;
    if (row.state == "fallback" && why.starts_with(said)) {
        why.remove_prefix(said.size());
    }
    return {from_catalog(row.state), from_catalog(row.product.vendor + "/" + row.product.product),
            sentence(from_catalog(why)), from_catalog(row.advice)};
}

std::vector<Opening> openings(const Summary& summary) {
    if (!summary.knows_headlines) {
        return {{"cannot_tell",
                 {},
                 "An earlier turnpike stored this run without a headline: the rows say what was "
                 "seen.",
                 "Analyze the captures again for a headline."}};
    }
    if (summary.stored_in_part && !summary.live) {
        return {opening_in_part()};
    }
    std::vector<Opening> list;
    for (const auto& row : summary.headlines) {
        add(list, opening_of(row));
    }
    if (const auto names = missing(summary); !names.empty()) {
        list.push_back({"cannot_tell", listed(names), sentence(std::string(nothing_of_it)),
                        advice_to_try(summary.is_audit)});
    }
    if (summary.headlines.empty()) {
        const bool asked_for = !list.empty();
        auto nobody = opening_without_vendor(summary);
        if (asked_for) {
            list.back().why += nobody.why.substr(nobody.why.find('.') + 1);
        } else {
            list.push_back(std::move(nobody));
        }
    }
    return list;
}

std::string opening_text(const Opening& opening) {
    return fmt::format("{}{}{}: {}", state_words(opening.state), opening.subject.empty() ? "" : " ",
                       opening.subject, opening.why);
}

store::HeadlineRow headline_of(const std::vector<store::HeadlineRow>& headlines,
                               const store::ProductName& product, bool is_audit) {
    const auto* const found = find_headline(headlines, product);
    return found != nullptr ? *found
                            : store::HeadlineRow{std::numeric_limits<std::int64_t>::max(), product,
                                                 "cannot_tell", std::string(nothing_of_it),
                                                 advice_to_try(is_audit)};
}

Opening opening_without_vendor(const Summary& summary) {
    if (summary.stored_in_part && !summary.live) {
        return opening_in_part();
    }
    Opening opening{"cannot_tell",
                    {},
                    "No traffic of any vendor in the current revisions of the catalog was seen.",
                    {}};
    if (summary.run.packets == 0) {
        opening.why += " The capture holds no packets.";
    }
    if (!summary.sightings.names.empty()) {
        opening.why += fmt::format(" Names seen: {}.", flows_text(summary.sightings.names));
    }
    if (!summary.sightings.protocols.empty()) {
        opening.why += fmt::format(" Protocols: {}.", flows_text(summary.sightings.protocols));
    }
    opening.advice = advice_to_try(summary.is_audit);
    return opening;
}

std::vector<NextStep> next_steps(const Summary& summary) {
    if (summary.database.empty()) {
        return {};
    }
    std::vector<const store::RequirementRow*> rows;
    bool any_blocked = false;
    for (const auto& product : summary.products) {
        for (const auto& requirement : product.requirements) {
            rows.push_back(&requirement.row);
            any_blocked = any_blocked || requirement.row.status == "blocked";
        }
    }
    std::vector<NextStep> steps;
    if (const auto* row = worth_explaining(rows)) {
        steps.push_back(
            {explain_command(summary, *row), "the story of this row, packet by packet"});
    } else if (!summary.blocked.empty()) {
        steps.push_back({fmt::format("{} --explain {}", report_command(summary),
                                     summary.blocked.front().example_flow),
                         "the story of this flow, packet by packet"});
    }
    if (any_blocked) {
        steps.push_back(
            {export_command(summary),
             "the rules that the firewall lacks, with your interfaces; sixteen other formats"});
    }
    steps.push_back({page_command(summary), "this report, to mail and print"});
    return steps;
}

std::vector<std::string> next_commands(const Summary& summary, const store::ProductName& product,
                                       const std::vector<store::RequirementRow>& requirements) {
    if (summary.database.empty()) {
        return {};
    }
    std::vector<const store::RequirementRow*> rows;
    for (const auto& row : requirements) {
        if (row.name.product == product) {
            rows.push_back(&row);
        }
    }
    std::vector<std::string> commands;
    const auto* row = worth_explaining(rows);
    if (row != nullptr) {
        commands.push_back(explain_command(summary, *row));
    }
    if (row != nullptr && row->status == "blocked") {
        commands.push_back(export_command(summary));
    }
    commands.push_back(page_command(summary));
    return commands;
}

}  // namespace turnpike::report
