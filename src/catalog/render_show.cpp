// `turnpike catalog show`: every rule of some revisions with all that is known of it.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "catalog/json_writer.h"
#include "catalog/references.h"
#include "catalog/render_text.h"
#include "turnpike/catalog/render.h"

namespace turnpike::catalog {
namespace {

// The labels of the text form take this much of the line.
constexpr std::size_t label_width = 16;

void append_field(std::string& out, std::size_t indent, std::string_view label,
                  std::string_view text) {
    if (!text.empty()) {
        out += fmt::format("{:{}}{:<{}}{}\n", "", indent, label, label_width,
                           wrapped(text, indent + label_width));
    }
}

std::string with_remarks(std::string text, const std::string& note, bool shared) {
    std::vector<std::string> remarks;
    if (!note.empty()) {
        remarks.push_back(note);
    }
    if (shared) {
        remarks.emplace_back("shared with others");
    }
    return remarks.empty() ? text : fmt::format("{} ({})", text, fmt::join(remarks, ", "));
}

std::string destination_text(const Destinations& destinations) {
    std::vector<std::string> parts;
    parts.reserve(destinations.names.size() + destinations.prefixes.size());
    for (const auto& name : destinations.names) {
        parts.push_back(with_remarks(name.text, name.note, name.shared));
    }
    for (const auto& network : destinations.prefixes) {
        parts.push_back(with_remarks(base::to_string(network), network.note, network.shared));
    }
    if (destinations.any) {
        parts.emplace_back("ANY");
    }
    if (!destinations.reference.empty()) {
        parts.push_back(reference_text(destinations));
    }
    auto text = fmt::format("{}", fmt::join(parts, ", "));
    return destinations.any_without_wildcards ? text + "; ANY if the firewall has no wildcard names"
                                              : text;
}

std::string life_text(const Rule& rule, base::Timestamp at) {
    const auto state = rule.lifecycle_at(at);
    std::string text(state == Lifecycle::active ? std::string_view{} : to_string(state));
    if (rule.effective_from) {
        text += fmt::format("{}from {}", text.empty() ? "" : ", ", day_text(rule.effective_from));
    }
    if (rule.effective_until) {
        text += fmt::format("{}until {}", text.empty() ? "" : ", ", day_text(rule.effective_until));
    }
    return text;
}

std::string direction_text(const Rule& rule) {
    const std::string text(to_string(rule.direction));
    return rule.duplex == Duplex::simplex ? text + ", simplex" : text;
}

void append_rule_text(std::string& out, const Rule& rule, base::Timestamp at) {
    out += fmt::format("\n  {}: {}\n", rule.id, rule.purpose);
    append_field(out, 4, "level", level_text(rule));
    append_field(out, 4, "when", when_text(rule.when));
    append_field(out, 4, "direction", direction_text(rule));
    append_field(out, 4, "ports", ports_text(rule.ports));
    if (!rule.source_ports.empty()) {
        append_field(out, 4, "source ports", ports_text(rule.source_ports));
    }
    append_field(out, 4, "destination", destination_text(rule.destinations));
    append_field(out, 4, "speaks", expectations_text(rule));
    append_field(out, 4, "carries", carries_text(rule));
    append_field(out, 4, "alternative", alternative_text(rule));
    append_field(out, 4, "tier", rule.tier == Tier::none ? "" : to_string(rule.tier));
    append_field(out, 4, "life", life_text(rule, at));
    append_field(out, 4, "without it", rule.lost_feature);
    append_field(out, 4, "notes", rule.notes);
    append_field(out, 4, "not stated", fmt::format("{}", fmt::join(rule.inferred, ", ")));
}

std::string demand_text(const Demand& demand) {
    return demand.seconds
               ? fmt::format("{} {} s: {}", to_string(demand.kind), *demand.seconds, demand.text)
               : fmt::format("{}: {}", to_string(demand.kind), demand.text);
}

std::string also_called(const Revision& revision) {
    auto names = revision.product_aliases;
    for (const auto& vendor : revision.vendor_aliases) {
        names.push_back(vendor + '/' + revision.product);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string setting_text(const Setting& setting) {
    return setting.values.empty() ? fmt::format("{}: {}", setting.name, setting.description)
                                  : fmt::format("{}: {} ({})", setting.name, setting.description,
                                                fmt::join(setting.values, ", "));
}

// Of a current revision only: what is superseded may be old.
std::string age_text(const Revision& revision, base::Timestamp at) {
    const auto known = known_right(revision);
    if (!revision.current) {
        return {};
    }
    if (!known) {
        return "unknown: the source has no date, and nobody noted when it was read";
    }
    const auto age = std::chrono::duration_cast<std::chrono::days>(at - *known).count();
    return fmt::format("last known to be right {} day{} ago", age, age == 1 ? "" : "s");
}

void append_revision_text(std::string& out, const Revision& revision, base::Timestamp at) {
    out += fmt::format("{}{}\n", revision.selector(), revision.current ? " (current)" : "");
    append_field(out, 2, "product",
                 fmt::format("{} {}", revision.vendor_name, revision.product_name));
    append_field(out, 2, "platform", revision.platform);
    append_field(out, 2, "date", day_text(revision.date));
    append_field(out, 2, "source",
                 fmt::format("{} ({}), {}", revision.source_title, revision.source_kind,
                             revision.source_location));
    append_field(out, 2, "read on", revision.read_on ? day_text(revision.read_on) : std::string{});
    append_field(out, 2, "age", age_text(revision, at));
    append_field(out, 2, "file", revision.file.string());
    append_field(out, 2, "superseded by",
                 fmt::format("{}", fmt::join(revision.superseded_by, ", ")));
    append_field(out, 2, "also called", also_called(revision));
    if (!revision.allow_listable) {
        append_field(out, 2, "allow-listing",
                     "impossible by the vendor's word; use " + revision.use_instead);
    }
    append_field(out, 2, "notes", revision.notes);
    for (const auto& selector : revision.includes) {
        append_field(out, 2, "includes", selector);
    }
    for (const auto& demand : revision.demands) {
        append_field(out, 2, "demands", demand_text(demand));
    }
    for (const auto& setting : revision.settings) {
        append_field(out, 2, "setting", setting_text(setting));
    }
    for (const auto& rule : revision.rules) {
        append_rule_text(out, rule, at);
    }
}

void write_when(JsonWriter& json, const std::vector<Circumstance>& when) {
    if (when.empty()) {
        return;
    }
    json.key("when").begin_object();
    for (const auto& circumstance : when) {
        json.key(circumstance.key).begin_array();
        for (const auto& value : circumstance.values) {
            json.value(value);
        }
        json.end();
    }
    json.end();
}

void write_ports(JsonWriter& json, std::string_view key, const std::vector<PortItem>& ports) {
    json.key(key).begin_array();
    for (const auto& port : ports) {
        json.begin_object()
            .member("transport", to_string(port.transport))
            .member("ports", port.text);
        if (!port.stated) {
            json.member("stated", false);
        }
        if (port.level) {
            json.member("level", to_string(*port.level));
        }
        json.member_unless_empty("condition", port.condition);
        write_when(json, port.when);
        json.end();
    }
    json.end();
}

void write_destinations(JsonWriter& json, const Destinations& destinations) {
    json.key("names").begin_array();
    for (const auto& name : destinations.names) {
        json.begin_object().member("name", name.text).member_unless_empty("note", name.note);
        if (name.shared) {
            json.member("shared", true);
        }
        json.end();
    }
    json.end().key("networks").begin_array();
    for (const auto& prefix : destinations.prefixes) {
        json.value(base::to_string(prefix));
    }
    json.end().key("shared_networks").begin_array();
    for (const auto& network : destinations.prefixes) {
        if (network.shared) {
            json.value(base::to_string(network));
        }
    }
    json.end()
        .member("any", destinations.any)
        .member("any_without_wildcards", destinations.any_without_wildcards)
        .member_unless_empty("reference", destinations.reference);
}

void write_words(JsonWriter& json, std::string_view key, const std::vector<std::string>& words) {
    if (words.empty()) {
        return;
    }
    json.key(key).begin_array();
    for (const auto& word : words) {
        json.value(word);
    }
    json.end();
}

/// The words of an enumeration's values, also if there are none.
template <typename Enum>
void write_names(JsonWriter& json, std::string_view key, const std::vector<Enum>& values) {
    json.key(key).begin_array();
    for (const auto value : values) {
        json.value(to_string(value));
    }
    json.end();
}

void write_alternative(JsonWriter& json, const Rule& rule) {
    if (rule.alternative_group.empty()) {
        return;
    }
    json.key("alternative")
        .begin_object()
        .member("group", rule.alternative_group)
        .member("branch", rule.alternative_branch)
        .member("preference", std::uint64_t{rule.preference});
    if (rule.media_by != MediaSign::unstated) {
        json.member("media_by", to_string(rule.media_by));
    }
    json.end();
}

void write_life(JsonWriter& json, const Rule& rule, base::Timestamp at) {
    if (rule.tier != Tier::none) {
        json.member("tier", to_string(rule.tier));
    }
    json.member("lifecycle", to_string(rule.lifecycle_at(at)));
    if (rule.effective_from) {
        json.member("effective_from", day_text(rule.effective_from));
    }
    if (rule.effective_until) {
        json.member("effective_until", day_text(rule.effective_until));
    }
}

void write_rule(JsonWriter& json, const Rule& rule, base::Timestamp at) {
    json.begin_object()
        .member("id", rule.id)
        .member("purpose", rule.purpose)
        .member("direction", to_string(rule.direction))
        .member("duplex", to_string(rule.duplex))
        .member("level", to_string(rule.level))
        .member_unless_empty("condition", rule.condition);
    write_when(json, rule.when);
    write_ports(json, "ports", rule.ports);
    if (!rule.source_ports.empty()) {
        write_ports(json, "source_ports", rule.source_ports);
    }
    write_destinations(json, rule.destinations);
    write_names(json, "expects", rule.expects);
    write_names(json, "carries", rule.carries);
    write_alternative(json, rule);
    write_life(json, rule, at);
    json.member_unless_empty("without_it", rule.lost_feature)
        .member_unless_empty("notes", rule.notes);
    write_words(json, "inferred", rule.inferred);
    json.end();
}

void write_revision(JsonWriter& json, const Revision& revision, base::Timestamp at) {
    json.begin_object()
        .member("selector", revision.selector())
        .member("vendor_name", revision.vendor_name)
        .member("product_name", revision.product_name)
        .member_unless_empty("platform", revision.platform)
        .member("date", day_text(revision.date))
        .member("current", revision.current)
        .member("source_title", revision.source_title)
        .member("source_location", revision.source_location)
        .member("source_kind", revision.source_kind)
        .member_unless_empty("read_on", revision.read_on ? day_text(revision.read_on) : "")
        .member("file", revision.file.string())
        .member("allow_listable", revision.allow_listable)
        .member_unless_empty("use_instead", revision.use_instead)
        .member_unless_empty("notes", revision.notes);
    write_words(json, "superseded_by", revision.superseded_by);
    write_words(json, "aliases", revision.product_aliases);
    json.key("includes").begin_array();
    for (const auto& selector : revision.includes) {
        json.value(selector);
    }
    json.end().key("demands").begin_array();
    for (const auto& demand : revision.demands) {
        json.begin_object().member("kind", to_string(demand.kind)).member("text", demand.text);
        if (demand.seconds) {
            json.member("seconds", std::uint64_t{*demand.seconds});
        }
        json.end();
    }
    json.end().key("settings").begin_array();
    for (const auto& setting : revision.settings) {
        json.begin_object()
            .member("name", setting.name)
            .member("description", setting.description)
            .end();
    }
    json.end().key("rules").begin_array();
    for (const auto& rule : revision.rules) {
        write_rule(json, rule, at);
    }
    json.end().end();
}

// One line a requirement; a rule without ports still has one, so that nothing is lost.
constexpr std::array<std::string_view, 11> show_heads{
    "vendor", "product",   "revision", "rule_id",     "purpose",  "direction",
    "level",  "transport", "ports",    "destination", "condition"};

std::array<std::string, 11> show_row(const Revision& revision, const Rule& rule,
                                     const PortItem* port) {
    const Level level = port != nullptr ? port->level.value_or(rule.level) : rule.level;
    const bool own_condition = port != nullptr && !port->condition.empty();
    return {revision.vendor,
            revision.product,
            revision.revision,
            rule.id,
            rule.purpose,
            std::string(to_string(rule.direction)),
            std::string(to_string(level)),
            std::string(port == nullptr ? std::string_view{} : to_string(port->transport)),
            port == nullptr ? std::string{} : port->text,
            destination_text(rule.destinations),
            own_condition ? port->condition : rule.condition};
}

template <typename Append>
void for_each_show_row(const std::vector<const Revision*>& revisions, const Append& append) {
    for (const auto* revision : revisions) {
        for (const auto& rule : revision->rules) {
            for (const auto& port : rule.ports) {
                append(show_row(*revision, rule, &port));
            }
            if (rule.ports.empty()) {
                append(show_row(*revision, rule, nullptr));
            }
        }
    }
}

std::string show_text(const std::vector<const Revision*>& revisions, base::Timestamp at) {
    std::string out;
    for (const auto* revision : revisions) {
        out += out.empty() ? "" : "\n";
        append_revision_text(out, *revision, at);
    }
    return out;
}

std::string show_json(const std::vector<const Revision*>& revisions, base::Timestamp at) {
    JsonWriter json;
    json.begin_array();
    for (const auto* revision : revisions) {
        write_revision(json, *revision, at);
    }
    return json.end().take();
}

}  // namespace

std::string render_show(const std::vector<const Revision*>& revisions, Format format,
                        base::Timestamp at) {
    std::string out;
    switch (format) {
        case Format::text:
            return show_text(revisions, at);
        case Format::json:
            return show_json(revisions, at);
        case Format::csv:
            out = csv_line(show_heads);
            for_each_show_row(revisions, [&out](const auto& row) { out += csv_line(row); });
            return out;
        case Format::markdown:
            out = markdown_head(show_heads);
            for_each_show_row(revisions, [&out](const auto& row) { out += markdown_line(row); });
            return out;
    }
    return out;
}

}  // namespace turnpike::catalog
