// An import as text, a rule a line, to compare with what a person wrote down.
#pragma once

#include <string>

#include "turnpike/catalog/import.h"

namespace turnpike::catalog {

inline std::string text_of(const PortItem& port) {
    auto text = std::string(to_string(port.transport)) + ' ' + port.text;
    if (!port.condition.empty()) {
        text += " (" + port.condition + ')';
    }
    for (const auto& when : port.when) {
        text += " {" + when.key + when.values.front() + '}';
    }
    return text;
}

/// "udp 3478, udp 5349 > *.example.com 192.0.2.0/24 | required; when ...; inbound | purpose".
inline std::string text_of(const ImportedRule& rule) {
    std::string text;
    for (const auto& port : rule.ports) {
        text += (text.empty() ? "" : ", ") + text_of(port);
    }
    text += (text.empty() ? "unstated" : "") + std::string(" >");
    for (const auto& name : rule.names) {
        text += ' ' + name.text + (name.note.empty() ? "" : " (" + name.note + ')');
    }
    for (const auto& network : rule.networks) {
        text += ' ' + base::to_string(network);
    }
    text += rule.any ? " ANY" : "";
    text += rule.any_without_wildcards ? " any-without-wildcards" : "";
    text += " |";
    for (const auto& word : {rule.level, rule.direction, rule.condition}) {
        text += word.empty() ? "" : ' ' + word + ';';
    }
    for (const auto& when : rule.when) {
        text += " {" + when.key + when.values.front() + '}';
    }
    text += rule.simplex ? " simplex;" : "";
    if (!rule.alternative.empty()) {
        text += " alternative " + rule.alternative + ' ' + std::to_string(rule.preference) + ';';
    }
    return text + " | " + rule.purpose + (rule.notes.empty() ? "" : " | " + rule.notes);
}

inline std::string text_of(const Imported& imported) {
    std::string text = imported.title + ", " + imported.revision + '\n';
    for (const auto& product : imported.products) {
        text += product.product + ": " + product.name + '\n';
        if (!product.use_instead.empty()) {
            text += "  impossible, use " + product.use_instead + '\n';
        }
        for (const auto& rule : product.rules) {
            text += "  " + text_of(rule) + '\n';
        }
    }
    for (const auto& miss : imported.missed) {
        text += "missed " + std::to_string(miss.line) + ": " + miss.reason + '\n';
    }
    return text;
}

}  // namespace turnpike::catalog
