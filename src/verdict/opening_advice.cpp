// What to do about a row that is blocked.
#include <fmt/core.h>

#include "turnpike/base/printable.h"
#include "turnpike/verdict/remedies.h"

namespace turnpike::verdict {
namespace {

std::string upper(std::string_view transport) {
    return transport == "tcp" ? "TCP" : transport == "udp" ? "UDP" : base::from_catalog(transport);
}

// "outbound UDP port 3478 to turn.example.com".
std::string opening(const BlockedRow& row) {
    constexpr std::size_t columns = 240;
    const std::string port =
        row.ports == "unstated"
            ? fmt::format("{} (the document names no port)", upper(row.transport))
            : fmt::format("{} port{} {}", upper(row.transport),
                          row.ports.find('-') == std::string::npos ? "" : "s",
                          base::from_catalog(row.ports));
    std::string place = row.destination == "ANY"
                            ? std::string("any address")
                            : base::shortened_list(base::from_catalog(row.destination), columns);
    if (!row.seen.empty()) {
        place += fmt::format(" (as the document demands; tried: {})", base::from_network(row.seen));
    }
    if (row.direction == "inbound") {
        return fmt::format("inbound {} from {}", port, place);
    }
    if (row.direction == "both") {
        return fmt::format("{} in both directions, to and from {}", port, place);
    }
    return fmt::format("outbound {} to {}", port, place);
}

}  // namespace

std::string opening_advice(const BlockedRow& row) {
    const auto what = opening(row);
    const auto reason = row.reason;
    if (reason.starts_with("dns_")) {
        return fmt::format(
            "Let the resolver answer for {}, and try again.",
            row.failed_name.empty() ? "its names" : base::from_network(row.failed_name));
    }
    if (reason.starts_with("proxy_")) {
        return fmt::format("Let the proxy connect through: allow {}.", what);
    }
    if (reason == "tls_name_mismatch") {
        return fmt::format("Exempt {} from TLS interception.", what);
    }
    if (reason.starts_with("tls_") || reason.starts_with("payload_")) {
        return fmt::format(
            "Open {} for the whole session: exempt it from inspection and application filters.",
            what);
    }
    if (reason == "http_denied") {
        return fmt::format("Allow {} in the web filter.", what);
    }
    if (reason == "one_way") {
        return fmt::format("For {}: {}", what, find_remedy(WordKind::block_reason, reason)->remedy);
    }
    if (row.transport == "udp") {
        return fmt::format("Open {}, answers included.", what);
    }
    return fmt::format("Open {}.", what);
}

}  // namespace turnpike::verdict
