// One HTML page (HTML Living Standard) that stands alone: no script, no font, no picture from
// elsewhere, so that it can be mailed and opened years later.
#include <fmt/core.h>

#include "report/markup.h"
#include "report/opening.h"
#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

// Status is told by words and by shape, never by color alone; contrast is 4.5:1 or better in both
// schemes (WCAG 2.2, 1.4.3).
constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--ink:#1c2330;--soft:#566074;--paper:#fff;--ground:#f3f5f8;
--line:#d8dde6;--bad:#a8071a;--bad-ground:#fdecec;--good:#17663a;--good-ground:#e6f5ec;
--unsure:#7a4a00;--unsure-ground:#fdf3dc;--none:#4b5568;--none-ground:#eceff4;--link:#1a4fa3}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#a9b2c3;--paper:#1b212c;
--ground:#12161e;--line:#333c4c;--bad:#ff9b9b;--bad-ground:#45191d;--good:#86dba6;
--good-ground:#173a26;--unsure:#f3c873;--unsure-ground:#40300f;--none:#b4bdcc;--none-ground:#2a3240;
--link:#8db8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 .25rem}
h3{font-size:1rem;margin:1.25rem 0 .5rem}
p{margin:.25rem 0}
.soft{color:var(--soft)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
section{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;
padding:1.1rem 1.25rem;margin:1.25rem 0}
.headline{border-left:.4rem solid var(--line);padding:.25rem 0 .25rem 1rem;margin:1rem 0}
.headline h2{overflow-wrap:anywhere}
.headline.fails{border-color:var(--bad)}
.headline.works{border-color:var(--good)}
.headline.fallback,.headline.cannot_tell{border-color:var(--unsure)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;margin:.6rem 0;padding:0;list-style:none}
.status{display:inline-block;padding:.05rem .6rem;border-radius:1rem;font-size:.875rem;
font-weight:600;white-space:nowrap}
.blocked{background:var(--bad-ground);color:var(--bad)}
.observed{background:var(--good-ground);color:var(--good)}
.inconclusive{background:var(--unsure-ground);color:var(--unsure)}
.unmatched{background:var(--none-ground);color:var(--none)}
.open{border-left:.3rem solid var(--bad);background:var(--bad-ground);padding:.6rem 1rem;
border-radius:.3rem;margin:.75rem 0}
.open ul{margin:.25rem 0 0;padding-left:1.1rem}
.note{border-left:.3rem solid var(--unsure);background:var(--unsure-ground);padding:.5rem 1rem;
border-radius:.3rem;margin:.75rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.925rem}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;
border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}
tbody th{font-weight:400}
td.port{white-space:nowrap}
td.place{min-width:12rem;max-width:22rem;overflow-wrap:anywhere}
details{margin-top:.25rem}
summary{cursor:pointer;color:var(--link)}
summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
details ul{margin:.3rem 0;padding-left:1.1rem;overflow-wrap:anywhere}
footer{padding-bottom:2rem;font-size:.875rem}
@media print{body{background:#fff}section{break-inside:avoid-page;border-color:#999}}
)css";

std::string shown(std::string_view text) {
    return markup(from_catalog(text));
}

std::string badge(std::string_view status) {
    const std::string word = shown(status);
    return fmt::format("<span class=\"status {0}\">{0}</span>", word);
}

void list(const std::vector<std::string>& texts, std::string& out) {
    out += "<ul>\n";
    for (const auto& text : texts) {
        out += "<li>" + markup(text) + "</li>\n";
    }
    out += "</ul>\n";
}

void counts(const StatusCounts& counts, std::string& out) {
    out += "<ul class=\"counts\">\n";
    const auto one = [&out](std::uint64_t count, std::string_view status) {
        if (count != 0) {
            out += fmt::format("<li class=\"status {0}\">{1} {0}</li>\n", status, grouped(count));
        }
    };
    one(counts.blocked, "blocked");
    one(counts.inconclusive, "inconclusive");
    one(counts.observed, "observed");
    one(counts.unmatched, "unmatched");
    out += "</ul>\n";
}

void requirement_row(const RequirementSummary& entry, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format(
        "<tr><td>{}</td><td class=\"port\">{}</td><td class=\"place\">{}</td>"
        "<th scope=\"row\">{}</th><td>",
        badge(row.status), markup(port_text(row)), markup(destination_text(row)),
        markup(purpose_text(row)));
    if (row.status != "unmatched") {
        out += markup(status_text(entry));
    } else {
        out += "no traffic that fits was seen";
    }
    const auto evidence = evidence_texts(entry);
    if (!evidence.empty()) {
        out += "\n<details><summary>what this rests on</summary>\n";
        list(evidence, out);
        out += "</details>";
    }
    out += "</td></tr>\n";
}

void rows_table(const ProductSummary& entry, const std::vector<const RequirementSummary*>& rows,
                std::string& out) {
    out += fmt::format(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"Requirements of {0}\">\n<table>\n<caption>What {0} needs, and "
        "what the capture shows</caption>\n<thead><tr>",
        shown(entry.row.name.selector()));
    for (const auto* head : {"status", "port", "destination", "rule and purpose", "finding"}) {
        out += fmt::format("<th scope=\"col\">{}</th>", head);
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const auto* needed : rows) {
        requirement_row(*needed, out);
    }
    out += "</tbody>\n</table>\n</div>\n";
}

// Rows without traffic are there for whoever opens them.
void requirement_table(const ProductSummary& entry, const Options& options, std::string& out) {
    std::vector<const RequirementSummary*> rows;
    std::vector<const RequirementSummary*> folded;
    for (const auto& needed : entry.requirements) {
        (needed.row.status == "unmatched" && !options.all ? folded : rows).push_back(&needed);
    }
    if (!rows.empty()) {
        rows_table(entry, rows, out);
    }
    if (!folded.empty()) {
        out += fmt::format("<details><summary>{} without traffic</summary>\n",
                           counted(folded.size(), rows.empty() ? "row" : "more row"));
        rows_table(entry, folded, out);
        out += "</details>\n";
    }
}

void headlines(const Summary& summary, std::string& out) {
    out += "<section aria-label=\"Headlines\">\n";
    for (const auto& opening : openings(summary)) {
        out += fmt::format("<div class=\"headline {}\"><h2>{}{}{}</h2>\n<p>{}</p>\n",
                           markup(opening.state), markup(state_words(opening.state)),
                           opening.subject.empty() ? "" : ": ", markup(opening.subject),
                           markup(opening.why));
        if (!opening.advice.empty()) {
            out += "<p><strong>To do:</strong> " + markup(opening.advice) + "</p>\n";
        }
        out += "</div>\n";
    }
    out += "</section>\n";
}

void titled_list(std::string_view title, const std::vector<std::string>& texts, std::string& out) {
    if (!texts.empty()) {
        out += fmt::format("<h3>{}</h3>\n", title);
        list(texts, out);
    }
}

void product(const ProductSummary& entry, const Options& options, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format("<section>\n<h2>{} {}</h2>\n<p class=\"soft\"><code>{}</code>{}{}</p>\n",
                       shown(row.vendor_name), shown(row.product_name), shown(row.name.selector()),
                       row.source_title.empty() ? "" : ", after ", shown(row.source_title));
    counts(entry.counts, out);
    if (const auto text = allow_list_text(row); !text.empty()) {
        out += "<p class=\"note\">" + markup(text) + "</p>\n";
    }
    for (const auto& alternative : entry.alternatives) {
        out += "<p class=\"note\">" + shown(alternative.text) + "</p>\n";
    }
    std::vector<std::string> to_open;
    for (const auto& needed : entry.requirements) {
        for (const auto& text : advice_texts(needed)) {
            to_open.push_back(from_catalog(needed.row.name.rule_id) + ": " + text);
        }
    }
    if (!to_open.empty()) {
        out += "<div class=\"open\"><strong>To do</strong>\n";
        list(to_open, out);
        out += "</div>\n";
    }
    requirement_table(entry, options, out);
    std::vector<std::string> names;
    for (const auto& name : entry.failed_names) {
        names.push_back(failed_name_text(name));
    }
    titled_list("Names that failed", names, out);
    std::vector<std::string> strays;
    for (const auto& stray : entry.strays) {
        strays.push_back(stray_text(stray));
    }
    titled_list("Traffic that fits no rule", strays, out);
    out += "</section>\n";
}

void trust(const Summary& summary, std::string& out) {
    out += "<section>\n<h2>How far this capture can be trusted</h2>\n";
    std::vector<std::string> plain;
    for (const auto& text : trust_texts(summary)) {
        if (text.starts_with("! ")) {
            out += "<p class=\"note\">" + markup(text.substr(2)) + "</p>\n";
        } else {
            plain.push_back(text);
        }
    }
    list(plain, out);
    out += "</section>\n";
}

}  // namespace

