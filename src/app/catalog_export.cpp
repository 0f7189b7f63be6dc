// `turnpike catalog export`: which rows are written, from the catalog or from what a run saw
// blocked.
#include "app/catalog_export.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/catalog_choice.h"
#include "app/export_sightings.h"
#include "app/output.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/export.h"
#include "turnpike/store/reader.h"

namespace turnpike::app {
namespace {

using base::Error;
using base::ExitStatus;

catalog::Firewall firewall_of(const std::string& word) {
    const auto words = catalog::firewall_words();
    if (word.empty()) {
        throw Error(ExitStatus::usage, fmt::format("catalog export: name a firewall with --format: "
                                                   "{}",
                                                   fmt::join(words, ", ")));
    }
    const auto firewall = catalog::parse_firewall(word);
    if (!firewall) {
        const auto guess = nearest(word, words);
        throw Error(ExitStatus::usage,
                    fmt::format("--format {}: is not a format of export; {}", base::escape(word),
                                guess ? fmt::format("did you mean {}?", *guess)
                                      : fmt::format("use {}", fmt::join(words, ", "))));
    }
    return *firewall;
}

const catalog::Revision* find_revision(const catalog::Catalog& catalog,
                                       const std::string& selector) {
    const auto& all = catalog.revisions();
    const auto found = std::ranges::find(all, selector, &catalog::Revision::selector);
    return found == all.end() ? nullptr : &*found;
}

const catalog::Requirement* find_requirement(const std::vector<catalog::Requirement>& all,
                                             const store::RequirementName& name) {
    const auto found = std::ranges::find_if(all, [&](const catalog::Requirement& requirement) {
        return requirement.rule->id == name.rule_id && requirement.port->text == name.ports &&
               catalog::to_string(requirement.port->transport) == name.transport;
    });
    return found == all.end() ? nullptr : &*found;
}

bool is_chosen(const std::vector<const catalog::Revision*>& chosen, const std::string& selector) {
    return std::ranges::any_of(
        chosen, [&](const auto* revision) { return revision->selector() == selector; });
}

/// The newest one unless another is wanted.
std::int64_t chosen_run(store::Reader& reader, std::optional<std::int64_t> wanted) {
    const auto runs = reader.runs();
    const auto database = reader.path().string();
    if (runs.empty()) {
        throw Error(ExitStatus::bad_input, fmt::format("{}: holds no run", database));
    }
    if (wanted && std::ranges::find(runs, *wanted, &store::RunRow::run_id) == runs.end()) {
        throw Error(ExitStatus::usage,
                    fmt::format("--run {}: there is no such run in {}; see 'turnpike report "
                                "--list'",
                                *wanted, database));
    }
    return wanted.value_or(runs.back().run_id);
}

void add_seen(catalog::Export& what, store::Reader& reader, std::int64_t run) {
    const Sightings sightings(reader, run);
    std::size_t claimed = 0;
    for (auto& entry : what.entries) {
        entry.seen = sightings.of(entry);
        entry.looked_for = true;
        claimed += static_cast<std::size_t>(
            std::ranges::count(entry.seen, true, &catalog::SeenAddress::claimed));
    }
    if (claimed != 0) {
        what.remarks.emplace_back(
            "CHECK the addresses marked so: no DNS answer in the capture led there, only the "
            "client's own hello named them, and any client can write any name into its hello");
    }
}

catalog::Export blocked_only(const catalog::Catalog& catalog, const CatalogOptions& options) {
    store::Reader reader(options.blocked);
    const auto run = chosen_run(reader, options.run);
    const auto chosen = choose_revisions(catalog, options.require);
    catalog::Export result;
    for (const auto& row : reader.requirements(run)) {
        const auto selector = row.name.product.selector();
        if (row.status != "blocked" || (!options.require.empty() && !is_chosen(chosen, selector))) {
            continue;
        }
        const auto* revision = find_revision(catalog, selector);
        const auto requirements = revision == nullptr ? std::vector<catalog::Requirement>()
                                                      : catalog::requirements_of(*revision);
        if (const auto* requirement = find_requirement(requirements, row.name)) {
            result.entries.push_back(
                {requirement->revision, requirement->rule, requirement->port, {}});
        } else {
            result.remarks.push_back(fmt::format("{} {} {} {}: blocked, but not in this catalog",
                                                 selector, row.name.rule_id, row.name.transport,
                                                 row.name.ports));
        }
    }
    result.remarks.push_back(
        fmt::format("Blocked requirements of run {}: {}.", run, result.entries.size()));
    catalog::choose(result, options.choice);
    add_seen(result, reader, run);
    return result;
}

catalog::Export every_row(const catalog::Catalog& catalog, const CatalogOptions& options) {
    auto result = catalog::export_revisions(choose_revisions(catalog, options.require), base::now(),
                                            options.choice);
    if (!options.seen.empty()) {
        store::Reader reader(options.seen);
        add_seen(result, reader, chosen_run(reader, options.run));
    }
    return result;
}

}  // namespace

ExitStatus export_rules(const CatalogOptions& options) {
    const auto firewall = firewall_of(options.format);
    if (!options.arguments.empty()) {
        throw Error(ExitStatus::usage,
                    fmt::format("catalog export takes no argument; write --require {}",
                                base::escape(options.arguments[0])));
    }
    const auto catalog =
        load_catalog(options.catalogs).apply(parse_settings(options.settings), options.require);
    const auto file = catalog::render_export(
        options.blocked.empty() ? every_row(catalog, options) : blocked_only(catalog, options),
        firewall, options.sides);
    write_out(file.text);
    if (!options.quiet) {
        for (const auto& remark : file.remarks) {
            print_error(remark);
        }
    }
    return ExitStatus::done;
}

}  // namespace turnpike::app
