// Chooses names, addresses, ports and first words for each row of the catalog.
#include "turnpike/probe/plan.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "probe/sample.h"
#include "turnpike/base/text.h"

namespace turnpike::probe {
namespace {

using catalog::Expectation;

bool expects(const catalog::Rule& rule, std::initializer_list<Expectation> any_of) {
    return std::ranges::any_of(any_of, [&rule](Expectation expectation) {
        return std::ranges::find(rule.expects, expectation) != rule.expects.end();
    });
}

/// What a client of the row would say first.
Speech speech_for(const catalog::Rule& rule, const catalog::PortItem& item) {
    constexpr std::uint16_t http_port = 80;
    constexpr std::uint16_t https_port = 443;
    const bool one_port = item.first == item.last;
    if (item.transport == catalog::Transport::tcp) {
        if ((one_port && item.first == http_port) ||
            (expects(rule, {Expectation::http}) &&
             !expects(rule, {Expectation::tls, Expectation::https}))) {
            return Speech::http;
        }
        return expects(rule, {Expectation::turn, Expectation::stun}) &&
                       !expects(rule, {Expectation::tls, Expectation::turns, Expectation::https,
                                       Expectation::wss})
                   ? Speech::stream
                   : Speech::tls;
    }
    if (expects(rule, {Expectation::turn})) {
        return Speech::turn;
    }
    if (expects(rule, {Expectation::ice})) {
        return Speech::ice;
    }
    if (expects(rule, {Expectation::stun})) {
        return Speech::stun;
    }
    if (expects(rule, {Expectation::quic}) ||
        (one_port && item.first == https_port &&
         (rule.expects.empty() || expects(rule, {Expectation::https})))) {
        return Speech::quic;
    }
    if (expects(rule, {Expectation::dtls})) {
        return Speech::dtls;
    }
    constexpr std::uint16_t stun_port = 3478;
    return one_port && item.first == stun_port ? Speech::turn : Speech::rtp;
}

/// A server tells strangers nothing about media or a handshake without a session.
bool strangers_are_answered(Speech speech) noexcept {
    return speech != Speech::rtp && speech != Speech::dtls && speech != Speech::ice;
}

struct KnownName {
    std::string name;
    bool of_this_row = true;  ///< the document or the user says that the row leads there
};

class Planner {
  public:
    Planner(const std::vector<const catalog::Revision*>& revisions, const PlanOptions& options)
        : revisions_(revisions), options_(options) {}

    Plan make() {
        for (const auto* revision : revisions_) {
            if (!revision->allow_listable) {
                plan_.not_probed.push_back(
                    fmt::format("{}: the vendor says that no list of rules will do; {}",
                                revision->selector(), revision->use_instead));
            }
            for (const auto& requirement : catalog::requirements_of(*revision)) {
                add({requirement.revision, requirement.rule, requirement.port});
            }
        }
        return std::move(plan_);
    }

  private:
    void skip(const Row& row, std::string_view why) {
        plan_.not_probed.push_back(fmt::format("{}: {}", describe(row), why));
    }

    void add(const Row& row) {
        if (row.rule->direction == catalog::RuleDirection::inbound) {
            skip(row, "opened from outside, which a host inside cannot try");
            return;
        }
        if (!row.port->stated) {
            skip(row, "the document names no port");
            return;
        }
        const auto& to = row.rule->destinations;
        bool tried = add_names(row);
        tried = add_networks(row) || tried;
        // Who allows addresses for a vendor's names need not allow the responder's.
        const bool leads_anywhere = to.any || to.unknown();
        if (leads_anywhere && options_.responder) {
            add_ports(row, {Place::Kind::responder, {}, {}}, true);
            tried = true;
        }
        if (!tried) {
            skip(row, why_not(row));
        }
    }

