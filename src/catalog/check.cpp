// Checks one revision after the other, and the order of a product's revisions.
#include "turnpike/catalog/check.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <idn2.h>
#include <libpsl.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "catalog/check_age.h"
#include "catalog/check_names.h"
#include "catalog/check_shadows.h"
#include "catalog/coverage.h"
#include "catalog/references.h"
#include "catalog/render_text.h"
#include "turnpike/base/error.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/carries.h"

namespace turnpike::catalog {
namespace {

// Words that documents misspell: the same letters in another order, or one letter off.
constexpr std::array<std::string_view, 6> often_misspelt{"ocsp",      "signaling", "telemetry",
                                                         "websocket", "gateway",   "conference"};
// Good words that lie close to one of those.
constexpr std::array<std::string_view, 2> fine_words{"signalling", "conferences"};

bool is_suffix(std::string_view domain, int kind) {
    return psl_is_public_suffix2(psl_builtin(), std::string(domain).c_str(), kind) == 1;
}

bool is_misspelt(std::string_view label, std::string_view word) {
    if (label == word || std::ranges::find(fine_words, label) != fine_words.end()) {
        return false;
    }
    const auto distance = base::edit_distance(label, word);
    // Five letters and less are one edit from too many real words; there only a swap counts.
    return word.size() < 6 ? distance <= 2 && std::ranges::is_permutation(label, word)
                           : distance == 1;
}

bool exists_as_idn(std::string_view label) {
    char* output = nullptr;
    const int code = idn2_to_unicode_8z8z(std::string(label).c_str(), &output, 0);
    const std::unique_ptr<char, void (*)(void*)> owner(output, idn2_free);
    return code == IDN2_OK && base::to_lower(output) != label;
}

// Checks one revision.
class RevisionCheck {
  public:
    RevisionCheck(const Revision& revision, base::Timestamp today, std::vector<Finding>& findings)
        : revision_(revision), today_(today), findings_(findings) {}

    void run() {
        check_date();
        if (revision_.feed) {
            check_feed();
            return;
        }
        check_settings();
        check_alternatives();
        for (const auto& rule : revision_.rules) {
            check_ports(rule);
            for (const auto& name : rule.destinations.names) {
                check_name(rule, name);
            }
            check_networks(rule);
        }
        check_shadows();
        check_enforceable();
    }

  private:
    // Slips that the document itself prints cannot be cleared.
    static Severity doubt(const Rule& rule) noexcept {
        return rule.as_printed ? Severity::note : Severity::warning;
    }

    void find(Severity severity, const Rule* rule, std::string text) {
        findings_.push_back({severity, &revision_, rule, std::move(text)});
    }

    void check_date() {
        if (revision_.date && *revision_.date > today_) {
            find(Severity::error, nullptr, "the date lies in the future");
        }
        if (revision_.read_on && *revision_.read_on > today_) {
            find(Severity::error, nullptr, "read on a day in the future");
        }
        if (revision_.date && revision_.read_on && *revision_.read_on < *revision_.date) {
            find(Severity::error, nullptr,
                 fmt::format("read on {}, before its date {}", day_text(revision_.read_on),
                             day_text(revision_.date)));
        }
        const auto named = base::parse_date(revision_.revision);
        if (named && revision_.date && *named != *revision_.date) {
            find(Severity::error, nullptr,
                 fmt::format("called {} but dated {}", revision_.revision,
                             day_text(revision_.date)));
        }
        if (revision_.source_kind == "secondary") {
            find(Severity::note, nullptr, "the source is not the vendor itself");
        }
    }

    // A list says neither ports nor what runs over them; only its names can be wrong by themselves.
    void check_feed() {
        for (const auto& rule : revision_.rules) {
            for (const auto& name : rule.destinations.names) {
                check_name(rule, name);
            }
        }
    }

    void check_settings() {
        std::set<std::string_view> used;
        for (const auto& rule : revision_.rules) {
            used.insert(setting_of(rule.destinations.reference));
            for (const auto& name : rule.destinations.names) {
                const auto placeholders = placeholders_of(name.text);
                used.insert(placeholders.begin(), placeholders.end());
            }
            check_when(rule, rule.when, used);
            for (const auto& port : rule.ports) {
                check_when(rule, port.when, used);
            }
        }
        for (const auto& setting : revision_.settings) {
            if (!used.contains(setting.name)) {
                find(Severity::warning, nullptr,
                     fmt::format("no rule uses the setting \"{}\"", setting.name));
            }
        }
    }

