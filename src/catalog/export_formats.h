// One function a firewall: the text of render_export().
#pragma once

#include <string>

#include "turnpike/catalog/export.h"

namespace turnpike::catalog {

std::string export_nftables(const Export& what);
/// `version`: 4 for iptables, 6 for ip6tables.
std::string export_iptables(const Export& what, unsigned version);
std::string export_cisco_ios(const Export& what);
std::string export_palo_alto(const Export& what);
std::string export_fortigate(const Export& what);
std::string export_pfsense(const Export& what);
std::string export_aws_security_group(const Export& what);
std::string export_windows_netsh(const Export& what);
std::string export_powershell(const Export& what);
std::string export_hosts(const Export& what);
std::string export_proxy_urls(const Export& what);
std::string export_csv(const Export& what);
std::string export_wireshark(const Export& what);

}  // namespace turnpike::catalog