    [[nodiscard]] std::string why_not(const Row& row) const {
        const auto& to = row.rule->destinations;
        if (!to.names.empty()) {
            std::vector<std::string> patterns;
            for (const auto& pattern : to.names) {
                patterns.push_back(pattern.text);
            }
            constexpr std::size_t most_shown = 3;
            const bool more = patterns.size() > most_shown;
            patterns.resize(std::min(patterns.size(), most_shown));
            return fmt::format("no name below {}{} is known; give one with --name or --names-from",
                               fmt::join(patterns, ", "), more ? ", ..." : "");
        }
        return to.reference.empty() || to.any
                   ? "leads anywhere; give --responder with a host outside that runs 'turnpike "
                     "respond'"
                   : fmt::format(
                         "the document leaves the place open ({}); give it with --set, or "
                         "--responder",
                         to.reference);
    }

    bool add_names(const Row& row) {
        auto names = names_of(row);
        if (names.empty()) {
            return false;
        }
        if (!options_.all && names.size() > options_.sample) {
            std::vector<KnownName> chosen;
            for (const auto position :
                 sample_positions(names.size(), options_.sample, options_.seed, describe(row))) {
                chosen.push_back(names[position]);
            }
            plan_.in_part.push_back(fmt::format("{}: {} of {} names tried", describe(row),
                                                chosen.size(), names.size()));
            names = std::move(chosen);
        }
        bool first = true;
        for (const auto& name : names) {
            const Place place{Place::Kind::name, name.name, {}};
            if (first) {
                add_ports(row, place, name.of_this_row);
            } else {
                add_target(row, place, row.port->first, name.of_this_row);
            }
            first = false;
        }
        return true;
    }

    bool add_networks(const Row& row) {
        const auto& networks = row.rule->destinations.prefixes;
        if (networks.empty() || (options_.proxy && row.port->transport == tcp)) {
            return false;
        }
        const auto chosen =
            sample_positions(networks.size(), options_.sample, options_.seed, describe(row));
        if (chosen.size() < networks.size()) {
            plan_.in_part.push_back(fmt::format("{}: {} of {} networks tried", describe(row),
                                                chosen.size(), networks.size()));
        }
        bool first = true;
        for (const auto position : chosen) {
            const auto& network = networks[position];
            const auto addresses = sample_addresses(network, 1, options_.seed);
            const Place place{Place::Kind::address, {}, addresses.front()};
            const bool one_host = network.length == network.address.octets().size() * 8;
            if (first) {
                add_ports(row, place, one_host);
            } else {
                add_target(row, place, row.port->first, one_host);
            }
            first = false;
        }
        return true;
    }

    /// Every port of the item, or a choice of them.
    void add_ports(const Row& row, const Place& place, bool surely_there) {
        const auto& item = *row.port;
        const auto ports =
            sample_ports(item.first, item.last, options_.all ? ports_of(item) : options_.sample,
                         options_.seed, describe(row));
        Range range{row, {}};
        for (const auto port : ports) {
            range.targets.push_back(add_target(row, place, port, surely_there));
        }
        if (ports_of(item) > 1) {
            plan_.ranges.push_back(std::move(range));
        }
    }

    std::size_t add_target(const Row& row, const Place& place, std::uint16_t port,
                           bool surely_there) {
        const auto speech = speech_for(*row.rule, *row.port);
        const bool due = place.kind == Place::Kind::responder || options_.rehearsal ||
                         (surely_there && strangers_are_answered(speech));
        const auto same = std::ranges::find_if(plan_.targets, [&](const Target& target) {
            return target.speech == speech && target.port == port && target.place == place;
        });
        if (same != plan_.targets.end()) {
            same->answer_is_due = same->answer_is_due || due;
            if (std::ranges::find(same->rows, row) == same->rows.end()) {
                same->rows.push_back(row);
            }
            return static_cast<std::size_t>(same - plan_.targets.begin());
        }
        plan_.targets.push_back({{row}, speech, place, port, due});
        return plan_.targets.size() - 1;
    }

