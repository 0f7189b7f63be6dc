// `turnpike catalog check`: the findings and their counts.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "catalog/json_writer.h"
#include "catalog/render_text.h"
#include "turnpike/base/printable.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

std::string place_of(const Finding& finding) {
    const auto selector = finding.revision->selector();
    return finding.rule == nullptr ? selector : fmt::format("{} {}", selector, finding.rule->id);
}

std::string counts(const Catalog& catalog, const std::vector<Finding>& findings) {
    const auto count = [&findings](Severity severity) {
        const auto found = std::ranges::count(findings, severity, &Finding::severity);
        return base::counted(static_cast<std::uint64_t>(found), to_string(severity));
    };
    return fmt::format("{} checked: {}, {}, {}\n",
                       base::counted(catalog.revisions().size(), "revision"),
                       count(Severity::error), count(Severity::warning), count(Severity::note));
}

constexpr std::array<std::string_view, 5> check_heads{"severity", "revision", "rule_id", "file",
                                                      "text"};
std::array<std::string, 5> check_row(const Finding& finding) {
    return {std::string(to_string(finding.severity)), finding.revision->selector(),
            finding.rule == nullptr ? "" : finding.rule->id, finding.revision->file.string(),
            finding.text};
}

std::string check_text(const Catalog& catalog, const std::vector<Finding>& findings) {
    std::string out;
    for (const auto& finding : findings) {
        const auto head = fmt::format("{}: {}: ", to_string(finding.severity), place_of(finding));
        out += wrapped(head + finding.text, 4) + '\n';
    }
    return out + counts(catalog, findings);
}

std::string check_json(const std::vector<Finding>& findings) {
    JsonWriter json;
    json.begin_array();
    for (const auto& finding : findings) {
        const auto row = check_row(finding);
        json.begin_object();
        for (std::size_t i = 0; i < row.size(); ++i) {
            json.member_unless_empty(check_heads.at(i), row.at(i));
        }
        json.end();
    }
    return json.end().take();
}

}  // namespace

std::string render_check(const Catalog& catalog, const std::vector<Finding>& findings,
                         Format format) {
    std::string out;
    switch (format) {
        case Format::text:
            return check_text(catalog, findings);
        case Format::json:
            return check_json(findings);
        case Format::csv:
            out = csv_line(check_heads);
            for (const auto& finding : findings) {
                out += csv_line(check_row(finding));
            }
            return out;
        case Format::markdown:
            out = markdown_head(check_heads);
            for (const auto& finding : findings) {
                out += markdown_line(check_row(finding));
            }
            return out + '\n' + counts(catalog, findings);
    }
    return out;
}

}  // namespace turnpike::catalog
