#include "app/catalog_export.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/catalog_choice.h"
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

std::string text_of(const store::Cell& cell) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
        return std::string(*text);
    }
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        return std::to_string(*number);
    }
    return {};
}

// The wanted columns of every row of a view.
template <typename Row>
void each(store::Reader& reader, std::string_view view, std::int64_t run,
          const std::vector<std::string>& wanted, const Row& row) {
    const auto columns = reader.columns(view);
    std::vector<std::size_t> places;
    places.reserve(wanted.size());
    for (const auto& name : wanted) {
        places.push_back(
            static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin()));
    }
    reader.each_row(view, run, [&](std::span<const store::Cell> cells) {
        std::vector<std::string> values;
        values.reserve(places.size());
        for (const auto place : places) {
            values.push_back(place < cells.size() ? text_of(cells[place]) : std::string());
        }
        row(values);
    });
}

// Names and addresses of a run, and the flows that were taken for a rule without showing a name.
class Sightings {
  public:
    Sightings(store::Reader& reader, std::int64_t run) {
        each(reader, "dns_queries", run, {"qname", "answers"}, [this](const auto& row) {
            std::size_t begin = 0;
            const std::string& answers = row[1];
            while (begin < answers.size()) {
                const auto end = std::min(answers.find_first_of(", ", begin), answers.size());
                add_name(row[0], answers.substr(begin, end - begin));
                begin = end + 1;
            }
        });
        each(reader, "flows", run,
             {"server_ip", "server_name", "vendor", "product", "revision", "rule_id", "transport"},
             [this](const auto& row) {
                 add_name(row[1], row[0]);
                 if (row[1].empty() && !row[5].empty()) {
                     nameless_.emplace(
                         fmt::format("{}/{}@{} {} {}", row[2], row[3], row[4], row[5], row[6]),
                         row[0]);
                 }
             });
    }

    [[nodiscard]] std::vector<catalog::SeenAddress> of(
        const catalog::Requirement& requirement) const {
        std::set<catalog::SeenAddress> found;
        const auto& patterns = requirement.rule->destinations.names;
        for (const auto& seen : named_) {
            if (std::ranges::any_of(patterns,
                                    [&](const auto& p) { return p.matches(seen.name); })) {
                found.insert(seen);
            }
        }
        if (!patterns.empty()) {
            add_nameless(requirement, found);
        }
        return {found.begin(), found.end()};
    }

  private:
    void add_name(const std::string& name, const std::string& address) {
        const auto parsed = base::IpAddress::parse(address);
        if (!name.empty() && parsed && !parsed->is_unspecified() && !parsed->is_loopback()) {
            auto lower = base::to_lower(name);
            if (lower.ends_with('.')) {
                lower.pop_back();
            }
            named_.insert({*parsed, std::move(lower)});
        }
    }

    void add_nameless(const catalog::Requirement& requirement,
                      std::set<catalog::SeenAddress>& found) const {
        const auto key =
            fmt::format("{} {} {}", requirement.revision->selector(), requirement.rule->id,
                        catalog::to_string(requirement.port->transport));
        const auto [first, last] = nameless_.equal_range(key);
        for (auto at = first; at != last; ++at) {
            const auto address = base::IpAddress::parse(at->second);
            const bool named = std::ranges::any_of(
                found, [&](const auto& seen) { return seen.address == address; });
            if (address && !named) {
                found.insert({*address, {}});
            }
        }
    }

    std::set<catalog::SeenAddress> named_;
    std::multimap<std::string, std::string> nameless_;
};

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

catalog::Export blocked_only(const catalog::Catalog& catalog, const CatalogOptions& options) {
    store::Reader reader(options.blocked);
    const auto runs = reader.runs();
    if (runs.empty()) {
        throw Error(ExitStatus::bad_input,
                    fmt::format("{}: holds no run", base::escape(options.blocked.string())));
    }
    const auto run = runs.back().run_id;
    const Sightings sightings(reader, run);
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
        const auto* requirement = find_requirement(requirements, row.name);
        if (requirement != nullptr && !requirement->port->stated) {
            result.remarks.push_back(fmt::format("{} {}: blocked, but the document states no ports",
                                                 selector, row.name.rule_id));
        } else if (requirement != nullptr) {
            result.entries.push_back(catalog::export_entry(*requirement));
            result.entries.back().seen = sightings.of(*requirement);
        } else {
            result.remarks.push_back(fmt::format("{} {} {} {}: blocked, but not in this catalog",
                                                 selector, row.name.rule_id, row.name.transport,
                                                 row.name.ports));
        }
    }
    result.remarks.push_back(
        fmt::format("Blocked requirements of run {}: {}.", run, result.entries.size()));
    return result;
}

base::Timestamp now() {
    return std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now());
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
    write_out(catalog::render_export(
        options.blocked.empty()
            ? catalog::export_revisions(choose_revisions(catalog, options.require), now())
            : blocked_only(catalog, options),
        firewall));
    return ExitStatus::done;
}

}  // namespace turnpike::app
