// `turnpike catalog list`: one line a revision.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "catalog/json_writer.h"
#include "catalog/render_text.h"
#include "turnpike/base/printable.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

std::size_t count_ports(const Revision& revision) {
    return requirements_of(revision).size();
}

std::string list_text(const Catalog& catalog) {
    std::size_t widest = 0;
    for (const auto& revision : catalog.revisions()) {
        widest = std::max(widest, revision.selector().size());
    }
    std::string out;
    std::set<std::string> vendors;
    for (const auto& revision : catalog.revisions()) {
        vendors.insert(revision.vendor);
        out += fmt::format("{:<{}}  {:<10}  {:<15}  {:<7}  {:>3} rules  {:>3} ports  {:<9}  {}\n",
                           revision.selector(), widest, day_text(revision.date),
                           revision.read_on ? "read " + day_text(revision.read_on) : "",
                           revision.current ? "current" : "", revision.rules.size(),
                           count_ports(revision), revision.source_kind, revision.file.string());
    }
    return out + fmt::format("{}, {}\n", base::counted(vendors.size(), "vendor"),
                             base::counted(catalog.revisions().size(), "revision"));
}

std::string list_json(const Catalog& catalog) {
    JsonWriter json;
    json.begin_array();
    for (const auto& revision : catalog.revisions()) {
        json.begin_object()
            .member("selector", revision.selector())
            .member("vendor", revision.vendor)
            .member("product", revision.product)
            .member("revision", revision.revision)
            .member("vendor_name", revision.vendor_name)
            .member("product_name", revision.product_name)
            .member_unless_empty("platform", revision.platform)
            .key("date");
        if (revision.date) {
            json.value(day_text(revision.date));
        } else {
            json.null();
        }
        json.member_unless_empty("read_on", revision.read_on ? day_text(revision.read_on) : "")
            .member("current", revision.current)
            .member("allow_listable", revision.allow_listable)
            .member("rules", std::uint64_t{revision.rules.size()})
            .member("requirements", std::uint64_t{count_ports(revision)})
            .member("source_title", revision.source_title)
            .member("source_location", revision.source_location)
            .member("source_kind", revision.source_kind)
            .member("file", revision.file.string())
            .end();
    }
    return json.end().take();
}

// The columns of the list in csv and markdown.
std::array<std::string, 11> list_row(const Revision& revision) {
    return {revision.vendor,
            revision.product,
            revision.revision,
            day_text(revision.date),
            revision.read_on ? day_text(revision.read_on) : "",
            revision.current ? "current" : "",
            fmt::format("{}", revision.rules.size()),
            fmt::format("{}", count_ports(revision)),
            revision.allow_listable ? "yes" : "no",
            revision.source_kind,
            revision.file.string()};
}
constexpr std::array<std::string_view, 11> list_heads{
    "vendor", "product",      "revision",       "date",        "read_on", "current",
    "rules",  "requirements", "allow_listable", "source_kind", "file"};

}  // namespace

std::optional<Format> parse_format(std::string_view word) noexcept {
    constexpr std::array<std::pair<std::string_view, Format>, 4> formats{{
        {"text", Format::text},
        {"json", Format::json},
        {"csv", Format::csv},
        {"markdown", Format::markdown},
    }};
    const auto found =
        std::ranges::find(formats, word, &std::pair<std::string_view, Format>::first);
    return found == formats.end() ? std::nullopt : std::optional(found->second);
}

std::string render_list(const Catalog& catalog, Format format) {
    std::string out;
    switch (format) {
        case Format::text:
            return list_text(catalog);
        case Format::json:
            return list_json(catalog);
        case Format::csv:
            out = csv_line(list_heads);
            for (const auto& revision : catalog.revisions()) {
                out += csv_line(list_row(revision));
            }
            return out;
        case Format::markdown:
            out = markdown_head(list_heads);
            for (const auto& revision : catalog.revisions()) {
                out += markdown_line(list_row(revision));
            }
            return out;
    }
    return out;
}

}  // namespace turnpike::catalog
