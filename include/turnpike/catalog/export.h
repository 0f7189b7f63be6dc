// What a set of requirements needs in a firewall, written in that firewall's own language.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// What the rules are written for.
enum class Firewall : std::uint8_t {
    nftables,
    iptables,
    ip6tables,
    cisco_ios,
    palo_alto,
    fortigate,
    pfsense,
    aws_security_group,
    windows_netsh,
    powershell,
    hosts,       ///< names, one a line, for a proxy
    proxy_urls,  ///< URL patterns, one a line
    csv,
    wireshark,  ///< a display filter that shows the same traffic
};
std::optional<Firewall> parse_firewall(std::string_view word) noexcept;
/// The words that parse_firewall() knows.
std::vector<std::string> firewall_words();

/// An address that a name led to in a capture.
struct SeenAddress {
    base::IpAddress address;
    std::string name;  ///< as the network gave it: escape before printing; empty: none was seen
    friend auto operator<=>(const SeenAddress&, const SeenAddress&) = default;
};

/// One requirement as a firewall sees it, free of any firewall's language.
struct ExportEntry {
    std::string selector;
    std::string rule_id;
    std::string purpose;
    std::string need;  ///< "required", "conditional: 2.9.0 or later"
    RuleDirection direction = RuleDirection::outbound;
    Transport transport = Transport::tcp;
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    std::vector<base::Prefix> prefixes;
    std::vector<std::string> names;  ///< patterns as NamePattern::text has them
    bool any = false;
    bool any_without_wildcards = false;
    std::string reference;          ///< Destinations::reference
    std::vector<SeenAddress> seen;  ///< addresses of `names` in a capture
};

/// Entries and what could not become one.
struct Export {
    std::vector<ExportEntry> entries;
    std::vector<std::string> remarks;  ///< for the head of the output, one line each
};

/// The entry of one requirement, without seen addresses.
ExportEntry export_entry(const Requirement& requirement);
/// Every requirement of the revisions but of rows retired at `at`; those, rows without ports and
/// products that no list of rules can serve become remarks.
Export export_revisions(const std::vector<const Revision*>& revisions, base::Timestamp at);

/// The text of a file for that firewall. Everything in it that came from elsewhere is escaped.
std::string render_export(const Export& what, Firewall firewall);

}  // namespace turnpike::catalog
