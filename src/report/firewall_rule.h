// The rule that a firewall lacks for one requirement.
#pragma once

#include <string>

#include "report/summary.h"

namespace turnpike::report {

/// A file for nft(8) that lets this requirement through, with the addresses that the capture shows
/// for its names; `lan0` and `wan0` stand for the firewall's interfaces. As `turnpike catalog
/// export --format nftables` writes it, from what the database knows of the row.
std::string firewall_rule(const RequirementSummary& requirement);

}  // namespace turnpike::report
