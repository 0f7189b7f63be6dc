// An import as YAML. Every text stands in double quotes, so none can be taken for anything else.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/references.h"
#include "catalog/syntax.h"
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

std::string ports(std::string_view key, const std::vector<PortItem>& items) {
    std::string out = fmt::format("            {}:\n", key);
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        std::string lines;
        for (const auto& item : items) {
            if (item.transport == transport && item.text == "unstated") {
                out += fmt::format("              {}: unstated\n", to_string(transport));
            } else if (item.transport == transport) {
                lines += port_text(item);
            }
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
        out += name.shared ? ", shared: true" : "";
        out += name.note.empty() ? "" : fmt::format(", note: {}", yaml_text(name.note));
        out += "}\n";
    }
    return out.empty() ? "" : "            names:\n" + out;
}

std::string networks(const std::vector<Network>& all) {
    std::string out;
    for (const auto& network : all) {
        const auto text = yaml_text(to_string(network));
        if (!network.shared && network.note.empty()) {
            out += fmt::format("              - {}\n", text);
            continue;
        }
        out += fmt::format("              - {{network: {}{}{}}}\n", text,
                           network.shared ? ", shared: true" : "",
                           network.note.empty() ? "" : ", note: " + yaml_text(network.note));
    }
    return out.empty() ? "" : "            networks:\n" + out;
}

std::string word_list(std::string_view name, const std::vector<std::string>& words) {
    return words.empty() ? "" : fmt::format("            {}: [{}]\n", name, fmt::join(words, ", "));
}

// What `destination` holds: one word, or a list of them.
std::string destination_text(const ImportedRule& rule) {
    std::vector<std::string> words;
    if (rule.any) {
        words.emplace_back("any");
    }
    if (rule.any_without_wildcards) {
        words.emplace_back("any-without-wildcards");
    }
    if (!rule.reference.empty()) {
        words.push_back(rule.reference);
    }
    if (words.empty() && rule.names.empty() && rule.networks.empty()) {
        words.emplace_back("unstated");
    }
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : ", ") + yaml_text(word);
    }
    if (words.empty()) {
        return {};
    }
    return words.size() == 1 ? fmt::format("            destination: {}\n", out)
                             : fmt::format("            destination: [{}]\n", out);
}

std::string alternative_text(const ImportedRule& rule) {
    if (rule.alternative.empty()) {
        return {};
    }
    return fmt::format(
        "            alternative: {{group: {}, branch: {}{}{}}}\n", rule.alternative_group,
        rule.alternative,
        rule.preference == 0 ? std::string() : fmt::format(", preference: {}", rule.preference),
        rule.media_by.empty() ? std::string() : ", media_by: " + rule.media_by);
}

std::string effective_text(const ImportedRule& rule) {
    std::string out;
    if (!rule.effective_from.empty()) {
        out = "from: " + rule.effective_from;
    }
    if (!rule.effective_until.empty()) {
        out += (out.empty() ? "until: " : ", until: ") + rule.effective_until;
    }
    return out.empty() ? "" : fmt::format("            effective: {{{}}}\n", out);
}

std::string rule_text(const ImportedRule& rule) {
    auto out = fmt::format("          - id: {}\n", rule.id);
    out += member("purpose", rule.purpose) + member("level", rule.level) +
           member("condition", rule.condition) + when_text(rule.when, "            ") +
           member("direction", rule.direction);
    out += rule.ports.empty() ? "            ports: unstated\n" : ports("ports", rule.ports);
    out += rule.source_ports.empty() ? "" : ports("source_ports", rule.source_ports);
    out += names(rule.names) + networks(rule.networks) + destination_text(rule);
    out += rule.simplex ? "            simplex: true\n" : "";
    out += word_list("expects", rule.expects) + word_list("carries", rule.carries);
    out += alternative_text(rule) + member("tier", rule.tier) +
           member("without_it", rule.without_it) + effective_text(rule) +
           member("lifecycle", rule.lifecycle) + word_list("inferred", rule.inferred);
    out += rule.as_printed ? "            as_printed: true\n" : "";
    out += word_list("probe", rule.probe_names);
    return out + member("notes", rule.notes);
}

std::string setting_text(const Setting& setting) {
    return fmt::format("          - {{name: {}, description: {}{}}}\n", setting.name,
                       yaml_text(setting.description),
                       setting.values.empty()
                           ? ""
                           : fmt::format(", values: [{}]", fmt::join(setting.values, ", ")));
}

