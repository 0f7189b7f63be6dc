// Entries as a firewall that matches addresses can express them: the fewest holes, with the reasons
// where a name had to be replaced.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/catalog/export.h"

namespace turnpike::catalog {

/// An address block of a hole and where it is from.
struct HolePlace {
    base::Prefix prefix;
    std::string remark;    ///< "turn.example.com, seen in the capture"; empty: the document's own
    bool claimed = false;  ///< SeenAddress::claimed: never joined with a place that is sure
};

/// Ports from `first` to `last`, both included.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

/// A row of a document that a hole stands for, printable.
struct HoleTitle {
    std::string row;    ///< "agora/rtc-web@2020-09-15 tcp: signaling, tcp"
    std::string ports;  ///< "443, 5866-6000"
    std::string need;   ///< "required", "conditional: 2.9.0 or later, inbound"
};

/// A rule to write: every port of `ports` at every place or name. Outbound, the places are where
/// packets go; inbound, where they come from, or (`to_own_server`) the servers inside that anybody
/// may reach.
struct Hole {
    bool inbound = false;
    bool to_own_server = false;
    bool any = false;
    /// Nothing is known that the firewall could match, or it would be open to anybody: to be
    /// written as a comment only.
    bool closed = false;
    Transport transport = Transport::tcp;
    std::vector<PortRange> ports;      ///< ascending, with gaps between them
    std::vector<HolePlace> places;     ///< ascending, none within or beside another
    std::vector<std::string> names;    ///< those that the firewall matches itself
    std::vector<HoleTitle> titles;     ///< the rows it stands for
    std::vector<std::string> remarks;  ///< printable
    std::string label;                 ///< "whereby-meetings-signaling", of the first entry
    /// Whether the places are the packets' sources.
    [[nodiscard]] bool places_are_sources() const noexcept { return inbound && !to_own_server; }
};

/// Whether a firewall can match a name pattern itself on a rule of that transport.
using NameSupport = bool (*)(std::string_view pattern, Transport transport);
/// Of a firewall that takes every name.
bool any_name(std::string_view pattern, Transport transport) noexcept;
bool no_names(std::string_view pattern, Transport transport) noexcept;
/// Patterns without stars and placeholders.
bool exact_names(std::string_view pattern, Transport transport) noexcept;

/// The holes of all entries that have ports, merged; in the order of the entries, the closed ones
/// last.
std::vector<Hole> holes_of(const std::vector<ExportEntry>& entries, NameSupport support);
/// The fewest holes that open the same.
std::vector<Hole> merged(std::vector<Hole> holes);

/// The same for a firewall whose rules take several transports: holes that differ in ports and
/// transport only, together. Closed ones are alone.
std::vector<std::vector<Hole>> grouped_by_destination(std::vector<Hole> holes);
/// Sorts places; halves become their whole, and what lies in another block goes.
void join_places(std::vector<HolePlace>& places);

/// The places of one IP version.
std::vector<HolePlace> places_of_version(const Hole& hole, unsigned version);

/// "agora/rtc-web@2020-09-15 tcp: signaling, tcp 443, required", printable.
std::string title_of(const ExportEntry& entry);
/// The titles of a hole in that form, parted by "; ".
std::string titles_text(const Hole& hole);
/// Titles and remarks, and for a closed hole that nothing is opened.
std::vector<std::string> lines_of(const Hole& hole);
/// "turnpike-7-whereby-meetings-signaling": letters, digits and hyphens, at most `longest`.
std::string object_name(const Hole& hole, std::size_t number, std::size_t longest);
/// "443" or "5866<between>6000".
std::string port_text(PortRange ports, std::string_view between);
/// All ranges, parted by `separator`.
std::string port_list(const std::vector<PortRange>& ports, std::string_view between,
                      std::string_view separator);
/// What stands before every output, one printable line each: remarks of the export, and rows
/// without a range of ports.
std::vector<std::string> head_lines(const Export& what);
/// Lines, each behind `mark`.
std::string marked(const std::vector<std::string>& lines, std::string_view mark);
/// "192.0.2.0/24", also "192.0.2.1/32".
std::string cidr(const base::Prefix& prefix);
/// At most `longest` octets.
std::string shortened(std::string_view text, std::size_t longest);

}  // namespace turnpike::catalog
