// JSON feeds: the Microsoft 365 endpoints web service, AWS ip-ranges.json, Google goog.json and
// cloud.json. What a member says that this reader does not know is left out and named as a warning;
// a member that it does know and that says something impossible is a mistake.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "catalog/import_json.h"
#include "catalog/import_readers.h"
#include "catalog/syntax.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

namespace json = boost::json;

// The web page writes "<tenant>" where the catalog writes "{tenant}".
std::string with_placeholders(std::string name) {
    std::ranges::replace(name, '<', '{');
    std::ranges::replace(name, '>', '}');
    return name;
}

void add_name(ImportedRule& rule, const json::value& value, const std::string& place,
              ImportMistakes& mistakes) {
    if (!value.is_string()) {
        mistakes.add_place(place, "must be text");
        return;
    }
    const auto name = parse_name_pattern(with_placeholders(std::string(value.get_string())));
    if (!name) {
        mistakes.add_place(place, name.error());
        return;
    }
    rule.names.push_back({*name, "", false});
}

void add_ports(ImportedRule& rule, Transport transport, const JsonNode& node, const char* member) {
    for (const auto& part : parts_of(node.text(member), ",")) {
        auto item = parse_port_item(part);
        if (!item) {
            node.report(member, item.error());
            continue;
        }
        item->transport = transport;
        rule.ports.push_back(*item);
    }
}

void read_endpoint_set(const JsonNode& node, Imported& imported, std::set<std::string>& warned,
                       ImportMistakes& mistakes) {
    node.warn_of_others({"id", "serviceArea", "serviceAreaDisplayName", "urls", "ips", "tcpPorts",
                         "udpPorts", "expressRoute", "category", "required", "notes"},
                        warned);
    ImportedRule rule;
    const auto id = node.text("id");
    if (id.empty()) {
        node.report("id", "is missing");
    }
    rule.id = "id-" + slug(id);
    const auto area = node.text("serviceAreaDisplayName");
    rule.purpose =
        fmt::format("{}, endpoint set {}", area.empty() ? node.text("serviceArea") : area, id);
    if (!node.truth("required")) {
        rule.level = "optional";
    }
    const auto notes = node.text("notes");
    rule.notes = "category " + node.text("category") + (notes.empty() ? "" : "; " + notes);
    add_ports(rule, Transport::tcp, node, "tcpPorts");
    add_ports(rule, Transport::udp, node, "udpPorts");
    node.elements("urls", [&](const auto& value, const auto& place) {
        add_name(rule, value, place, mistakes);
    });
    node.elements("ips", [&](const auto& value, const auto& place) {
        const auto* text = value.if_string();
        add_network(rule, text == nullptr ? std::string_view() : std::string_view(*text), place,
                    mistakes);
    });
    imported.products.front().rules.push_back(std::move(rule));
}

void warn(Imported& imported, const std::set<std::string>& members) {
    for (const auto& member : members) {
        imported.warnings.push_back(
            fmt::format("member {}: is not known and left out; the feed may be of a newer format",
                        base::escape(member)));
    }
}

// The day by which the feed calls itself; nothing if it does not.
std::string day_at_front(const std::string& time) {
    const auto day = time.substr(0, 10);
    return parse_day(day) ? day : std::string();
}

// Networks by the word that names their rule.
using Groups = std::map<std::string, ImportedRule>;

void add_range(Groups& groups, const std::string& group, std::string_view network,
               const std::string& place, ImportMistakes& mistakes) {
    auto& rule = groups[group];
    rule.id = slug(group);
    rule.purpose = group;
    add_network(rule, network, place, mistakes);
}

bool is_one_of(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::any_of(
        words, [&](const auto& one) { return base::equals_ignoring_case(one, word); });
}

// What is announced for every region belongs to each of them.
bool wanted(const ImportOptions& options, const std::string& service, const std::string& region) {
    return (options.services.empty() || is_one_of(options.services, service)) &&
           (options.region.empty() || is_one_of({options.region, "global"}, region));
}

/// The services and regions that a feed holds, so that a slip in `--service` is told from an empty
/// answer.
struct Known {
    std::set<std::string> services;
    std::set<std::string> regions;

    void check(const ImportOptions& options, ImportMistakes& mistakes) const {
        for (const auto& service : options.services) {
            check_one("--service", service, services, mistakes);
        }
        if (!options.region.empty()) {
            check_one("--region", options.region, regions, mistakes);
        }
    }

