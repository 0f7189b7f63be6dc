// The words of the export formats, and which exporter writes each.
#include <array>
#include <utility>

#include "catalog/export_formats.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::pair<std::string_view, Firewall>, 17> firewalls{{
    {"nftables", Firewall::nftables},
    {"iptables", Firewall::iptables},
    {"ip6tables", Firewall::ip6tables},
    {"cisco-ios", Firewall::cisco_ios},
    {"palo-alto", Firewall::palo_alto},
    {"fortigate", Firewall::fortigate},
    {"pfsense", Firewall::pfsense},
    {"opnsense", Firewall::opnsense},
    {"aws-security-group", Firewall::aws_security_group},
    {"aws-security-group-ingress", Firewall::aws_security_group_ingress},
    {"windows-netsh", Firewall::windows_netsh},
    {"powershell", Firewall::powershell},
    {"squid", Firewall::squid},
    {"hosts", Firewall::hosts},
    {"proxy-urls", Firewall::proxy_urls},
    {"csv", Firewall::csv},
    {"wireshark", Firewall::wireshark},
}};

}  // namespace

std::optional<Firewall> parse_firewall(std::string_view word) noexcept {
    for (const auto& [text, firewall] : firewalls) {
        if (text == word) {
            return firewall;
        }
    }
    return std::nullopt;
}

std::vector<std::string> firewall_words() {
    std::vector<std::string> words;
    for (const auto& [text, firewall] : firewalls) {
        words.emplace_back(text);
    }
    return words;
}

std::string_view to_word(Firewall firewall) noexcept {
    for (const auto& [text, known] : firewalls) {
        if (known == firewall) {
            return text;
        }
    }
    return {};
}

ExportedFile render_export(const Export& what, Firewall firewall, const ExportSides& given) {
    const auto sides = check_sides(firewall, given);
    switch (firewall) {
        case Firewall::nftables:
            return export_nftables(what, sides);
        case Firewall::iptables:
            return export_iptables(what, sides, 4);
        case Firewall::ip6tables:
            return export_iptables(what, sides, 6);
        case Firewall::cisco_ios:
            return export_cisco_ios(what, sides);
        case Firewall::palo_alto:
            return export_palo_alto(what, sides);
        case Firewall::fortigate:
            return export_fortigate(what, sides);
        case Firewall::pfsense:
            return export_pfsense(what, sides);
        case Firewall::opnsense:
            return export_opnsense(what, sides);
        case Firewall::aws_security_group:
            return export_aws_security_group(what, sides, false);
        case Firewall::aws_security_group_ingress:
            return export_aws_security_group(what, sides, true);
        case Firewall::windows_netsh:
            return export_windows_netsh(what, sides);
        case Firewall::powershell:
            return export_powershell(what, sides);
        case Firewall::squid:
            return export_squid(what, sides);
        case Firewall::hosts:
            return export_hosts(what);
        case Firewall::proxy_urls:
            return export_proxy_urls(what);
        case Firewall::csv:
            return export_csv(what);
        case Firewall::wireshark:
            return export_wireshark(what, sides);
    }
    return {};
}

}  // namespace turnpike::catalog
