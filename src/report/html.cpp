// One HTML page (HTML Living Standard) that stands alone, so that it can be mailed and opened years
// later: no font, no picture and no script from elsewhere. What it says stands in plain HTML; its
// script (src/report/page) adds the timeline, the streams and the list of all flows.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "report/call_path.h"
#include "report/display_filter.h"
#include "report/firewall_rule.h"
#include "report/json_text.h"
#include "report/markup.h"
#include "report/opening.h"
#include "report/page_files.h"
#include "report/printable.h"
#include "report/render.h"
#include "report/wording.h"

namespace turnpike::report {
namespace {

// Nobody reads on after so many; the database has it all.
constexpr std::size_t longest_text = 2000;

std::string shown(std::string_view text) {
    return markup(shortened(from_catalog(text), longest_text));
}

// Lines stay lines.
std::string shown_lines(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        result += shown(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string badge(std::string_view status) {
    const std::string word = shown(status);
    return fmt::format("<span class=\"status {0}\">{0}</span>", word);
}

// "flow 4: 192.0.2.1 > ..." leads to the flow.
std::string linked(std::string_view text) {
    const auto end = text.find(':');
    if (!text.starts_with("flow ") || end == std::string_view::npos) {
        return markup(shortened(text, longest_text));
    }
    const auto number = text.substr(5, end - 5);
    return fmt::format("<a href=\"#flow-{0}\">flow {0}</a>{1}", markup(number),
                       markup(shortened(text.substr(end), longest_text)));
}

void list(const std::vector<std::string>& texts, std::string& out) {
    out += "<ul>\n";
    for (const auto& text : texts) {
        out += "<li>" + linked(text) + "</li>\n";
    }
    out += "</ul>\n";
}

void titled_list(std::string_view title, const std::vector<std::string>& texts, std::string& out) {
    if (!texts.empty()) {
        out += fmt::format("<h3>{}</h3>\n", title);
        list(texts, out);
    }
}

void folded_list(std::string_view title, const std::vector<std::string>& texts, std::string& out) {
    if (!texts.empty()) {
        out += fmt::format("<details><summary>{}</summary>\n", title);
        list(texts, out);
        out += "</details>\n";
    }
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

std::string_view sign(PathStep::State state) noexcept {
    switch (state) {
        case PathStep::State::done:
            return "✓";
        case PathStep::State::died:
            return "✕";
        case PathStep::State::not_reached:
            return "·";
    }
    return "";
}

// client - firewall - server, with the steps that got through before the one that died.
void path(const RequirementSummary& entry, std::string& out) {
    const auto way = call_path(entry);
    out += fmt::format("<p class=\"offscreen\">{}</p>\n<ol class=\"path\" aria-hidden=\"true\">\n",
                       markup(way.in_words));
    out += fmt::format("<li class=\"node\"><strong>client</strong>{}</li>\n<li class=\"way\">",
                       markup(way.client));
    for (const auto& step : way.steps) {
        if (step.state != PathStep::State::not_reached) {
            out += fmt::format("<span class=\"step{}\">{} {}</span>",
                               step.state == PathStep::State::died ? " died" : "", sign(step.state),
                               step.what);
        }
    }
    out += fmt::format(
        "</li>\n<li class=\"node {}\"><strong>{} {}</strong>{}</li>\n<li class=\"way dead\">",
        way.certain ? "died" : "unsure", way.certain ? "✕" : "?", way.middle,
        markup(way.middle_is));
    for (const auto& step : way.steps) {
        if (step.state == PathStep::State::not_reached) {
            out += fmt::format("<span class=\"step\">{} {}</span>", sign(step.state), step.what);
        }
    }
    out += fmt::format("</li>\n<li class=\"node\"><strong>server</strong>{}</li>\n</ol>\n",
                       markup(way.server));
}

// A filter for all packets that the finding rests on.
std::string evidence_filter(const RequirementSummary& entry) {
    std::string packets;
    const auto add = [&packets](std::string_view more) {
        if (!more.empty()) {
            packets += packets.empty() ? "" : ",";
            packets += more;
        }
    };
    for (const auto& query : entry.queries) {
        add(std::to_string(query.packet));
    }
    for (const auto& flow : entry.flows) {
        add(flow.evidence);
    }
    return packets.empty() ? std::string() : packet_filter(packets);
}

void copy_button(std::string_view label, std::string_view text, std::string& out) {
    if (!text.empty()) {
        out += fmt::format("<button type=\"button\" data-copy=\"{}\">{}</button>\n", markup(text),
                           label);
    }
}

// A row that asks for something: what happened, where it died, what to do.
void finding(const RequirementSummary& entry, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format(
        "<article class=\"finding\">\n<h3>{} {}: {}</h3>\n<p class=\"soft\">to {}</p>\n<p>{}</p>\n",
        badge(row.status), markup(port_text(row)), markup(purpose_text(row)),
        markup(destination_text(row)), markup(status_text(entry)));
    for (const auto& advice : advice_texts(entry)) {
        out += "<p class=\"advice\">" + markup(advice) + "</p>\n";
    }
    const bool blocked = row.status == "blocked";
    if (blocked && !(entry.flows.empty() && entry.queries.empty())) {
        path(entry, out);
    }
    out += "<div class=\"tools\">\n";
    copy_button("Copy Wireshark filter", evidence_filter(entry), out);
    const auto rule = blocked ? firewall_rule(entry) : std::string();
    copy_button("Copy firewall rule (nftables)", rule, out);
    out += "</div>\n";
    folded_list("what this rests on", evidence_texts(entry), out);
    if (blocked) {
        out +=
            "<details><summary>the firewall rule (nftables)</summary>\n"
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Firewall rule\">"
            "<code class=\"rule-text\">" +
            shown_lines(rule) + "</code></div>\n</details>\n";
    }
    out += "</article>\n";
}

void table_row(const RequirementSummary& entry, std::string& out) {
    const auto& row = entry.row;
    out += fmt::format(
        "<tr><td>{}</td><td class=\"port\">{}</td><td class=\"place\">{}</td>"
        "<th scope=\"row\">{}</th><td>",
        badge(row.status), markup(port_text(row)), markup(destination_text(row)),
        markup(purpose_text(row)));
    out += row.status == "unmatched" ? "no traffic that fits was seen" : markup(status_text(entry));
    folded_list("what this rests on", evidence_texts(entry), out);
    out += "</td></tr>\n";
}

using Rows = std::vector<const RequirementSummary*>;

void rows_table(std::string_view caption, const Rows& rows, std::string& out) {
    out += fmt::format("<table class=\"rows-table\">\n<caption>{}</caption>\n<thead><tr>", caption);
    for (const auto* head : {"status", "port", "destination", "rule and purpose", "finding"}) {
        out += fmt::format("<th scope=\"col\">{}</th>", head);
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const auto* needed : rows) {
        table_row(*needed, out);
    }
    out += "</tbody>\n</table>\n";
}

// Something to do or to know first, then what went well; rows without traffic are there for
// whoever opens them.
void requirements(const ProductSummary& entry, const Options& options, std::string& out) {
    Rows well;
    Rows unseen;
    for (const auto& needed : entry.requirements) {
        const auto& row = needed.row;
        if (row.status == "unmatched") {
            unseen.push_back(&needed);
        } else if (row.status == "observed" && row.flows_blocked == 0) {
            well.push_back(&needed);
        } else {
            finding(needed, out);
        }
    }
    if (!well.empty()) {
        rows_table("What got through", well, out);
    }
    if (!unseen.empty()) {
        out += fmt::format("<details{}><summary>{} without traffic</summary>\n",
                           options.all ? " open" : "", counted(unseen.size(), "row"));
        rows_table("What no traffic was seen of: nothing is claimed about it", unseen, out);
        out += "</details>\n";
    }
}

void headlines(const Summary& summary, std::string& out) {
    out += "<section aria-label=\"Headlines\">\n";
    for (const auto& opening : openings(summary)) {
        out += fmt::format(
            "<div class=\"headline {}\"><h2><span class=\"state\">{}</span>{}{}</h2>\n<p>{}</p>\n",
            markup(opening.state), markup(state_words(opening.state)),
            opening.subject.empty() ? "" : ": ", markup(opening.subject),
            markup(shortened(opening.why, longest_text)));
        if (!opening.advice.empty()) {
            out += "<p><strong>To do:</strong> " + markup(shortened(opening.advice, longest_text)) +
                   "</p>\n";
        }
        out += "</div>\n";
    }
    out += "</section>\n";
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
    if (const auto text = feed_text(entry); !text.empty()) {
        out += "<p class=\"note\">" + markup(text) + "</p>\n";
    }
    requirements(entry, options, out);
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

// A bar as the timeline draws it.
void legend_entry(std::string_view outcome, std::string_view text, std::string& out) {
    out += fmt::format(
        "<li><svg width=\"28\" height=\"14\" aria-hidden=\"true\"><g class=\"bar {}\">"
        "<rect class=\"body\" x=\"1\" y=\"1\" width=\"26\" height=\"12\" rx=\"2\"/>"
        "</g></svg>{}</li>\n",
        outcome, text);
}

bool saw_traffic(const Summary& summary) noexcept {
    return std::ranges::any_of(summary.products, [](const ProductSummary& product) {
        return product.counts.unmatched < product.requirements.size();
    });
}

bool has_timeline(const Summary& summary) noexcept {
    return !summary.products.empty() && summary.run.packets > 0;
}

void navigation(const Summary& summary, std::string& out) {
    out += "<nav aria-label=\"On this page\">\n<ul>\n";
    const auto link = [&out](bool there, std::string_view target, std::string_view text) {
        if (there) {
            out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", target, text);
        }
    };
    link(has_timeline(summary), "h-timeline", "The call in time");
    link(!summary.products.empty(), "h-products", "What the vendor asks for");
    link(summary.any_media_seconds, "h-streams", "Media streams");
    link(summary.anything_blocked(), "h-blocked", "Everything that was blocked");
    link(true, "h-flows", "All flows");
    link(true, "h-trust", "How far this can be trusted");
    out += "</ul>\n</nav>\n";
}

void timeline(const Summary& summary, std::string& out) {
    if (!has_timeline(summary)) {
        return;
    }
    out += "<section>\n<h2 id=\"h-timeline\">The call in time</h2>\n";
    if (saw_traffic(summary)) {
        out += "<ul class=\"legend\">\n";
        legend_entry("passed", "passed", out);
        legend_entry("blocked", "blocked ✕", out);
        legend_entry("inconclusive", "inconclusive ?", out);
        out += "<li>| sent again</li>\n<li>╎ fallback</li>\n</ul>\n";
    }
    out += "<div id=\"timeline\"><p class=\"soft\">Needs JavaScript.</p></div>\n</section>\n";
}

void unseen(const Summary& summary, std::string& out) {
    constexpr auto columns = std::numeric_limits<std::size_t>::max();  // here they are opened
    out += fmt::format(
        "<section><details><summary>{} of the catalog without traffic</summary><p>{}</p></details>"
        "</section>\n",
        counted(summary.unseen.size(), "product"), markup(unseen_text(summary.unseen, columns)));
}

void streams(const Summary& summary, std::string& out) {
    if (summary.any_media_seconds) {
        out +=
            "<section>\n<h2 id=\"h-streams\">Media streams</h2>\n"
            "<div id=\"streams\"><p class=\"soft\">Needs JavaScript.</p></div>\n</section>\n";
    }
}

void flows(std::string& out) {
    out +=
        "<section id=\"all-flows\">\n<h2 id=\"h-flows\">All flows</h2>\n"
        "<div id=\"flows\"><p class=\"soft\">Needs JavaScript; the database's view flows has "
        "them too.</p></div>\n</section>\n";
}

void blocked_flows(const Summary& summary, std::string& out) {
    out += "<table class=\"rows-table\">\n<thead><tr>";
    for (const auto* head : {"flows", "port", "reason", "client", "server", "for example"}) {
        out += fmt::format("<th scope=\"col\">{}</th>", head);
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& group : summary.blocked) {
        out += fmt::format(
            "<tr><td class=\"number\">{0}</td><td class=\"port\">{1} {2}</td><td>{3} ({4})</td>"
            "<td>{5}</td><td class=\"place\">{6}</td><td><a href=\"#flow-{7}\">flow {7}</a></td>"
            "</tr>\n",
            counted(group.flows, "flow"), markup(from_network(group.transport)), group.server_port,
            markup(reason_words(group.block_reason)), markup(from_network(group.block_reason)),
            markup(from_network(group.client_ip)),
            markup(shortened(from_network(group.server), 200)), group.example_flow);
    }
    out += "</tbody>\n</table>\n";
    if (const auto more = summary.blocked_in_all - summary.blocked.size(); more > 0) {
        out += fmt::format("<p>and {} more, in the list of flows</p>\n", more);
    }
}

void blocked_names(const Summary& summary, std::string& out) {
    out += "<ul>\n";
    for (const auto& name : summary.blocked_names) {
        out += fmt::format("<li>{}</li>\n", markup(shortened(blocked_name_text(name), 300)));
    }
    out += "</ul>\n";
    const auto more = summary.blocked_names_in_all - summary.blocked_names.size();
    if (more > 0) {
        out += fmt::format("<p>and {}, in the database's domains view</p>\n",
                           counted(more, "more name"));
    }
}

void blocked(const Summary& summary, std::string& out) {
    if (!summary.anything_blocked()) {
        return;
    }
    out += "<section>\n<h2 id=\"h-blocked\">Everything that was blocked</h2>\n";
    if (!summary.blocked.empty()) {
        blocked_flows(summary, out);
    }
    if (!summary.blocked_names.empty()) {
        blocked_names(summary, out);
    }
    out += "</section>\n";
}

void trust(const Summary& summary, std::string& out) {
    out += "<section>\n<h2 id=\"h-trust\">How far this capture can be trusted</h2>\n";
    std::vector<std::string> plain;
    for (const auto& text : trust_texts(summary)) {
        if (text.starts_with("! ")) {
            out +=
                "<p class=\"note\">" + markup(shortened(text.substr(2), longest_text)) + "</p>\n";
        } else {
            plain.push_back(text);
        }
    }
    list(plain, out);
    out += "</section>\n";
}

void next(const Summary& summary, std::string& out) {
    if (summary.database.empty()) {
        return;
    }
    out += "<section>\n<h2>What to type next</h2>\n<dl>\n";
    for (const auto& step : next_steps(summary)) {
        out += fmt::format("<dt><code>{}</code></dt><dd>{}</dd>\n", markup(step.command),
                           markup(step.gives));
    }
    out += "</dl>\n</section>\n";
}

std::string head(const Summary& summary) {
    const std::string source = markup(from_catalog(summary.run.source));
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "script-src {}; style-src {}; {}base-uri 'none'; form-action 'none'\">\n"
        "<title>turnpike: {}</title>\n<style>{}</style>\n</head>\n<body>\n"
        "<a class=\"skip\" href=\"#h-flows\">To the list of flows</a>\n"
        "<header class=\"page-head\">\n<h1>turnpike: {}</h1>\n{}",
        policy_hash(page_script()), policy_hash(page_style()),
        summary.live ? "connect-src 'self'; " : "", source, page_style(), source,
        summary.live ? "<p id=\"live\" class=\"live\" role=\"status\">live</p>\n" : "");
}

void volume(const Summary& summary, std::string& out) {
    out += fmt::format("<p class=\"soft\">{}</p>\n<p class=\"soft\">{}</p>\n",
                       markup(span_text(summary.run)), markup(volume_text(summary.run)));
}

std::string foot(const Summary& summary, std::string_view data) {
    auto out = fmt::format(
        "</main>\n<footer class=\"page-foot\">\n<p>turnpike {}, analysis of {}</p>\n"
        "<details><summary>Licences of the libraries in this page</summary>"
        "<p class=\"licence\">{}</p></details>\n</footer>\n"
        "<p id=\"said\" class=\"offscreen\" role=\"status\"></p>\n",
        shown(summary.run.turnpike_version), shown(summary.run.started_at),
        markup(page_licences()));
    out += R"(<script type="application/json" id="data">)";
    out += data;
    out += "</script>\n<script>";
    out += page_script();
    out += "</script>\n</body>\n</html>\n";
    return out;
}

/// A piece of the page that changes by itself, or is not there.
struct Part {
    std::string key;
    std::string text;
};

// The first belongs to the head of the page, the others to its main part.
std::vector<Part> parts(const Summary& summary, const Options& options) {
    std::vector<Part> made;
    const auto add = [&made](std::string key, const auto& write) {
        auto& part = made.emplace_back(Part{std::move(key), {}});
        write(part.text);
    };
    add("volume", [&](auto& out) { volume(summary, out); });
    add("headlines", [&](auto& out) { headlines(summary, out); });
    add("navigation", [&](auto& out) { navigation(summary, out); });
    add("timeline", [&](auto& out) { timeline(summary, out); });
    add("products", [](auto& out) { out += "<div id=\"h-products\"></div>\n"; });
    for (const auto& entry : summary.products) {
        add(entry.row.name.selector(), [&](auto& out) { product(entry, options, out); });
    }
    if (!summary.unseen.empty()) {
        add("unseen", [&](auto& out) { unseen(summary, out); });
    }
    add("streams", [&](auto& out) { streams(summary, out); });
    add("blocked", [&](auto& out) { blocked(summary, out); });
    add("flows", [](auto& out) { flows(out); });
    add("trust", [&](auto& out) { trust(summary, out); });
    add("next", [&](auto& out) { next(summary, out); });
    return made;
}

// In a live page each part has a place, in which it can be exchanged.
std::string document(const Summary& summary, const std::vector<Part>& parts,
                     std::string_view data) {
    std::string out = head(summary);
    for (const auto& part : parts) {
        if (summary.live) {
            out += fmt::format("<div class=\"part\" data-part=\"{}\">{}</div>\n",
                               markup(from_catalog(part.key)), part.text);
        } else {
            out += part.text;
        }
        if (&part == &parts.front()) {
            out += "</header>\n<main>\n";
        }
    }
    return out + foot(summary, data);
}

// JSON on one line: a line end is the end of an event.
std::string update(const std::vector<Part>& parts, std::string data) {
    std::string out = "{\"parts\":[";
    for (const auto& part : parts) {
        out += out.ends_with('[') ? "[" : ",[";
        append_json_string(out, part.key);
        out += ',';
        append_markup_string(out, part.text);
        out += ']';
    }
    std::ranges::replace(data, '\n', ' ');  // within texts they are escaped
    return out + "],\"data\":" + data + "}";
}

}  // namespace

void render_html(const Summary& summary, std::string_view data, const Options& options,
                 const Sink& sink) {
    sink(document(summary, parts(summary, options), data));
}

LivePage render_live_html(const Summary& summary, std::string_view data, const Options& options) {
    const auto made = parts(summary, options);
    return {document(summary, made, data), update(made, std::string(data))};
}

}  // namespace turnpike::report
