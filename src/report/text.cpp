// The report that an administrator reads on a terminal.
#include <fmt/core.h>

#include <algorithm>

#include "report/opening.h"
#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"
#include "turnpike/base/ink.h"

namespace turnpike::report {
namespace {

using base::Ink;

constexpr std::size_t most_strays = 20;
constexpr std::size_t most_opening_lines = 12;
constexpr std::size_t most_blocked_lines = 12;

Ink ink_of_state(std::string_view state) noexcept {
    if (state == "fails") {
        return Ink::bad;
    }
    return state == "works" ? Ink::good : Ink::unsure;
}

class TextReport {
  public:
    TextReport(const Summary& summary, const Options& options, const Sink& sink)
        : summary_(summary), options_(options), sink_(sink) {}

    void render() {
        headlines();
        head();
        for (const auto& product : summary_.products) {
            render_product(product);
        }
        unseen();
        blocked();
        strays();
        trust();
        next();
    }

  private:
    void line(std::string_view text, Ink ink = Ink::none) {
        if (options_.color && ink != Ink::none && !text.empty()) {
            sink_(fmt::format("{}{}{}\n", sequence_of(ink), text, base::end_of_ink));
        } else {
            sink_(fmt::format("{}\n", text));
        }
    }
    // Breaks at spaces; a word longer than a line is broken anywhere. Lines after the first are
    // indented by `hang`.
    void paragraph(std::string_view text, std::size_t indent, std::size_t hang,
                   Ink ink = Ink::none);
    // The same, as lines.
    [[nodiscard]] std::vector<std::string> broken(std::string_view text, std::size_t indent,
                                                  std::size_t hang) const;
    void headlines();
    void head();
    void render_product(const ProductSummary& product);
    void render_requirement(const RequirementSummary& requirement);
    void unseen();
    void blocked();
    void strays();
    void trust();
    void next();
    void command(std::string_view text);

    const Summary& summary_;
    const Options& options_;
    const Sink& sink_;
};

std::vector<std::string> TextReport::broken(std::string_view text, std::size_t indent,
                                            std::size_t hang) const {
    return wrapped(std::string(indent, ' ') + std::string(text), options_.width, indent + hang);
}

void TextReport::paragraph(std::string_view text, std::size_t indent, std::size_t hang, Ink ink) {
    for (const auto& broken_line : broken(text, indent, hang)) {
        line(broken_line, ink);
    }
}

// Cut to so many lines; what was lost shows as "...".
void cut(std::vector<std::string>& lines, std::size_t most, std::size_t width) {
    if (most == 0) {
        lines.clear();
    } else if (lines.size() > most) {
        lines.resize(most);
        lines.back() = shortened(lines.back() + std::string(width, ' ') + "x", width);
        while (lines.back().ends_with(" ...")) {
            lines.back().erase(lines.back().size() - 4, 1);
        }
    }
}

// The first one in full, the others in what is left of the first screen.
void TextReport::headlines() {
    const auto list = openings(summary_);
    std::size_t left = most_opening_lines;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& opening = list[i];
        const std::size_t behind = list.size() - i - 1;
        if (behind > 0 && left <= 1) {
            line(fmt::format("and {}, below", counted(behind + 1, "more product")));
            break;
        }
        auto why =
            broken(fmt::format("{}{}{}: {}", state_words(opening.state),
                               opening.subject.empty() ? "" : "  ", opening.subject, opening.why),
                   0, 2);
        auto advice = opening.advice.empty() ? std::vector<std::string>()
                                             : broken("To do: " + opening.advice, 2, 2);
        // A line for each of the others, as far as that goes.
        const std::size_t wanted = left - std::min({left - 1, behind, left / 2});
        cut(why, wanted > advice.size() + 1 ? wanted - advice.size() : (wanted + 1) / 2,
            options_.width);
        cut(advice, wanted - std::min(wanted, why.size()), options_.width);
        for (const auto& text : why) {
            line(text, ink_of_state(opening.state));
        }
        for (const auto& text : advice) {
            line(text);
        }
        left -= std::min(left, why.size() + advice.size());
    }
    line("");
}

void TextReport::head() {
    const auto& run = summary_.run;
    paragraph("turnpike: " + from_catalog(run.source), 0, 2, Ink::bold);
    paragraph(span_text(run), 0, 2);
    paragraph(volume_text(run), 0, 2);
}

void TextReport::render_product(const ProductSummary& product) {
    const auto& row = product.row;
    line("");
    paragraph(fmt::format("{} {}  {}", from_catalog(row.vendor_name),
                          from_catalog(row.product_name), from_catalog(row.name.selector())),
              0, 2, Ink::bold);
    if (const auto counts = counts_text(product.counts); !counts.empty()) {
        paragraph(counts, 0, 2);
    }
    if (const auto text = allow_list_text(row); !text.empty()) {
        paragraph(text, 0, 2, Ink::unsure);
    }
    for (const auto& alternative : product.alternatives) {
        paragraph(from_catalog(alternative.text), 0, 2, Ink::unsure);
    }
    std::uint64_t folded = 0;
    for (const auto& requirement : product.requirements) {
        if (requirement.row.status == "unmatched" && !options_.all) {
            ++folded;
        } else {
            render_requirement(requirement);
        }
    }
    if (folded > 0) {
        paragraph(unmatched_text(folded, folded == product.requirements.size()), 2, 2);
    }
    if (const auto text = feed_text(product); !text.empty()) {
        paragraph(text, 2, 2);
    }
    for (const auto& name : product.failed_names) {
        paragraph("name " + failed_name_text(name), 2, 14, Ink::unsure);
    }
}

// A line with status, port and destination; below it what the status rests on.
void TextReport::render_requirement(const RequirementSummary& requirement) {
    constexpr std::size_t column = 16;
    const auto& row = requirement.row;
    const bool blocked = row.status == "blocked";
    const std::string start = fmt::format(
        "  {:<13} {:<16} ", blocked ? "BLOCKED" : from_network(row.status), port_text(row));
    line(start + shortened_list(from_catalog(row.destination),
                                options_.width - std::min(options_.width, columns_of(start))),
         base::ink_of_status(row.status));
    paragraph(purpose_text(row), column, 2);
    if (row.status == "unmatched") {
        return;
    }
    paragraph(status_text(requirement), column, 2);
    for (const auto& text : advice_texts(requirement)) {
        paragraph(text, column, 2, Ink::bold);
    }
    for (const auto& text : evidence_texts(requirement)) {
        paragraph(text, column, 2, Ink::dim);
    }
}

void TextReport::unseen() {
    if (const auto text = unseen_text(summary_.unseen, options_.width); !text.empty()) {
        line("");
        paragraph(text, 0, 2);
    }
}

void TextReport::blocked() {
    if (!summary_.anything_blocked()) {
        return;
    }
    line("");
    line("Everything that was blocked", Ink::bold);
    const auto shown_of = [](std::size_t all) {
        return all < most_blocked_lines ? all : most_blocked_lines - 2;
    };
    const std::size_t shown = shown_of(summary_.blocked.size());
    for (std::size_t i = 0; i < shown; ++i) {
        paragraph(blocked_text(summary_.blocked[i]), 2, 2);
    }
    if (shown < summary_.blocked_in_all) {
        line(fmt::format("  and {} more, in the database's flows view",
                         summary_.blocked_in_all - shown));
    }
    const std::size_t names = shown_of(summary_.blocked_names.size());
    for (std::size_t i = 0; i < names; ++i) {
        paragraph(blocked_name_text(summary_.blocked_names[i]), 2, 2);
    }
    if (names < summary_.blocked_names_in_all) {
        line(fmt::format("  and {}, in the database's domains view",
                         counted(summary_.blocked_names_in_all - names, "more name")));
    }
}

// Octets of a command line up to the last space between words that fits, else up to the first one.
// A space in single quotes is part of a word (POSIX.1-2017, XCU 2.2.2).
std::size_t whole_words(std::string_view text, std::size_t columns) {
    bool in_quotes = false;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'') {
            in_quotes = !in_quotes;
        } else if (text[i] == '\\' && !in_quotes) {
            ++i;  // the next one is meant literally
        } else if (text[i] == ' ' && !in_quotes) {
            if (taken != 0 && columns_of(text.substr(0, i)) > columns) {
                return taken;
            }
            taken = i;
        }
    }
    return taken != 0 ? taken : text.size();
}