void render_html(const Summary& summary, const Options& options, const Sink& sink) {
    const std::string source = markup(from_network(summary.run.source));
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n<title>turnpike: {}</title>\n<style>{}</style>\n</head>\n"
        "<body>\n<header>\n<h1>{}</h1>\n<p class=\"soft\">{}</p>\n<p class=\"soft\">{}</p>\n"
        "</header>\n<main>\n",
        source, style, source, markup(span_text(summary.run)), markup(volume_text(summary.run)));
    headlines(summary, out);
    for (const auto& entry : summary.products) {
        product(entry, options, out);
    }
    if (!summary.unseen.empty()) {
        constexpr std::size_t columns = 300;
        out += "<section><p>" + markup(unseen_text(summary.unseen, columns)) + "</p></section>\n";
    }
    if (!summary.blocked.empty()) {
        out += "<section>\n<h2>Everything that was blocked</h2>\n";
        list(blocked_texts(summary), out);
        out += "</section>\n";
    }
    trust(summary, out);
    out += "<section>\n<h2>What to type next</h2>\n<dl>\n";
    for (const auto& step : next_steps(summary)) {
        out += fmt::format("<dt><code>{}</code></dt><dd>{}</dd>\n", markup(step.command),
                           markup(step.gives));
    }
    out += "</dl>\n</section>\n";
    out += fmt::format(
        "</main>\n<footer class=\"soft\">\n<p>turnpike {}, analysis of {}</p>\n"
        "</footer>\n</body>\n</html>\n",
        shown(summary.run.turnpike_version), shown(summary.run.started_at));
    sink(out);
}

}  // namespace turnpike::report
