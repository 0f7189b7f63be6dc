// One function a firewall: the text of render_export().
#pragma once

#include <string>
#include <vector>

#include "catalog/export_sides.h"
#include "turnpike/catalog/export.h"

namespace turnpike::catalog {

ExportedFile export_nftables(const Export& what, const Sides& sides);
/// `version`: 4 for iptables, 6 for ip6tables.
ExportedFile export_iptables(const Export& what, const Sides& sides, unsigned version);
ExportedFile export_cisco_ios(const Export& what, const Sides& sides);
ExportedFile export_palo_alto(const Export& what, const Sides& sides);
ExportedFile export_fortigate(const Export& what, const Sides& sides);
ExportedFile export_pfsense(const Export& what, const Sides& sides);
ExportedFile export_opnsense(const Export& what, const Sides& sides);
ExportedFile export_aws_security_group(const Export& what, const Sides& sides, bool ingress);
ExportedFile export_windows_netsh(const Export& what, const Sides& sides);
ExportedFile export_powershell(const Export& what, const Sides& sides);
ExportedFile export_squid(const Export& what, const Sides& sides);
ExportedFile export_hosts(const Export& what);
ExportedFile export_proxy_urls(const Export& what);
ExportedFile export_csv(const Export& what);
ExportedFile export_wireshark(const Export& what, const Sides& sides);

}  // namespace turnpike::catalog
