#include "catalog/export_holes.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "turnpike/base/text.h"

namespace turnpike::catalog {
namespace {

unsigned full_length(const base::IpAddress& address) noexcept {
    return address.is_v4() ? 32 : 128;
}

std::vector<std::string> unmatched_names(const ExportEntry& entry, NameSupport support) {
    std::vector<std::string> names;
    std::ranges::copy_if(entry.names, std::back_inserter(names),
                         [&](const std::string& name) { return !support(name, entry.transport); });
    return names;
}

// Printable, and safe inside a firewall's double quotes.
std::string quotable(std::string_view name) {
    auto text = base::escape(name);
    std::ranges::replace(text, '"', '\'');
    return text;
}

bool within(const base::Prefix& inner, const base::Prefix& outer) noexcept {
    return outer.length <= inner.length && outer.contains(inner.address);
}

// Blocks that lie in others are left out: nftables refuses sets whose elements overlap.
void add_place(Hole& hole, HolePlace place) {
    const auto holds = [&](const HolePlace& known) { return within(place.prefix, known.prefix); };
    if (const auto known = std::ranges::find_if(hole.places, holds); known != hole.places.end()) {
        if (known->prefix == place.prefix && !known->remark.empty()) {
            known->remark = place.remark + "; " + known->remark;
        }
        return;
    }
    std::erase_if(hole.places,
                  [&](const HolePlace& known) { return within(known.prefix, place.prefix); });
    hole.places.push_back(std::move(place));
}

void add_seen(Hole& hole) {
    for (const auto& seen : hole.entry->seen) {
        auto remark = seen.name.empty() ? std::string("seen in the capture without a name")
                                        : quotable(seen.name) + ", seen in the capture";
        add_place(hole, {{seen.address, full_length(seen.address)}, std::move(remark)});
    }
}

// What stands for the names that the firewall cannot match: seen addresses, ANY, or nothing.
void replace_names(Hole& hole, const std::vector<std::string>& unmatched) {
    const auto list = base::escape(fmt::format("{}", fmt::join(unmatched, ", ")));
    add_seen(hole);
    if (!hole.entry->seen.empty()) {
        hole.remarks.push_back(fmt::format(
            "names cannot be matched here: {}; instead, addresses seen in the capture, which may "
            "change",
            list));
        return;
    }
    if (hole.entry->any_without_wildcards) {
        hole.any = true;
        hole.remarks.push_back(fmt::format(
            "names cannot be matched here: {}; the document allows any destination instead", list));
        return;
    }
    hole.remarks.push_back(
        fmt::format("names cannot be matched here: {}; no address of them is known (give a result "
                    "database: --blocked DB)",
                    list));
    hole.closed = hole.places.empty() && hole.names.empty();
}

Hole hole_of(const ExportEntry& entry, bool inbound, NameSupport support) {
    Hole hole;
    hole.entry = &entry;
    hole.inbound = inbound;
    if (entry.any) {
        hole.any = true;
        return hole;
    }
    for (const auto& prefix : entry.prefixes) {
        add_place(hole, {prefix, {}});
    }
    std::ranges::copy_if(entry.names, std::back_inserter(hole.names),
                         [&](const std::string& name) { return support(name, entry.transport); });
    const auto unmatched = unmatched_names(entry, support);
    if (!unmatched.empty()) {
        replace_names(hole, unmatched);
    } else if (hole.names.empty() && hole.places.empty()) {
        hole.closed = true;
        hole.remarks.push_back(
            fmt::format("the destination is not known: {}", entry.reference.empty()
                                                                ? "the document does not state it"
                                                                : base::escape(entry.reference)));
    }
    return hole;
}

}  // namespace

bool no_names(std::string_view /*pattern*/, Transport /*transport*/) noexcept {
    return false;
}

bool exact_names(std::string_view pattern, Transport /*transport*/) noexcept {
    return pattern.find_first_of("*{") == std::string_view::npos && !pattern.starts_with('.');
}

std::vector<Hole> holes_of(const std::vector<ExportEntry>& entries, NameSupport support) {
    std::vector<Hole> holes;
    for (const auto& entry : entries) {
        if (entry.direction != RuleDirection::inbound) {
            holes.push_back(hole_of(entry, false, support));
        }
        if (entry.direction != RuleDirection::outbound) {
            holes.push_back(hole_of(entry, true, support));
        }
    }
    return holes;
}

std::vector<HolePlace> places_of_version(const Hole& hole, unsigned version) {
    std::vector<HolePlace> places;
    std::ranges::copy_if(hole.places, std::back_inserter(places), [&](const HolePlace& place) {
        return place.prefix.address.version() == version;
    });
    return places;
}

std::string title_of(const ExportEntry& entry) {
    return base::escape(fmt::format("{} {}: {}, {} {}, {}", entry.selector, entry.rule_id,
                                    entry.purpose, transport_text(entry), port_text(entry, "-"),
                                    entry.need));
}

std::string object_name(const Hole& hole, std::size_t longest) {
    const auto& entry = *hole.entry;
    const auto end = fmt::format("-{}-{}{}", transport_text(entry), port_text(entry, "-"),
                                 hole.inbound ? "-in" : "");
    auto name =
        "turnpike-" + entry.selector.substr(0, entry.selector.find('@')) + '-' + entry.rule_id;
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
    return name.substr(0, longest - end.size()) + end;
}

std::string port_text(const ExportEntry& entry, std::string_view separator) {
    return entry.first == entry.last ? fmt::format("{}", entry.first)
                                     : fmt::format("{}{}{}", entry.first, separator, entry.last);
}

std::vector<std::string> head_lines(const Export& what) {
    std::vector<std::string> lines{
        "Written by turnpike from vendors' firewall documents. Read it before you load it."};
    for (const auto& remark : what.remarks) {
        lines.push_back(base::escape(remark));
    }
    return lines;
}

std::string marked(const std::vector<std::string>& lines, std::string_view mark) {
    std::string text;
    for (const auto& line : lines) {
        text += fmt::format("{}{}\n", mark, line);
    }
    return text;
}

}  // namespace turnpike::catalog