    void check_when(const Rule& rule, const std::vector<Circumstance>& when,
                    std::set<std::string_view>& used) {
        for (const auto& circumstance : when) {
            used.insert(circumstance.key);
            const auto setting =
                std::ranges::find(revision_.settings, circumstance.key, &Setting::name);
            if (setting == revision_.settings.end() || setting->values.empty()) {
                continue;
            }
            for (const auto& value : circumstance.values) {
                const Circumstance single{circumstance.key, {value}};
                if (std::ranges::none_of(setting->values, [&single](const auto& possible) {
                        return single.met_by(possible);
                    })) {
                    find(Severity::warning, &rule,
                         fmt::format(R"("{}" is no value of the setting "{}")", value,
                                     setting->name));
                }
            }
        }
    }

    void check_alternatives() {
        struct Branch {
            unsigned preference = 0;
            const Rule* rule = nullptr;
        };
        std::map<std::string_view, std::map<std::string_view, Branch>> groups;
        for (const auto& rule : revision_.rules) {
            if (rule.alternative_group.empty()) {
                continue;
            }
            check_branch(rule);
            auto& branch = groups[rule.alternative_group][rule.alternative_branch];
            if (branch.rule != nullptr && branch.preference != rule.preference) {
                find(Severity::error, &rule,
                     fmt::format("branch {} has two preferences", rule.alternative_branch));
            }
            branch = {rule.preference, &rule};
        }
        for (const auto& [group, branches] : groups) {
            const auto& first = branches.begin()->second;
            if (branches.size() == 1) {
                find(Severity::warning, first.rule,
                     fmt::format("group {} has one branch only, so nothing to choose", group));
            }
            const auto ordered = std::ranges::count_if(
                branches, [](const auto& entry) { return entry.second.preference != 0; });
            if (ordered != 0 && static_cast<std::size_t>(ordered) != branches.size()) {
                find(Severity::warning, first.rule,
                     fmt::format("group {}: some branches have a preference, others none", group));
            }
        }
    }

    // Where signaling runs too, a handshake does not show that media found a way.
    void check_branch(const Rule& rule) {
        const auto* beside = signaling_beside(revision_, rule);
        const bool told = rule.media_by != MediaSign::unstated || !carries_media(rule);
        if (beside == nullptr || told) {
            return;
        }
        std::string text;
        if (!tells_what_it_carries(rule)) {
            text =
                "a branch that says neither what it carries nor what it speaks (carries, expects)";
        } else if (beside == &rule) {
            text =
                "a branch that carries signaling as well; say how media is told apart (media_by)";
        } else {
            text = fmt::format(
                "a branch that shares destination and port with {}, which carries "
                "signaling; say how media is told apart (media_by)",
                beside->id);
        }
        find(Severity::warning, &rule, std::move(text));
    }

    void check_ports(const Rule& rule) {
        if (std::ranges::find(rule.ports, true, &PortItem::stated) == rule.ports.end()) {
            find(Severity::note, &rule,
                 rule.ports.empty() ? "the document states no ports; nothing can be "
                                      "checked"
                                    : "the document states no port; only the "
                                      "destination can be matched");
        }
        for (const auto& inner : rule.ports) {
            for (const auto& outer : rule.ports) {
                const bool inside = &outer != &inner && covers(outer, inner);
                if (inside && outer.condition == inner.condition) {
                    find(doubt(rule), &rule,
                         fmt::format("{} {} lies within {}", to_string(inner.transport), inner.text,
                                     outer.text));
                }
            }
        }
    }

    void check_name(const Rule& rule, const NamePattern& name) {
        const auto domain =
            is_wildcard(name.text) ? literal_domain(name.text) : std::string_view(name.text);
        const auto top = domain.substr(domain.rfind('.') + 1);
        if (!is_suffix(top, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE)) {
            find(Severity::warning, &rule,
                 fmt::format("{}: there is no top-level domain {}", name.text, top));
        }
        if (is_wildcard(name.text)) {
            check_width(rule, name, domain);
        }
        check_labels(rule, name);
    }

    void check_width(const Rule& rule, const NamePattern& name, std::string_view domain) {
        if (is_suffix(domain, PSL_TYPE_ICANN)) {
            find(Severity::error, &rule,
                 fmt::format("{} covers everybody under the public suffix {}", name.text, domain));
        } else if (!name.shared && takes_all_of(name.text, domain) && is_shared_cloud(domain)) {
            find(Severity::warning, &rule,
                 fmt::format("{}: many share {}; say shared: true", name.text, domain));
        }
    }

    void check_labels(const Rule& rule, const NamePattern& name) {
        for (std::string_view rest = name.text; !rest.empty();) {
            const auto dot = std::min(rest.find('.'), rest.size());
            const auto label = rest.substr(0, dot);
            rest.remove_prefix(std::min(dot + 1, rest.size()));
            if (label.starts_with("xn--") && !exists_as_idn(label)) {
                find(Severity::error, &rule,
                     fmt::format("{}: {} is no A-label of any name", name.text, label));
            }
            for (const auto word : often_misspelt) {
                if (is_misspelt(label, word)) {
                    find(doubt(rule), &rule,
                         fmt::format("{}: is {} a slip for {}?", name.text, label, word));
                }
            }
        }
    }

