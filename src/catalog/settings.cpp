// Fills in what a document leaves to its reader: regions, a customer's own servers, the version
// that is deployed.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "catalog/feed_rows.h"
#include "catalog/references.h"
#include "catalog/syntax.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {
namespace {

[[noreturn]] void refuse_setting(std::string_view name, const std::string& reason) {
    throw base::Error(base::ExitStatus::usage,
                      fmt::format("--set {}: {}", base::escape(name), reason));
}

// The settings as one revision sees them.
class RevisionSettings {
  public:
    RevisionSettings(const Revision& revision, const Settings& settings)
        : revision_(revision), settings_(settings) {}

    // The value for a name, the narrowest binding first. A value that the revision does not know
    // is refused if it was meant for it, and else meant for others.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const {
        const auto narrow = fmt::format("{}/{}/", revision_.vendor, revision_.product);
        const auto wide = fmt::format("{}/", revision_.vendor);
        for (const auto& scope : {narrow, wide, std::string{}}) {
            const auto found = settings_.find(scope + std::string(name));
            if (found == settings_.end()) {
                continue;
            }
            if (takes(name, found->second)) {
                return found->second;
            }
            if (!scope.empty()) {
                refuse_setting(found->first, reason_against(name, found->second));
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool takes(std::string_view name, std::string_view value) const {
        if (name == "version") {
            return is_version(value);
        }
        const auto* known = values_of(name);
        return known == nullptr || std::ranges::find(*known, value) != known->end();
    }

    // Why takes() says no.
    [[nodiscard]] std::string reason_against(std::string_view name, std::string_view value) const {
        if (name == "version") {
            return fmt::format("\"{}\" is no version number", base::escape(value));
        }
        return fmt::format("{} does not know \"{}\"; it knows {}", revision_.selector(),
                           base::escape(value), fmt::join(*values_of(name), ", "));
    }

  private:
    // The values that a setting may have; null if any will do.
    [[nodiscard]] const std::vector<std::string>* values_of(std::string_view name) const {
        const auto declared = std::ranges::find(revision_.settings, name, &Setting::name);
        return declared == revision_.settings.end() || declared->values.empty() ? nullptr
                                                                                : &declared->values;
    }

    const Revision& revision_;
    const Settings& settings_;
};

enum class Holds : std::uint8_t { yes, no, unknown };

Holds holds_setting(const std::vector<Circumstance>& when, const RevisionSettings& settings) {
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
            refuse_setting(name, pattern.error());
        }
    }
}

// False if the rule does not concern this user.
bool apply_to(Rule& rule, const RevisionSettings& settings) {
    const auto rule_holds = holds_setting(rule.when, settings);
    if (rule_holds == Holds::no) {
        return false;
    }
    if (rule_holds == Holds::yes && rule.level == Level::conditional) {
        rule.level = Level::required;
    }
    const bool had_ports = !rule.ports.empty();
    std::erase_if(rule.ports, [&settings](const PortItem& port) {
        return holds_setting(port.when, settings) == Holds::no;
    });
    for (auto& port : rule.ports) {
        if (holds_setting(port.when, settings) == Holds::yes && port.level == Level::conditional) {
            port.level = Level::required;
        }
    }
    for (auto& name : rule.destinations.names) {
        const bool was_open = name.text.find('{') != std::string::npos;
        fill_placeholders(name.text, settings);
        // A name that the user completed is his own, whatever cloud it lies in.
        name.shared =
            name.shared && (!was_open || name.text.find_first_of("*{") != std::string::npos);
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

void refuse_unknown_settings(const std::vector<const Revision*>& considered,
                             const Settings& settings) {
    std::set<std::string> known;
    for (const auto* revision : considered) {
        for (const auto& name : names_known_to(*revision)) {
            known.insert(name);
            known.insert(revision->vendor + '/' + name);
            known.insert(revision->vendor + '/' + revision->product + '/' + name);
        }
    }
    for (const auto& [name, value] : settings) {
        if (known.contains(name)) {
            continue;
        }
        const auto nearest = std::ranges::min_element(known, {}, [&name](const auto& candidate) {
            return base::edit_distance(name, candidate);
        });
        refuse_setting(
            name, nearest == known.end()
                      ? std::string("no product that is considered has settings")
                      : fmt::format(
                            "no product that is considered knows this setting; {}",
                            base::edit_distance(name, *nearest) <= base::most_slips(name)
                                ? fmt::format("did you mean {}?", *nearest)
                                : std::string(
                                      "'turnpike catalog show PRODUCT' names those of a product")));
    }
}

// A value without a prefix must mean something to somebody.
void refuse_useless(const std::vector<const Revision*>& considered, const Settings& settings) {
    for (const auto& [name, value] : settings) {
        std::string reason;
        for (const auto* revision : considered) {
            if (!names_known_to(*revision).contains(name)) {
                continue;
            }
            const RevisionSettings theirs(*revision, settings);
            if (theirs.takes(name, value)) {
                reason.clear();
                break;
            }
            reason = reason.empty() ? theirs.reason_against(name, value) : reason;
        }
        if (!reason.empty()) {
            refuse_setting(name, reason);
        }
    }
}

}  // namespace

Catalog Catalog::apply(const Settings& settings, const std::vector<std::string>& selectors) const {
    const auto considered = choose(selectors);
    refuse_unknown_settings(considered, settings);
    refuse_useless(considered, settings);
    auto revisions = revisions_;
    for (const auto* chosen : considered) {
        auto& revision = revisions[static_cast<std::size_t>(chosen - revisions_.data())];
        const RevisionSettings mine(*chosen, settings);
        std::vector<Rule> concerned;
        for (auto& rule : revision.rules) {
            if (apply_to(rule, mine)) {
                fill_from_feed(rule.destinations, *this,
                               [&mine](std::string_view name) { return mine.value(name); });
                concerned.push_back(std::move(rule));
            }
        }
        revision.rules = std::move(concerned);
    }
    return Catalog(std::move(revisions), public_ech_names_, feeds_);
}

}  // namespace turnpike::catalog
