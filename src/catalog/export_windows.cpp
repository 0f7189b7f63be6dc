// Windows Defender Firewall: netsh commands and PowerShell, for the host that makes the calls.
// Neither matches names. Answers pass by state.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string list(const std::vector<base::Prefix>& networks, std::string_view any) {
    std::vector<std::string> texts;
    for (const auto& network : networks) {
        texts.push_back(base::to_string(network));
    }
    return texts.empty() ? std::string(any) : fmt::format("{}", fmt::join(texts, ","));
}

/// Both ends of a rule's packets, as the host sees them.
struct Ends {
    std::string local;
    std::string remote;
};

// A command line ends at 8191 characters, so that many networks take several rules.
constexpr std::size_t most_networks = 100;
// Of a rule's description; the comments say the rest.
constexpr std::size_t longest_windows_description = 255;

std::vector<Ends> ends_of(const Hole& hole, const Sides& sides, std::string_view any) {
    const auto inside = list(sides.inside_networks, any);
    std::vector<Ends> all;
    std::vector<base::Prefix> places;
    const auto add = [&] {
        auto there = list(places, any);
        all.push_back(hole.to_own_server ? Ends{std::move(there), std::string(any)}
                                         : Ends{inside, std::move(there)});
        places.clear();
    };
    for (const auto& place : hole.places) {
        places.push_back(place.prefix);
        if (places.size() == most_networks) {
            add();
        }
    }
    if (!places.empty() || all.empty()) {
        add();
    }
    return all;
}

std::vector<std::string> comments(const Hole& hole) {
    auto lines = lines_of(hole);
    for (const auto& place : hole.places) {
        if (!place.remark.empty()) {
            lines.push_back(base::to_string(place.prefix) + ": " + place.remark);
        }
    }
    return lines;
}

// A batch file expands %NAME% and runs what follows & even behind rem.
std::string batch_text(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return std::string_view("%&|<>^\"").find(c) != std::string_view::npos; },
        '_');
    return text;
}

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        if (c == '\'') {
            out += c;
        }
    }
    return out + '\'';
}

std::string netsh_rule(const Hole& hole, const Sides& sides, std::size_t number) {
    std::string text;
    for (const auto& ends : ends_of(hole, sides, "any")) {
        text += fmt::format(
            "netsh advfirewall firewall add rule name=\"{}\" dir={} action=allow protocol={} {}={} "
            "localip={} remoteip={}\n",
            object_name(hole, number, 120), hole.inbound ? "in" : "out",
            hole.transport == Transport::tcp ? "TCP" : "UDP",
            hole.inbound ? "localport" : "remoteport", port_list(hole.ports, "-", ","), ends.local,
            ends.remote);
    }
    return text;
}

std::string powershell_rule(const Hole& hole, const Sides& sides, std::size_t number) {
    std::string text;
    for (const auto& ends : ends_of(hole, sides, "Any")) {
        text += fmt::format(
            "New-NetFirewallRule -DisplayName '{}' -Description {} -Direction {} -Action Allow "
            "-Protocol {} {} {} -LocalAddress {} -RemoteAddress {}\n",
            object_name(hole, number, 120),
            shell_quoted(shortened(titles_text(hole), longest_windows_description)),
            hole.inbound ? "Inbound" : "Outbound", hole.transport == Transport::tcp ? "TCP" : "UDP",
            hole.inbound ? "-LocalPort" : "-RemotePort", port_list(hole.ports, "-", ","),
            ends.local, ends.remote);
    }
    return text;
}

}  // namespace

ExportedFile export_windows_netsh(const Export& what, const Sides& sides) {
    auto text = batch_text(marked(head_lines(what), "rem "));
    std::size_t number = 0;
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += batch_text(marked(comments(hole), "rem "));
        text += hole.closed ? "" : netsh_rule(hole, sides, ++number);
    }
    return {text, {}};
}

ExportedFile export_powershell(const Export& what, const Sides& sides) {
    auto text = marked(head_lines(what), "# ");
    std::size_t number = 0;
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += marked(comments(hole), "# ");
        text += hole.closed ? "" : powershell_rule(hole, sides, ++number);
    }
    return {text, {}};
}

}  // namespace turnpike::catalog