    void check_networks(const Rule& rule) {
        const auto& prefixes = rule.destinations.prefixes;
        for (const auto& prefix : prefixes) {
            // No vendor owns a tenth of a percent of the internet: /8 and /16 are slips or "any".
            const unsigned narrowest_doubt = prefix.address.is_v4() ? 9 : 16;
            if (prefix.length < narrowest_doubt) {
                find(Severity::warning, &rule,
                     fmt::format("{} is very wide; is \"any\" meant?", base::to_string(prefix)));
            }
            if (prefix.address.is_private() && rule.destinations.reference.empty() &&
                rule.direction == RuleDirection::outbound) {
                find(Severity::warning, &rule,
                     fmt::format("{} is a private network", base::to_string(prefix)));
            }
        }
        check_swallowed_networks(rule);
    }

    // Sorted, a block's inner blocks follow it directly.
    void check_swallowed_networks(const Rule& rule) {
        auto sorted = rule.destinations.prefixes;
        std::ranges::sort(sorted);
        const base::Prefix* outer = nullptr;
        for (const auto& prefix : sorted) {
            if (outer != nullptr && outer->length < prefix.length &&
                outer->contains(prefix.address)) {
                find(Severity::warning, &rule,
                     fmt::format("{} lies within {}", base::to_string(prefix),
                                 base::to_string(*outer)));
            } else {
                outer = &prefix;
            }
        }
    }

    void check_shadows() {
        for (const auto& rule : revision_.rules) {
            if (const auto* wide = shadow_of(revision_, rule)) {
                find(Severity::note, &rule,
                     fmt::format("the rule {} already covers all of this", wide->id));
            }
        }
    }

    // UDP media carries no name, so a firewall cannot hold it to a list of names.
    void check_enforceable() {
        std::vector<std::string_view> ids;
        for (const auto& rule : revision_.rules) {
            const auto& to = rule.destinations;
            const bool over_udp = std::ranges::find(rule.ports, Transport::udp,
                                                    &PortItem::transport) != rule.ports.end();
            if (over_udp && !to.names.empty() && to.prefixes.empty() && !to.any) {
                ids.push_back(rule.id);
            }
        }
        if (!ids.empty()) {
            find(Severity::note, nullptr,
                 fmt::format("UDP carries no names: a firewall needs addresses or open UDP for {}",
                             fmt::join(ids, ", ")));
        }
    }

    const Revision& revision_;
    base::Timestamp today_;
    std::vector<Finding>& findings_;
};

void check_order(const Catalog& catalog, std::vector<Finding>& findings) {
    std::map<std::string, std::vector<const Revision*>> products;
    for (const auto& revision : catalog.revisions()) {
        products[revision.file.string() + ' ' + revision.vendor + '/' + revision.product].push_back(
            &revision);
    }
    for (auto& [name, listed] : products) {
        std::ranges::sort(listed, {}, &Revision::position);
        std::optional<base::Timestamp> latest;
        for (const auto* revision : listed) {
            if (revision->date && latest && *revision->date < *latest) {
                findings.push_back({Severity::warning, revision, nullptr,
                                    "listed behind a newer revision; the oldest comes first"});
            }
            latest = std::max(latest, revision->date);
        }
    }
}

// Follows includes; a revision that comes back to itself includes itself.
bool includes_itself(const Catalog& catalog, const Revision& start) {
    std::set<const Revision*> seen;
    std::vector<const Revision*> open{&start};
    while (!open.empty()) {
        const auto* revision = open.back();
        open.pop_back();
        for (const auto& selector : revision->includes) {
            for (const auto* included : catalog.select(selector)) {
                if (included == &start) {
                    return true;
                }
                if (seen.insert(included).second) {
                    open.push_back(included);
                }
            }
        }
    }
    return false;
}

}  // namespace

std::string_view to_string(Severity value) noexcept {
    switch (value) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::note:
            return "note";
    }
    return "unknown";
}

std::vector<Finding> check(const Catalog& catalog, base::Timestamp today,
                           const Staleness& staleness) {
    std::vector<Finding> findings;
    for (const auto& revision : catalog.revisions()) {
        RevisionCheck(revision, today, findings).run();
        check_age(revision, today, staleness, findings);
        if (includes_itself(catalog, revision)) {
            findings.push_back({Severity::error, &revision, nullptr, "it includes itself"});
        }
    }
    check_order(catalog, findings);
    check_owners(catalog, findings);
    check_aliases(catalog, findings);
    std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
        return std::pair(a.revision, a.severity) < std::pair(b.revision, b.severity);
    });
    return findings;
}

}  // namespace turnpike::catalog
