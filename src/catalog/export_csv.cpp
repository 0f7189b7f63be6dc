// CSV (RFC 4180): one line a port item, with every column of the catalog's rule, so that import can
// make the same rule of the lines that share vendor, product, revision and rule.
//
// Lists are parted by blanks: ports, source_ports ("udp:4000-4100"), destinations (names, networks,
// any and any-without-wildcards), shared (those of the destinations), expects, carries, inferred.
// `reference` is what else stands in the catalog's `destination`: "customer:turn.host", "unstated".
// Circumstances are parted by "; " and their values by "|": "version=>=2.9.0; region=eu|us".
// destination_notes has a line for each destination with a note, the destination first.
#include <fmt/core.h>
#include <fmt/format.h>

#include <array>

#include "catalog/export_formats.h"
#include "catalog/render_text.h"
#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::string_view, 36> column_heads{"vendor",
                                                        "product",
                                                        "revision",
                                                        "rule",
                                                        "purpose",
                                                        "level",
                                                        "condition",
                                                        "when",
                                                        "direction",
                                                        "duplex",
                                                        "transport",
                                                        "ports",
                                                        "port_level",
                                                        "port_condition",
                                                        "port_when",
                                                        "source_ports",
                                                        "destinations",
                                                        "reference",
                                                        "shared",
                                                        "destination_notes",
                                                        "expects",
                                                        "carries",
                                                        "alternative_group",
                                                        "alternative_branch",
                                                        "preference",
                                                        "media_by",
                                                        "tier",
                                                        "without_it",
                                                        "effective_from",
                                                        "effective_until",
                                                        "lifecycle",
                                                        "inferred",
                                                        "as_printed",
                                                        "probe",
                                                        "notes",
                                                        "addresses_seen"};

void add_word(std::string& list, std::string_view word, std::string_view separator = " ") {
    if (!word.empty()) {
        list += (list.empty() ? "" : std::string(separator)) + std::string(word);
    }
}

std::string circumstances(const std::vector<Circumstance>& when) {
    std::string text;
    for (const auto& circumstance : when) {
        add_word(text, fmt::format("{}={}", circumstance.key, fmt::join(circumstance.values, "|")),
                 "; ");
    }
    return text;
}

std::string source_ports(const Rule& rule) {
    std::string text;
    for (const auto& port : rule.source_ports) {
        add_word(text, fmt::format("{}:{}", to_string(port.transport), port.text));
    }
    return text;
}

std::string destinations(const Destinations& all) {
    std::string text;
    for (const auto& name : all.names) {
        add_word(text, name.text);
    }
    for (const auto& network : all.prefixes) {
        add_word(text, base::to_string(network));
    }
    add_word(text, all.any ? "any" : "");
    add_word(text, all.any_without_wildcards ? "any-without-wildcards" : "");
    return text;
}

std::string shared(const Destinations& all) {
    std::string text;
    for (const auto& name : all.names) {
        add_word(text, name.shared ? name.text : "");
    }
    for (const auto& network : all.prefixes) {
        add_word(text, network.shared ? base::to_string(network) : "");
    }
    return text;
}

std::string destination_notes(const Destinations& all) {
    std::string text;
    for (const auto& name : all.names) {
        add_word(text, name.note.empty() ? "" : name.text + ' ' + name.note, "\n");
    }
    for (const auto& network : all.prefixes) {
        add_word(text, network.note.empty() ? "" : base::to_string(network) + ' ' + network.note,
                 "\n");
    }
    return text;
}

template <typename T>
std::string word_list(const std::vector<T>& values) {
    std::string text;
    for (const auto value : values) {
        add_word(text, to_string(value));
    }
    return text;
}

std::string day(const std::optional<base::Timestamp>& time) {
    return time ? day_text(time) : "";
}

std::string seen_addresses(const ExportEntry& entry) {
    std::string text;
    for (const auto& seen : entry.seen) {
        add_word(
            text,
            base::to_string(seen.address) +
                (seen.name.empty() ? "" : (seen.claimed ? "~" : "=") + base::escape(seen.name)));
    }
    return text;
}

std::string line_of(const ExportEntry& entry) {
    const auto& revision = *entry.revision;
    const auto& rule = *entry.rule;
    const auto* port = entry.port;
    return csv_line(std::array<std::string, column_heads.size()>{
        revision.vendor,
        revision.product,
        revision.revision,
        rule.id,
        rule.purpose,
        std::string(to_string(rule.level)),
        rule.condition,
        circumstances(rule.when),
        std::string(to_string(rule.direction)),
        std::string(to_string(rule.duplex)),
        port == nullptr ? "" : std::string(to_string(port->transport)),
        entry.has_ports() ? port->text : "unstated",
        port == nullptr || !port->level ? "" : std::string(to_string(*port->level)),
        port == nullptr ? "" : port->condition,
        port == nullptr ? "" : circumstances(port->when),
        source_ports(rule),
        destinations(rule.destinations),
        rule.destinations.reference,
        shared(rule.destinations),
        destination_notes(rule.destinations),
        word_list(rule.expects),
        word_list(rule.carries),
        rule.alternative_group,
        rule.alternative_branch,
        rule.preference == 0 ? "" : std::to_string(rule.preference),
        rule.media_by == MediaSign::unstated ? "" : std::string(to_string(rule.media_by)),
        rule.tier == Tier::none ? "" : std::string(to_string(rule.tier)),
        rule.lost_feature,
        day(rule.effective_from),
        day(rule.effective_until),
        std::string(to_string(rule.lifecycle)),
        fmt::format("{}", fmt::join(rule.inferred, " ")),
        rule.as_printed ? "true" : "",
        fmt::format("{}", fmt::join(rule.probe_names, " ")),
        rule.notes,
        seen_addresses(entry)});
}

}  // namespace

ExportedFile export_csv(const Export& what) {
    ExportedFile file{csv_line(column_heads), {}};
    for (const auto& remark : what.remarks) {
        file.remarks.push_back(base::escape(remark));
    }
    for (const auto& entry : what.entries) {
        file.text += line_of(entry);
    }
    return file;
}

}  // namespace turnpike::catalog
