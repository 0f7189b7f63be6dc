// Windows Defender Firewall: netsh commands and PowerShell. Neither matches names.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"

namespace turnpike::catalog {
namespace {

std::string places_text(const Hole& hole, std::string_view any, std::string_view separator) {
    std::vector<std::string> places;
    for (const auto& place : hole.places) {
        places.push_back(base::to_string(place.prefix));
    }
    return hole.any || places.empty() ? std::string(any)
                                      : fmt::format("{}", fmt::join(places, separator));
}

std::vector<std::string> place_remarks(const Hole& hole) {
    std::vector<std::string> lines;
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

std::string netsh_rule(const Hole& hole) {
    return fmt::format(
        "netsh advfirewall firewall add rule name=\"{}\" dir={} action=allow protocol={} {}={} "
        "remoteip={}\n",
        object_name(hole, 120), hole.inbound ? "in" : "out",
        hole.entry->transport == Transport::tcp ? "TCP" : "UDP",
        hole.inbound ? "localport" : "remoteport", port_text(*hole.entry, "-"),
        places_text(hole, "any", ","));
}

std::string powershell_rule(const Hole& hole) {
    return fmt::format(
        "New-NetFirewallRule -DisplayName '{}' -Description {} -Direction {} -Action Allow "
        "-Protocol {} {} {} -RemoteAddress {}\n",
        object_name(hole, 120), shell_quoted(title_of(*hole.entry)),
        hole.inbound ? "Inbound" : "Outbound",
        hole.entry->transport == Transport::tcp ? "TCP" : "UDP",
        hole.inbound ? "-LocalPort" : "-RemotePort", port_text(*hole.entry, "-"),
        places_text(hole, "Any", ","));
}

}  // namespace

std::string export_windows_netsh(const Export& what) {
    auto text = batch_text(marked(head_lines(what), "rem "));
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += batch_text("rem " + title_of(*hole.entry) + "\n" + marked(hole.remarks, "rem ") +
                           marked(place_remarks(hole), "rem "));
        text += (hole.closed ? "rem " : "") + netsh_rule(hole);
    }
    return text;
}

std::string export_powershell(const Export& what) {
    auto text = marked(head_lines(what), "# ");
    for (const auto& hole : holes_of(what.entries, no_names)) {
        text += "# " + title_of(*hole.entry) + "\n" + marked(hole.remarks, "# ") +
                marked(place_remarks(hole), "# ");
        text += (hole.closed ? "# " : "") + powershell_rule(hole);
    }
    return text;
}

}  // namespace turnpike::catalog
