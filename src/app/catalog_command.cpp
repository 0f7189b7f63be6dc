// `turnpike catalog list|show|check`.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "app/catalog_choice.h"
#include "app/commands.h"
#include "app/output.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/render.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

catalog::Format format_of(const std::string& word) {
    const auto format = catalog::parse_format(word);
    if (!format) {
        throw Error(ExitStatus::usage,
                    fmt::format("--format {}: is not a format of the catalog; use text, json, csv "
                                "or markdown",
                                base::escape(word)));
    }
    return *format;
}

base::Timestamp now() {
    return std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now());
}

ExitStatus list(const CatalogOptions& options, catalog::Format format) {
    if (!options.arguments.empty()) {
        throw Error(ExitStatus::usage, fmt::format("catalog list takes no argument; 'turnpike "
                                                   "catalog show {}' shows rules",
                                                   base::escape(options.arguments[0])));
    }
    write_out(catalog::render_list(load_catalog(options.catalogs), format));
    return ExitStatus::done;
}

ExitStatus show(const CatalogOptions& options, catalog::Format format) {
    if (options.arguments.empty()) {
        throw Error(ExitStatus::usage,
                    "catalog show: no selector given; 'turnpike catalog list' shows them all");
    }
    const auto catalog = load_catalog(options.catalogs);
    write_out(catalog::render_show(choose_revisions(catalog, options.arguments), format, now()));
    return ExitStatus::done;
}

ExitStatus check(const CatalogOptions& options, catalog::Format format) {
    auto places = options.catalogs;
    places.insert(places.end(), options.arguments.begin(), options.arguments.end());
    const auto catalog = load_catalog(places);
    const auto findings = catalog::check(catalog, now());
    if (!options.quiet) {
        write_out(catalog::render_check(catalog, findings, format));
    }
    const bool broken = std::ranges::any_of(findings, [](const catalog::Finding& finding) {
        return finding.severity == catalog::Severity::error;
    });
    return broken ? ExitStatus::bad_input : ExitStatus::done;
}

}  // namespace

ExitStatus catalog_command(const CatalogOptions& options) {
    const auto format = format_of(options.format);
    auto status = ExitStatus::done;
    switch (options.action) {
        case CatalogOptions::Action::list:
            status = list(options, format);
            break;
        case CatalogOptions::Action::show:
            status = show(options, format);
            break;
        case CatalogOptions::Action::check:
            status = check(options, format);
            break;
    }
    flush_out();
    return status;
}

}  // namespace turnpike::app
