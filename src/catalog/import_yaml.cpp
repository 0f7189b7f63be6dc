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

// Keys for the program: {version: ">=2.9.0"}.
std::string when_text(const std::vector<Circumstance>& when, std::string_view indent) {
    std::string members;
    for (const auto& circumstance : when) {
        std::string values;
        for (const auto& value : circumstance.values) {
            values += (values.empty() ? "" : ", ") + yaml_text(value);
        }
        members += fmt::format("{}{}: [{}]", members.empty() ? "" : ", ", circumstance.key, values);
    }
    return members.empty() ? "" : fmt::format("{}when: {{{}}}\n", indent, members);
}

std::string port_text(const PortItem& item) {
    if (item.condition.empty() && !item.level) {
        return fmt::format("                - {}\n", item.text);
    }
    auto out = fmt::format("                - port: {}\n", item.text);
    if (item.level) {
        out += fmt::format("                  level: {}\n", to_string(*item.level));
    }
    if (!item.condition.empty()) {
        out += fmt::format("                  condition: {}\n", yaml_text(item.condition));
    }
    return out + when_text(item.when, "                  ");
}

std::string ports(const std::vector<PortItem>& items) {
    if (items.empty()) {
        return "            ports: unstated\n";
    }
    std::string out = "            ports:\n";
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        std::string lines;
        for (const auto& item : items) {
            lines += item.transport == transport ? port_text(item) : "";
        }
        out +=
            lines.empty() ? "" : fmt::format("              {}:\n{}", to_string(transport), lines);
    }
    return out;
}

std::string names(const std::vector<ImportedName>& all) {
    std::string out;
    for (const auto& name : all) {
        out += fmt::format("              - {{name: {}", yaml_text(name.text));
        out += name.note.empty() ? "" : fmt::format(", note: {}", yaml_text(name.note));
        out += "}\n";
    }
    return out.empty() ? "" : "            names:\n" + out;
}

std::string networks(const std::vector<base::Prefix>& all) {
    std::string out;
    for (const auto& network : all) {
        out += fmt::format("              - {}\n", yaml_text(to_string(network)));
    }
    return out.empty() ? "" : "            networks:\n" + out;
}

std::string rule_text(const ImportedRule& rule) {
    auto out = fmt::format("          - id: {}\n", rule.id);
    out += member("purpose", rule.purpose) + member("level", rule.level) +
           member("condition", rule.condition) + when_text(rule.when, "            ") +
           member("direction", rule.direction) + ports(rule.ports) + names(rule.names) +
           networks(rule.networks);
    out += rule.simplex ? "            simplex: true\n" : "";
    if (rule.any) {
        out += "            destination: any\n";
    } else if (rule.any_without_wildcards) {
        out += "            destination: any-without-wildcards\n";
    } else if (rule.names.empty() && rule.networks.empty()) {
        out += "            destination: unstated\n";
    }
    if (!rule.alternative.empty()) {
        out += fmt::format(
            "            alternative: {{group: media, branch: {}, preference: {}}}\n",
            rule.alternative, rule.preference);
    }
    return out + member("notes", rule.notes);
}

std::string settings(const std::vector<ImportedRule>& rules) {
    std::set<std::string> names;
    for (const auto& rule : rules) {
        for (const auto& name : rule.names) {
            for (const auto placeholder : placeholders_of(name.text)) {
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

std::string product_text(const ImportedProduct& product, const Imported& imported) {
    auto out = fmt::format(
        "  - product: {}\n    name: {}\n    revisions:\n      - revision: {}\n", product.product,
        yaml_text(product.name), yaml_text(imported.revision));
    if (!imported.date.empty()) {
        out += fmt::format("        date: {}\n", imported.date);
    }
    out += fmt::format(
        "        source:\n          title: {}\n          location: {}\n          kind: vendor\n",
        yaml_text(imported.title), yaml_text(imported.location));
    if (!product.use_instead.empty()) {
        return out + fmt::format("        allow_listing: impossible\n        use_instead: {}\n",
                                 yaml_text(product.use_instead));
    }
    out += settings(product.rules) + "        rules:\n";
    for (const auto& rule : product.rules) {
        out += rule_text(rule);
    }
    return out;
}

}  // namespace

std::string render_yaml(const Imported& imported) {
    auto out = fmt::format("vendor: {0}\nname: {0}\nproducts:\n", imported.vendor);
    for (const auto& product : imported.products) {
        out += product_text(product, imported);
    }
    return out;
}

}  // namespace turnpike::catalog
