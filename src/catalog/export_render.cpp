// Chooses the exporter.
#include <algorithm>
#include <array>
#include <utility>

#include "catalog/export_formats.h"

namespace turnpike::catalog {
namespace {

constexpr std::array<std::pair<std::string_view, Firewall>, 14> firewalls{{
    {"nftables", Firewall::nftables},
    {"iptables", Firewall::iptables},
    {"ip6tables", Firewall::ip6tables},
    {"cisco-ios", Firewall::cisco_ios},
    {"palo-alto", Firewall::palo_alto},
    {"fortigate", Firewall::fortigate},
    {"pfsense", Firewall::pfsense},
    {"aws-security-group", Firewall::aws_security_group},
    {"windows-netsh", Firewall::windows_netsh},
    {"powershell", Firewall::powershell},
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

std::string render_export(const Export& what, Firewall firewall) {
    switch (firewall) {
        case Firewall::nftables:
            return export_nftables(what);
        case Firewall::iptables:
            return export_iptables(what, 4);
        case Firewall::ip6tables:
            return export_iptables(what, 6);
        case Firewall::cisco_ios:
            return export_cisco_ios(what);
        case Firewall::palo_alto:
            return export_palo_alto(what);
        case Firewall::fortigate:
            return export_fortigate(what);
        case Firewall::pfsense:
            return export_pfsense(what);
        case Firewall::aws_security_group:
            return export_aws_security_group(what);
        case Firewall::windows_netsh:
            return export_windows_netsh(what);
        case Firewall::powershell:
            return export_powershell(what);
        case Firewall::hosts:
            return export_hosts(what);
        case Firewall::proxy_urls:
            return export_proxy_urls(what);
        case Firewall::csv:
            return export_csv(what);
        case Firewall::wireshark:
            return export_wireshark(what);
    }
    return {};
}

}  // namespace turnpike::catalog
