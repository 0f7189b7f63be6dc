// Fills in what a document leaves to its reader: regions, a customer's own servers, the version
// that is deployed.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "catalog/references.h"
#include "catalog/syntax.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

[[noreturn]] void refuse(std::string_view name, const std::string& reason) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--set {}: {}", base::escape(name), reason));
}

// The settings as one revision sees them.
class RevisionSettings {
  public:
    RevisionSettings(const Revision& revision, const Settings& settings)
        : revision_(revision), settings_(settings) {}

    // The value for a name, the narrowest binding first.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const {
        const auto narrow = fmt::format("{}/{}/", revision_.vendor, revision_.product);
        const auto wide = fmt::format("{}/", revision_.vendor);
        for (const auto& scope : {narrow, wide, std::string{}}) {
            if (const auto found = settings_.find(scope + std::string(name));
                found != settings_.end()) {
                check_value(name, found->second);
                return found->second;
            }
        }
        return std::nullopt;
    }

  private:
    void check_value(std::string_view name, const std::string& value) const {
        if (name == "version" && !is_version(value)) {
            refuse(name, fmt::format("\"{}\" is no version number", base::escape(value)));
        }
        const auto declared = std::ranges::find(revision_.settings, name, &Setting::name);
        if (declared != revision_.settings.end() && !declared->values.empty() &&
            std::ranges::find(declared->values, value) == declared->values.end()) {
            refuse(name, fmt::format("{} does not know \"{}\"", revision_.selector(),
                                     base::escape(value)));
        }
    }

    const Revision& revision_;
    const Settings& settings_;
};

enum class Holds : std::uint8_t { yes, no, unknown };

Holds holds(const std::vector<Circumstance>& when, const RevisionSettings& settings) {
    auto result = when.empty() ? Holds::unknown : Holds::yes;
    for (const auto& circumstance : when) {
        const auto value = settings.value(circumstance.key);
        if (!value) {
            result = Holds::unknown;
        } else if (!circumstance.met_by(*value)) {
            return Holds::no;
        }
    }
    return result;
}

void fill_placeholders(std::string& pattern, const RevisionSettings& settings) {
    const auto written = pattern;
    for (const auto name : placeholders_of(written)) {
        if (const auto value = settings.value(name)) {
            const auto hole = '{' + std::string(name) + '}';
            pattern.replace(pattern.find(hole), hole.size(), *value);
        }
    }
    const auto checked = parse_name_pattern(pattern);
    if (!checked) {
        throw base::Error(base::ExitStatus::usage, "--set: " + checked.error());
    }
    pattern = *checked;
}

// "turn.example.com, 192.0.2.0/24" or "any".
void place(Destinations& destinations, std::string_view name, std::string_view value) {
    while (!value.empty()) {
        const auto end = std::min(value.find(','), value.size());
        const auto item = trim(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
        const auto network = parse_network(item);
        if (item == "any" || item == "ANY") {
            destinations.any = true;
        } else if (network) {
            std::ranges::copy(*network, std::back_inserter(destinations.prefixes));
        } else if (auto pattern = parse_name_pattern(item)) {
            destinations.names.push_back({std::move(*pattern), {}, false});
        } else {
            refuse(name, pattern.error());
        }
    }
}

// False if the rule does not concern this user.
bool apply_to(Rule& rule, const RevisionSettings& settings) {
    const auto rule_holds = holds(rule.when, settings);
    if (rule_holds == Holds::no) {
        return false;
    }
    if (rule_holds == Holds::yes && rule.level == Level::conditional) {
        rule.level = Level::required;
    }
    const bool had_ports = !rule.ports.empty();
    std::erase_if(rule.ports, [&settings](const PortItem& port) {
        return holds(port.when, settings) == Holds::no;
    });
    for (auto& port : rule.ports) {
        if (holds(port.when, settings) == Holds::yes && port.level == Level::conditional) {
            port.level = Level::required;
        }
    }
    for (auto& name : rule.destinations.names) {
        const bool was_open = name.text.find('{') != std::string::npos;
        fill_placeholders(name.text, settings);
        // A name that the user completed is his own, whatever cloud it lies in.
        name.shared =
            name.shared && !(was_open && name.text.find_first_of("*{") == std::string::npos);
    }
    if (const auto name = setting_of(rule.destinations.reference); !name.empty()) {
        if (const auto value = settings.value(name)) {
            place(rule.destinations, name, *value);
        }
    }
    return !had_ports || !rule.ports.empty();
}

void collect_names(const std::vector<Circumstance>& when, std::set<std::string>& names) {
    for (const auto& circumstance : when) {
        names.insert(circumstance.key);
    }
}

std::set<std::string> names_known_to(const Revision& revision) {
    std::set<std::string> names;
    for (const auto& setting : revision.settings) {
        names.insert(setting.name);
    }
    for (const auto& rule : revision.rules) {
        collect_names(rule.when, names);
        for (const auto& port : rule.ports) {
            collect_names(port.when, names);
        }
    }
    return names;
}

void refuse_unknown(const std::vector<Revision>& revisions, const Settings& settings) {
    std::set<std::string> known;
    for (const auto& revision : revisions) {
        for (const auto& name : names_known_to(revision)) {
            known.insert(name);
            known.insert(revision.vendor + '/' + name);
            known.insert(revision.vendor + '/' + revision.product + '/' + name);
        }
    }
    for (const auto& [name, value] : settings) {
        if (known.contains(name)) {
            continue;
        }
        const auto nearest = std::ranges::min_element(known, {}, [&name](const auto& candidate) {
            return base::edit_distance(name, candidate);
        });
        refuse(name,
               nearest == known.end()
                   ? std::string("no revision in the catalog has settings")
                   : fmt::format("no revision knows this setting; did you mean {}?", *nearest));
    }
}

}  // namespace

Catalog Catalog::apply(const Settings& settings) const {
    refuse_unknown(revisions_, settings);
    auto revisions = revisions_;
    for (auto& revision : revisions) {
        const RevisionSettings mine(revision, settings);
        std::vector<Rule> concerned;
        for (auto& rule : revision.rules) {
            if (apply_to(rule, mine)) {
                concerned.push_back(std::move(rule));
            }
        }
        revision.rules = std::move(concerned);
    }
    return Catalog(std::move(revisions));
}

}  // namespace turnpike::catalog