    [[nodiscard]] std::vector<KnownName> names_of(const Row& row) const {
        std::vector<KnownName> names;
        const auto add = [&names](const std::string& name, bool of_this_row) {
            const auto known = std::ranges::find(names, name, &KnownName::name);
            if (known == names.end()) {
                names.push_back({name, of_this_row});
            }
        };
        for (const auto& pattern : row.rule->destinations.names) {
            if (is_exact(pattern)) {
                add(pattern.text, true);
            }
        }
        for (const auto& name : row.rule->probe_names) {
            add(name, true);
        }
        for (const auto& name : options_.names) {
            if (covers(row, name)) {
                add(name, true);
            }
        }
        for (const auto& name : options_.seen_names) {
            if (covers(row, name)) {
                add(name, false);
            }
        }
        if (options_.rehearsal) {
            for (const auto& pattern : row.rule->destinations.names) {
                add(invented(pattern), true);
            }
        }
        if (names.empty()) {
            for (const auto& name : documented_elsewhere(*row.revision)) {
                if (covers(row, name)) {
                    add(name, false);
                }
            }
        }
        return names;
    }

    /// A name that the pattern covers; in a rehearsal every name leads somewhere.
    static std::string invented(const catalog::NamePattern& pattern) {
        std::string name;
        bool within = false;
        for (const char letter : pattern.text) {
            if (letter == '*' || letter == '{') {
                name += "audit";
            }
            within = letter == '{' || (within && letter != '}');
            if (letter != '*' && letter != '}' && !within) {
                name += letter;
            }
        }
        return name.starts_with('.') ? "audit" + name : name;
    }

    static bool is_exact(const catalog::NamePattern& pattern) {
        return pattern.text.find_first_of("*{") == std::string::npos &&
               !pattern.text.starts_with('.');
    }

    /// Of the rows that a name could be of, those that cover it most specifically: what they let
    /// through says nothing about the others (docs/verdicts.md, as for the traffic of a call).
    static bool covers(const Row& row, const std::string& name) {
        const auto own = coverage(*row.rule, name);
        return own && std::ranges::none_of(row.revision->rules, [&](const catalog::Rule& other) {
                   return meets(other, *row.port) && coverage(other, name) > own;
               });
    }

    /// How specifically a rule covers a name; nothing if it does not.
    static std::optional<int> coverage(const catalog::Rule& rule, const std::string& name) {
        std::optional<int> best;
        for (const auto& pattern : rule.destinations.names) {
            if (pattern.matches(name)) {
                best = std::max(best, std::optional(pattern.specificity()));
            }
        }
        return best;
    }

    static bool meets(const catalog::Rule& rule, const catalog::PortItem& item) {
        return rule.direction != catalog::RuleDirection::inbound &&
               std::ranges::any_of(rule.ports, [&item](const catalog::PortItem& other) {
                   return other.transport == item.transport && other.first <= item.last &&
                          item.first <= other.last;
               });
    }

    /// Whole names of the same document: a wildcard of another row may cover them.
    static std::vector<std::string> documented_elsewhere(const catalog::Revision& revision) {
        std::vector<std::string> names;
        for (const auto& rule : revision.rules) {
            for (const auto& pattern : rule.destinations.names) {
                if (is_exact(pattern)) {
                    names.push_back(pattern.text);
                }
            }
        }
        return names;
    }

    static constexpr auto tcp = catalog::Transport::tcp;
    const std::vector<const catalog::Revision*>& revisions_;
    const PlanOptions& options_;
    Plan plan_;
};

}  // namespace

Plan make_plan(const std::vector<const catalog::Revision*>& revisions, const PlanOptions& options) {
    return Planner(revisions, options).make();
}

std::string describe(const Row& row) {
    return fmt::format("{} {}, {} {}", row.revision->selector(), row.rule->id,
                       catalog::to_string(row.port->transport), row.port->text);
}

std::size_t ports_of(const catalog::PortItem& item) noexcept {
    return std::size_t{item.last} - item.first + 1U;
}

}  // namespace turnpike::probe