// For copying: broken as a shell allows it (POSIX.1-2017, XCU 2.2.1).
void TextReport::command(std::string_view text) {
    constexpr std::size_t margin = 4;
    constexpr std::size_t mark = 2;
    std::string indent = "  ";
    while (columns_of(text) + indent.size() > options_.width) {
        const std::size_t taken = whole_words(text, options_.width - indent.size() - mark);
        if (taken == text.size()) {
            break;  // one long word
        }
        line(fmt::format("{}{} \\", indent, text.substr(0, taken)));
        text.remove_prefix(taken + 1);
        indent.assign(margin, ' ');
    }
    line(indent + std::string(text));
}

void TextReport::next() {
    if (summary_.database.empty()) {
        return;
    }
    line("");
    line("What to type next", Ink::bold);
    for (const auto& step : next_steps(summary_)) {
        command(step.command);
        paragraph(step.gives, 6, 2, Ink::dim);
    }
}

void TextReport::strays() {
    bool headed = false;
    for (const auto& product : summary_.products) {
        if (product.strays.empty()) {
            continue;
        }
        if (!headed) {
            line("");
            line("Vendor traffic that fits no rule", Ink::bold);
            headed = true;
        }
        line("  " + from_catalog(product.row.name.selector()));
        std::size_t shown = 0;
        for (const auto& stray : product.strays) {
            if (++shown > most_strays) {
                line(fmt::format("    and {} more, in the database's undocumented view",
                                 product.strays.size() - most_strays));
                break;
            }
            paragraph(stray_text(stray), 4, 2);
        }
    }
}

void TextReport::trust() {
    line("");
    line("How far this capture can be trusted", Ink::bold);
    for (const auto& text : trust_texts(summary_)) {
        paragraph(text, 2, 2, text.starts_with('!') ? Ink::unsure : Ink::none);
    }
}

}  // namespace

void render_text(const Summary& summary, const Options& options, const Sink& sink) {
    TextReport(summary, options, sink).render();
}

}  // namespace turnpike::report
