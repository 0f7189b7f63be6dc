// What a set of requirements needs in a firewall, written in that firewall's own language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/catalog/catalog.h"

namespace turnpike::catalog {

/// What the rules are written for.
enum class Firewall : std::uint8_t {
    nftables,                    ///< a table for `nft -f`
    iptables,                    ///< rules for iptables-restore, IPv4
    ip6tables,                   ///< rules for ip6tables-restore, IPv6
    cisco_ios,                   ///< access lists of Cisco IOS
    palo_alto,                   ///< set commands of PAN-OS
    fortigate,                   ///< a script of FortiOS
    pfsense,                     ///< config.xml: aliases and rules
    opnsense,                    ///< config.xml: aliases and rules
    aws_security_group,          ///< what its members may send
    aws_security_group_ingress,  ///< what its members may be sent
    windows_netsh,               ///< commands of netsh advfirewall
    powershell,                  ///< New-NetFirewallRule
    squid,                       ///< access lists of Squid
    hosts,                       ///< names, one a line, for a proxy
    proxy_urls,                  ///< URL patterns, one a line
    csv,                         ///< every column of the catalog: import reads it back
    wireshark,                   ///< a display filter that shows the same traffic
};
/// By the words that `--format` takes ("cisco-ios"); nothing for any other word.
std::optional<Firewall> parse_firewall(std::string_view word) noexcept;
/// The words that parse_firewall() knows.
std::vector<std::string> firewall_words();

/// An address that a name led to in a capture.
struct SeenAddress {
    base::IpAddress address;
    std::string name;  ///< as the network gave it: escape before printing; empty: none was seen
    /// Only the client said that the name is there (TLS server name, HTTP host); no DNS answer did.
    /// Whoever sends packets through the network can claim that.
    bool claimed = false;
    friend auto operator<=>(const SeenAddress&, const SeenAddress&) = default;
};

/// One requirement. Points into the catalog, which must outlive it.
struct ExportEntry {
    const Revision* revision = nullptr;
    const Rule* rule = nullptr;
    const PortItem* port = nullptr;  ///< null: the document states no port
    std::vector<SeenAddress> seen;   ///< addresses of the rule's names in a capture
    bool looked_for = false;         ///< a capture was asked for these addresses
    /// False if no range of ports can be opened for it: the document states none.
    [[nodiscard]] bool has_ports() const noexcept;
    /// The port item's level where it has one of its own, else the rule's.
    [[nodiscard]] Level level() const noexcept;
    /// The port item's condition where it has one of its own, else the rule's; may be empty.
    [[nodiscard]] const std::string& condition() const noexcept;
};

/// Entries and what could not become one.
struct Export {
    std::vector<ExportEntry> entries;
    std::vector<std::string> remarks;  ///< for the head of the output, one line each
};

/// Which rows are wanted.
struct ExportChoice {
    /// How much of what a document lists.
    enum class Needed : std::uint8_t {
        required,     ///< without conditional rows: `--set` decides those
        recommended,  ///< those, the recommended and the conditional ones
        all,          ///< the optional ones as well
    };
    Needed needed = Needed::all;
    bool preferred_only = false;  ///< of alternatives the branch that the document prefers
};

/// Every requirement of the revisions that is chosen and not retired at `at`. What is left out,
/// what the document asks besides ports, and products that no list of rules can serve become
/// remarks.
Export export_revisions(const std::vector<const Revision*>& revisions, base::Timestamp at,
                        const ExportChoice& choice = {});
/// Leaves out, with remarks, what is not chosen.
void choose(Export& what, const ExportChoice& choice);

/// The sides of the firewall in its own words, and which part of a long output is wanted.
struct ExportSides {
    std::vector<std::string> inside;   ///< `--inside`, split at commas
    std::vector<std::string> outside;  ///< `--outside`
    unsigned part = 1;                 ///< of what a quota divides
};

/// A file for a firewall.
struct ExportedFile {
    std::string text;  ///< everything in it that came from elsewhere is escaped
    /// What the file's language has no place for, printable, one line each.
    std::vector<std::string> remarks;
};

/// What `--inside` and `--outside` mean to that firewall, one line for a help text.
std::string sides_text(Firewall firewall);
/// Throws base::Error (usage) if the firewall needs a side that is not given, or cannot use it.
ExportedFile render_export(const Export& what, Firewall firewall, const ExportSides& sides = {});

}  // namespace turnpike::catalog
