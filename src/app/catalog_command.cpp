// `turnpike catalog` and its smaller actions.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <utility>

#include "app/catalog_choice.h"
#include "app/catalog_export.h"
#include "app/catalog_import.h"
#include "app/catalog_refresh.h"
#include "app/catalog_update.h"
#include "app/commands.h"
#include "app/new_file.h"
#include "app/output.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/check.h"
#include "turnpike/catalog/diff.h"
#include "turnpike/catalog/example.h"
#include "turnpike/catalog/render.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

catalog::Format catalog_format_of(const std::string& word) {
    const auto format = catalog::parse_format(word.empty() ? "text" : word);
    if (!format) {
        throw Error(ExitStatus::usage,
                    fmt::format("--format {}: is not a format of the catalog; use text, json, csv "
                                "or markdown",
                                base::escape(word)));
    }
    return *format;
}

// All revisions of the products that the selectors name.
catalog::Catalog narrowed(const catalog::Catalog& all, const std::vector<std::string>& selectors) {
    std::vector<catalog::Revision> kept;
    const auto chosen = all.choose(selectors);
    std::ranges::copy_if(all.revisions(), std::back_inserter(kept), [&chosen](const auto& one) {
        return std::ranges::any_of(chosen, [&one](const auto* other) {
            return one.vendor == other->vendor && one.product == other->product;
        });
    });
    return catalog::Catalog(std::move(kept));
}

ExitStatus list_catalog(const CatalogOptions& options, catalog::Format format) {
    const auto catalog = load_catalog(options.catalogs);
    write_out(catalog::render_list(
        options.arguments.empty() ? catalog : narrowed(catalog, options.arguments), format));
    return ExitStatus::done;
}

ExitStatus show(const CatalogOptions& options, catalog::Format format) {
    if (options.arguments.empty()) {
        throw Error(ExitStatus::usage,
                    "catalog show: no selector given; 'turnpike catalog list' shows them all");
    }
    const auto catalog = load_catalog(options.catalogs).apply({}, options.arguments);
    write_out(
        catalog::render_show(choose_revisions(catalog, options.arguments), format, base::now()));
    return ExitStatus::done;
}

// The entries that came with the program age whatever a user does, so only who asks is told.
catalog::Staleness staleness_of(const CatalogOptions& options) {
    catalog::Staleness staleness;
    if (options.stale_after != std::chrono::days{}) {
        staleness.after = options.stale_after;
        return staleness;
    }
    try {
        staleness.exempt = base_catalog();
    } catch (const Error&) {
        // The program was taken away from its own catalog: every entry is the user's.
        staleness.exempt.clear();
    }
    return staleness;
}

ExitStatus check_catalog(const CatalogOptions& options, catalog::Format format) {
    auto places = options.catalogs;
    places.insert(places.end(), options.arguments.begin(), options.arguments.end());
    const auto catalog = load_catalog(places);
    const auto findings = catalog::check(catalog, base::now(), staleness_of(options));
    if (!options.quiet) {
        write_out(catalog::render_check(catalog, findings, format));
    }
    const bool broken = std::ranges::any_of(findings, [](const catalog::Finding& finding) {
        return finding.severity == catalog::Severity::error;
    });
    return broken ? ExitStatus::bad_input : ExitStatus::done;
}

bool is_place(const std::string& word) {
    std::error_code ignored;
    return std::filesystem::exists(word, ignored);
}

const catalog::Revision& only_revision(const catalog::Catalog& catalog,
                                       const std::string& selector) {
    const auto found = catalog.select(selector);
    if (found.size() != 1) {
        throw Error(ExitStatus::usage,
                    fmt::format("catalog diff {}: names {} products; add the product",
                                base::escape(selector), found.size()));
    }
    return *found.front();
}

ExitStatus diff(const CatalogOptions& options, catalog::Format format) {
    if (options.arguments.size() != 2) {
        throw Error(ExitStatus::usage,
                    "catalog diff: takes two selectors, or two files or directories");
    }
    const auto& before = options.arguments[0];
    const auto& after = options.arguments[1];
    if (is_place(before) && is_place(after)) {
        const auto old_catalog = catalog::load({before});
        const auto new_catalog = catalog::load({after});
        write_out(catalog::render_diff(catalog::diff(old_catalog, new_catalog), format));
        return ExitStatus::done;
    }
    const auto catalog = load_catalog(options.catalogs);
    write_out(catalog::render_diff(
        {catalog::diff(only_revision(catalog, before), only_revision(catalog, after))}, format));
    return ExitStatus::done;
}

ExitStatus new_entry(const CatalogOptions& options) {
    if (options.output.empty()) {
        write_out(catalog::example_entry());
    } else {
        create_file(options.output, catalog::example_entry());
    }
    return ExitStatus::done;
}

}  // namespace

ExitStatus catalog_command(const CatalogOptions& options) {
    auto status = ExitStatus::done;
    switch (options.action) {
        case CatalogOptions::Action::list:
            status = list_catalog(options, catalog_format_of(options.format));
            break;
        case CatalogOptions::Action::show:
            status = show(options, catalog_format_of(options.format));
            break;
        case CatalogOptions::Action::check:
            status = check_catalog(options, catalog_format_of(options.format));
            break;
        case CatalogOptions::Action::diff:
            status = diff(options, catalog_format_of(options.format));
            break;
        case CatalogOptions::Action::new_entry:
            status = new_entry(options);
            break;
        case CatalogOptions::Action::export_rules:
            status = export_rules(options);
            break;
        case CatalogOptions::Action::import_file:
            status = import_file(options);
            break;
        case CatalogOptions::Action::refresh:
            status = refresh_feeds(options);
            break;
        case CatalogOptions::Action::update:
            status = update_catalog(options);
            break;
    }
    flush_out();
    return status;
}

}  // namespace turnpike::app