std::string settings(const ImportedProduct& product) {
    std::set<std::string> names;
    for (const auto& rule : product.rules) {
        for (const auto& name : rule.names) {
            for (const auto placeholder : placeholders_of(name.text)) {
                names.emplace(placeholder);
            }
        }
        for (const auto placeholder : placeholders_of(rule.reference)) {
            names.emplace(placeholder);
        }
        if (const auto setting = setting_of(rule.reference); !setting.empty()) {
            names.emplace(setting);
        }
    }
    std::string out;
    if (product.like != nullptr) {
        for (const auto& setting : product.like->settings) {
            out += setting_text(setting);
            names.erase(setting.name);
        }
    }
    for (const auto& name : names) {
        out += setting_text({name, "the " + name + " of your own", {}});
    }
    return out.empty() ? "" : "        settings:\n" + out;
}

std::string line(std::string_view indent, std::string_view key, std::string_view text) {
    return text.empty() ? "" : fmt::format("{}{}: {}\n", indent, key, yaml_text(text));
}

std::string text_list(std::string_view indent, std::string_view key,
                      const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) {
        out += (out.empty() ? "" : ", ") + yaml_text(text);
    }
    return out.empty() ? "" : fmt::format("{}{}: [{}]\n", indent, key, out);
}

std::string product_head(const ImportedProduct& product) {
    auto out =
        fmt::format("  - product: {}\n    name: {}\n", product.product, yaml_text(product.name));
    if (const auto* like = product.like) {
        out += text_list("    ", "aliases", like->product_aliases) +
               line("    ", "platform", like->platform) +
               text_list("    ", "superseded_by", like->superseded_by);
    }
    return out + (product.feed ? "    feed: true\n" : "") + "    revisions:\n";
}

// What a document says as a whole, besides its rows.
std::string document_text(const Revision& like) {
    auto out = text_list("        ", "includes", like.includes);
    if (!like.demands.empty()) {
        out += "        demands:\n";
    }
    for (const auto& demand : like.demands) {
        out += fmt::format("          - {{kind: {}, text: {}{}}}\n", to_string(demand.kind),
                           yaml_text(demand.text),
                           demand.seconds ? fmt::format(", seconds: {}", *demand.seconds) : "");
    }
    return out + line("        ", "notes", like.notes);
}

// A product's head stands once before all of its revisions.
std::string product_text(const ImportedProduct& product, const Imported& imported,
                         const ImportedProduct* before) {
    std::string out;
    if (before == nullptr || before->product != product.product) {
        out = product_head(product);
    }
    const auto& revision = product.revision.empty() ? imported.revision : product.revision;
    out += fmt::format("      - revision: {}\n", yaml_text(revision));
    const auto& day = product.revision.empty() ? imported.date : product.revision;
    if (parse_day(day)) {
        out += fmt::format("        date: {}\n", day);
    }
    out += fmt::format(
        "        source:\n          title: {}\n          location: {}\n          kind: vendor\n",
        yaml_text(imported.title), yaml_text(imported.location));
    out += imported.read_on.empty() ? "" : "          read_on: " + imported.read_on + '\n';
    out += line("          ", "etag", imported.etag);
    if (!product.use_instead.empty()) {
        return out + fmt::format("        allow_listing: impossible\n        use_instead: {}\n",
                                 yaml_text(product.use_instead));
    }
    out += product.like == nullptr ? "" : document_text(*product.like);
    out += settings(product) + "        rules:\n";
    for (const auto& rule : product.rules) {
        out += rule_text(rule);
    }
    return out;
}

// The vendor's own name where a revision before tells it.
std::string vendor_head(const Imported& imported) {
    const auto known = std::ranges::find_if(
        imported.products, [](const ImportedProduct& one) { return one.like != nullptr; });
    if (known == imported.products.end()) {
        return fmt::format("vendor: {0}\nname: {0}\n", imported.vendor);
    }
    return fmt::format("vendor: {}\n{}{}", imported.vendor,
                       line("", "name", known->like->vendor_name),
                       text_list("", "aliases", known->like->vendor_aliases));
}

}  // namespace

std::string render_yaml(const Imported& imported) {
    auto out = vendor_head(imported) + "products:\n";
    const ImportedProduct* before = nullptr;
    for (const auto& product : imported.products) {
        out += product_text(product, imported, before);
        before = &product;
    }
    return out;
}

}  // namespace turnpike::catalog