  private:
    static void check_one(std::string_view option, const std::string& word,
                          const std::set<std::string>& words, ImportMistakes& mistakes) {
        if (!is_one_of({words.begin(), words.end()}, word)) {
            mistakes.add_place(
                std::string(option),
                fmt::format("{}: is not in this feed; it has {}", base::escape(word),
                            base::escape(fmt::format("{}", fmt::join(words, ", ")))));
        }
    }
};

void take(Groups& groups, Imported& imported) {
    for (auto& [group, rule] : groups) {
        imported.products.front().rules.push_back(std::move(rule));
    }
}

}  // namespace

Imported import_microsoft365(const std::string& text, const ImportOptions& options,
                             ImportMistakes& mistakes) {
    auto imported =
        imported_list("microsoft", "microsoft365", "Microsoft 365 endpoints web service");
    const auto value = parse_json(text, mistakes);
    if (!value) {
        return imported;
    }
    const auto* sets = value->if_array();
    if (sets == nullptr) {
        mistakes.add_line(1, "must be a list of endpoint sets; the feed may be of a newer format");
        return imported;
    }
    std::map<std::string, std::size_t> ids;
    std::set<std::string> warned;
    Known known;
    for (std::size_t i = 0; i < sets->size(); ++i) {
        const JsonNode node((*sets)[i], fmt::format("[{}].", i), mistakes);
        if (!node) {
            continue;
        }
        const auto [first, fresh] = ids.emplace(node.text("id"), i);
        if (!fresh) {
            node.report("id", fmt::format("is the id of [{}], too", first->second));
        }
        known.services.insert(node.text("serviceArea"));
        if (wanted(options, node.text("serviceArea"), {})) {
            read_endpoint_set(node, imported, warned, mistakes);
        }
    }
    known.check(options, mistakes);
    warn(imported, warned);
    return imported;
}

Imported import_aws(const std::string& text, const ImportOptions& options,
                    ImportMistakes& mistakes) {
    auto imported = imported_list("amazon", "aws-ranges", "AWS IP address ranges");
    const auto value = parse_json(text, mistakes);
    const auto root =
        value ? std::optional<JsonNode>(JsonNode(*value, "", mistakes)) : std::nullopt;
    if (!root || !*root) {
        return imported;
    }
    std::set<std::string> warned;
    Known known;
    root->warn_of_others({"syncToken", "createDate", "prefixes", "ipv6_prefixes"}, warned);
    // "2025-01-31-20-43-05"
    imported.date = day_at_front(root->text("createDate"));
    Groups groups;
    const auto read = [&](const char* member) {
        return [&, member](const json::value& element, const std::string& place) {
            const JsonNode node(element, place + '.', mistakes);
            if (!node) {
                return;
            }
            node.warn_of_others({member, "region", "service", "network_border_group"}, warned);
            known.services.insert(node.text("service"));
            known.regions.insert(node.text("region"));
            if (wanted(options, node.text("service"), node.text("region"))) {
                add_range(groups, node.text("service") + ' ' + node.text("region"),
                          node.text(member), place + '.' + member, mistakes);
            }
        };
    };
    root->elements("prefixes", read("ip_prefix"));
    root->elements("ipv6_prefixes", read("ipv6_prefix"));
    known.check(options, mistakes);
    warn(imported, warned);
    take(groups, imported);
    return imported;
}

Imported import_google(const std::string& text, const ImportOptions& options,
                       ImportMistakes& mistakes) {
    auto imported = imported_list("google", "google-ranges", "Google IP address ranges");
    const auto value = parse_json(text, mistakes);
    const auto root =
        value ? std::optional<JsonNode>(JsonNode(*value, "", mistakes)) : std::nullopt;
    if (!root || !*root) {
        return imported;
    }
    std::set<std::string> warned;
    Known known;
    root->warn_of_others({"syncToken", "creationTime", "prefixes"}, warned);
    imported.date = day_at_front(root->text("creationTime"));
    Groups groups;
    root->elements("prefixes", [&](const json::value& element, const std::string& place) {
        const JsonNode node(element, place + '.', mistakes);
        if (!node) {
            return;
        }
        node.warn_of_others({"ipv4Prefix", "ipv6Prefix", "service", "scope"}, warned);
        const auto service = node.text("service");
        const auto scope = node.text("scope");
        known.services.insert(service);
        known.regions.insert(scope);
        if (wanted(options, service, scope)) {
            const auto four = node.text("ipv4Prefix");
            const auto group = service + (scope.empty() ? "" : ' ' + scope);
            add_range(groups, group.empty() ? "Google" : group,
                      four.empty() ? node.text("ipv6Prefix") : four, place, mistakes);
        }
    });
    known.check(options, mistakes);
    warn(imported, warned);
    take(groups, imported);
    return imported;
}

}  // namespace turnpike::catalog
