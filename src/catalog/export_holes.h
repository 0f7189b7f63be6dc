// Entries as a firewall that matches addresses can express them: one hole a direction, with the
// reasons where a name had to be replaced.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "turnpike/catalog/export.h"

namespace turnpike::catalog {

/// An address block of a hole and where it is from.
struct HolePlace {
    base::Prefix prefix;
    std::string remark;  ///< "turn.example.com, seen in the capture"; empty: the document's own
};

/// A rule to write. Outbound, the places are where packets go; inbound, where they come from.
struct Hole {
    const ExportEntry* entry = nullptr;
    bool inbound = false;
    bool any = false;
    /// Nothing is known that the firewall could match: to be written as a comment only.
    bool closed = false;
    std::vector<HolePlace> places;
    std::vector<std::string> names;    ///< those that the firewall matches itself
    std::vector<std::string> remarks;  ///< printable
};

/// Whether a firewall can match a name pattern itself on a rule of that transport.
using NameSupport = bool (*)(std::string_view pattern, Transport transport);
bool no_names(std::string_view pattern, Transport transport) noexcept;
/// Patterns without stars and placeholders.
bool exact_names(std::string_view pattern, Transport transport) noexcept;

/// The holes in the order of the entries.
std::vector<Hole> holes_of(const std::vector<ExportEntry>& entries, NameSupport support);

/// The places of one IP version.
std::vector<HolePlace> places_of_version(const Hole& hole, unsigned version);

/// "agora/rtc-web@2020-09-15 tcp: signaling, TCP 443, required", printable.
std::string title_of(const ExportEntry& entry);
/// "turnpike-agora-rtc-web-tcp-tcp-443": letters, digits and hyphens, at most `longest` characters.
std::string object_name(const Hole& hole, std::size_t longest);
/// "443" or "5866<separator>6000".
std::string port_text(const ExportEntry& entry, std::string_view separator);
/// "tcp", "udp".
inline std::string_view transport_text(const ExportEntry& entry) {
    return to_string(entry.transport);
}
/// What stands before every output, one printable line each.
std::vector<std::string> head_lines(const Export& what);
/// Lines, each behind `mark`.
std::string marked(const std::vector<std::string>& lines, std::string_view mark);

}  // namespace turnpike::catalog
