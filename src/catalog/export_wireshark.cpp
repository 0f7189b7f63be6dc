// A Wireshark display filter that shows what the entries allow: packets to the destination ports,
// and the answers from them. A name is found in a TLS or QUIC hello, and in the names that
// Wireshark itself gives to addresses from the DNS answers of the capture; the latter also finds
// TURN.
#include <fmt/core.h>
#include <fmt/format.h>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/export_names.h"

namespace turnpike::catalog {
namespace {

std::string either(const std::vector<std::string>& parts) {
    return parts.size() == 1 ? parts[0] : fmt::format("({})", fmt::join(parts, " || "));
}

// The filter's strings double backslashes.
std::string quoted(const std::string& expression) {
    std::string text = "\"";
    for (const char c : expression) {
        text += c == '\\' ? "\\\\" : std::string(1, c);
    }
    return text + '"';
}

std::string network(const base::Prefix& prefix, std::string_view side) {
    return fmt::format("{}.{} == {}", prefix.address.is_v4() ? "ip" : "ipv6", side,
                       base::to_string(prefix));
}

std::string ports(const Hole& hole, std::string_view side) {
    const auto field = fmt::format("{}.{}port", to_string(hole.transport), side);
    if (hole.ports.size() == 1 && hole.ports[0].first == hole.ports[0].last) {
        return fmt::format("{} == {}", field, hole.ports[0].first);
    }
    return fmt::format("{} in {{{}}}", field, port_list(hole.ports, "..", ", "));
}

// Packets whose named end is on `side`, "src" or "dst".
std::string one_way(const Hole& hole, const Sides& sides, std::string_view port_side,
                    std::string_view place_side) {
    std::vector<std::string> places;
    for (const auto& place : hole.places) {
        places.push_back(network(place.prefix, place_side));
    }
    for (const auto& name : hole.names) {
        const auto expression = quoted(name_expression(name));
        places.push_back(fmt::format("ip.{}_host matches {}", place_side, expression));
        places.push_back(fmt::format("ipv6.{}_host matches {}", place_side, expression));
    }
    auto text = ports(hole, port_side);
    if (!places.empty()) {
        text += " && " + either(places);
    }
    std::vector<std::string> inside;
    for (const auto& prefix : sides.inside_networks) {
        inside.push_back(network(prefix, place_side == "dst" ? "src" : "dst"));
    }
    return '(' + text + (inside.empty() ? "" : " && " + either(inside)) + ')';
}

// Hellos carry their name themselves, whether or not the capture has the DNS answer.
std::string hellos(const Hole& hole) {
    std::vector<std::string> parts;
    for (const auto& name : hole.names) {
        parts.push_back(fmt::format("tls.handshake.extensions_server_name matches {}",
                                    quoted(name_expression(name))));
    }
    return parts.empty() ? "" : fmt::format(" || ({} && {})", ports(hole, "dst"), either(parts));
}

std::string filter_of(const Hole& hole, const Sides& sides) {
    const bool sources = hole.places_are_sources();
    return one_way(hole, sides, "dst", sources ? "src" : "dst") + " || " +
           one_way(hole, sides, "src", sources ? "dst" : "src") + hellos(hole);
}

}  // namespace

ExportedFile export_wireshark(const Export& what, const Sides& sides) {
    ExportedFile file;
    file.remarks = head_lines(what);
    bool named = false;
    for (const auto& hole : holes_of(what.entries, any_name)) {
        if (hole.closed) {
            for (const auto& line : lines_of(hole)) {
                file.remarks.push_back(line);
            }
            continue;
        }
        named = named || !hole.names.empty();
        file.text += (file.text.empty() ? "" : " || ") + filter_of(hole, sides);
    }
    if (named) {
        file.remarks.emplace_back(
            "names of addresses come from the capture's DNS answers: switch on View > Name "
            "Resolution > Resolve Network Addresses (tshark -N nd)");
    }
    file.text += '\n';
    return file;
}

}  // namespace turnpike::catalog
