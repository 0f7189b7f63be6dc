// The report that an administrator reads on a terminal.
#include <fmt/core.h>

#include <algorithm>

#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

// SGR codes (ECMA-48 8.3.117).
enum class Ink : std::uint8_t { none, bold, red, green, yellow, dim };

constexpr std::string_view code(Ink ink) noexcept {
    switch (ink) {
        case Ink::none:
            return "";
        case Ink::bold:
            return "\x1b[1m";
        case Ink::red:
            return "\x1b[1;31m";
        case Ink::green:
            return "\x1b[32m";
        case Ink::yellow:
            return "\x1b[33m";
        case Ink::dim:
            return "\x1b[2m";
    }
    return "";
}

Ink ink_of(std::string_view status) noexcept {
    if (status == "blocked") {
        return Ink::red;
    }
    if (status == "observed") {
        return Ink::green;
    }
    return status == "inconclusive" ? Ink::yellow : Ink::dim;
}

constexpr std::size_t most_strays = 20;

class TextReport {
  public:
    TextReport(const Summary& summary, const Options& options, const Sink& sink)
        : summary_(summary), options_(options), sink_(sink) {}

    void render() {
        head();
        for (const auto& product : summary_.products) {
            render_product(product);
        }
        if (summary_.products.empty()) {
            line("");
            line("No traffic of any vendor in the catalog was seen.", Ink::bold);
        }
        unseen();
        strays();
        trust();
    }

  private:
    void line(std::string_view text, Ink ink = Ink::none) {
        if (options_.color && ink != Ink::none && !text.empty()) {
            sink_(fmt::format("{}{}\x1b[0m\n", code(ink), text));
        } else {
            sink_(fmt::format("{}\n", text));
        }
    }
    // Breaks at spaces; a word longer than a line is broken anywhere. Lines after the first are
    // indented by `hang`.
    void paragraph(std::string_view text, std::size_t indent, std::size_t hang,
                   Ink ink = Ink::none);
    void head();
    void render_product(const ProductSummary& product);
    void render_requirement(const RequirementSummary& requirement);
    void unseen();
    void strays();
    void trust();

    const Summary& summary_;
    const Options& options_;
    const Sink& sink_;
};

// Octets of the longest prefix of `text` that fits `columns`, if possible ending before a space.
std::size_t fitting(std::string_view text, std::size_t columns) {
    std::size_t end = 0;
    std::size_t space = 0;
    for (std::size_t used = 0; end < text.size() && used < columns; ++used) {
        if (text[end] == ' ') {
            space = end;
        }
        ++end;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
            ++end;
        }
    }
    if (end == text.size() || text[end] == ' ' || space == 0) {
        return end;
    }
    return space;
}

void TextReport::paragraph(std::string_view text, std::size_t indent, std::size_t hang, Ink ink) {
    std::size_t margin = indent;
    do {
        const std::size_t taken = fitting(text, options_.width - margin);
        line(std::string(margin, ' ') + std::string(text.substr(0, taken)), ink);
        text.remove_prefix(taken);
        while (text.starts_with(' ')) {
            text.remove_prefix(1);
        }
        margin = indent + hang;
    } while (!text.empty());
}

void TextReport::head() {
    const auto& run = summary_.run;
    paragraph("turnpike: " + from_network(run.source), 0, 2, Ink::bold);
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
        paragraph(text, 0, 2, Ink::yellow);
    }
    for (const auto& alternative : product.alternatives) {
        paragraph(from_catalog(alternative.text), 0, 2, Ink::yellow);
    }
    for (const auto& requirement : product.requirements) {
        render_requirement(requirement);
    }
    for (const auto& name : product.failed_names) {
        paragraph("name " + failed_name_text(name), 2, 14, Ink::yellow);
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
         ink_of(row.status));
    paragraph(purpose_text(row), column, 2);
    if (row.status == "unmatched") {
        return;
    }
    paragraph(status_text(row), column, 2);
    if (const auto text = open_text(requirement); !text.empty()) {
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
        paragraph(text, 2, 2, text.starts_with('!') ? Ink::yellow : Ink::none);
    }
}

}  // namespace

void render_text(const Summary& summary, const Options& options, const Sink& sink) {
    TextReport(summary, options, sink).render();
}

}  // namespace turnpike::report
