// An import as YAML. Every text stands in double quotes, so none can be taken for anything else.
#include <fmt/core.h>

#include <set>

#include "catalog/references.h"
#include "turnpike/catalog/import.h"

namespace turnpike::catalog {
namespace {

std::string yaml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        // A control character would end the line or be no YAML (1.2.2, 5.1).
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return out + '"';
}

std::string member(std::string_view name, std::string_view text) {
    return text.empty() ? "" : fmt::format("            {}: {}\n", name, yaml_text(text));
}

template <typename Items, typename Text>
std::string list(std::string_view name, const Items& items, const Text& text) {
    std::string out;
    for (const auto& item : items) {
        out += fmt::format("              - {}\n", yaml_text(text(item)));
    }
    return out.empty() ? "" : fmt::format("            {}:\n{}", name, out);
}

std::string ports(const std::vector<PortItem>& items) {
    if (items.empty()) {
        return "            ports: unstated\n";
    }
    std::string out = "            ports:\n";
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        std::string lines;
        for (const auto& item : items) {
            if (item.transport == transport) {
                lines += item.condition.empty() ? fmt::format("                - {}\n", item.text)
                                                : fmt::format(
                                                      "                - port: {}\n"
                                                      "                  condition: {}\n",
                                                      item.text, yaml_text(item.condition));
            }
        }
        out +=
            lines.empty() ? "" : fmt::format("              {}:\n{}", to_string(transport), lines);
    }
    return out;
}

std::string rule_text(const ImportedRule& rule) {
    auto out = fmt::format("          - id: {}\n", rule.id);
    out += member("purpose", rule.purpose) + member("level", rule.level) +
           member("condition", rule.condition) + member("direction", rule.direction) +
           ports(rule.ports);
    out += list("names", rule.names, [](const auto& name) { return name; });
    out += list("networks", rule.networks, [](const auto& network) { return to_string(network); });
    out += rule.simplex ? "            simplex: true\n" : "";
    if (rule.any) {
        out += "            destination: any\n";
    } else if (rule.any_without_wildcards) {
        out += "            destination: any-without-wildcards\n";
    } else if (rule.names.empty() && rule.networks.empty()) {
        out += "            destination: unstated\n";
    }
    return out + member("notes", rule.notes);
}

std::string settings(const std::vector<ImportedRule>& rules) {
    std::set<std::string> names;
    for (const auto& rule : rules) {
        for (const auto& name : rule.names) {
            for (const auto placeholder : placeholders_of(name)) {
                names.emplace(placeholder);
            }
        }
    }
    std::string out;
    for (const auto& name : names) {
        out += fmt::format("          - {{name: {}, description: {}}}\n", name,
                           yaml_text("the " + name + " of your own"));
    }
    return out.empty() ? "" : "        settings:\n" + out;
}

}  // namespace

std::string render_yaml(const Imported& imported) {
    auto out = fmt::format(
        "vendor: {0}\nname: {0}\nproducts:\n  - product: {1}\n    name: {1}\n    revisions:\n"
        "      - revision: {2}\n",
        imported.vendor, imported.product, yaml_text(imported.revision));
    if (!imported.date.empty()) {
        out += fmt::format("        date: {}\n", imported.date);
    }
    out += fmt::format(
        "        source:\n          title: {}\n          location: {}\n          kind: vendor\n",
        yaml_text(imported.title), yaml_text(imported.location));
    out += settings(imported.rules) + "        rules:\n";
    for (const auto& rule : imported.rules) {
        out += rule_text(rule);
    }
    return out;
}

}  // namespace turnpike::catalog
