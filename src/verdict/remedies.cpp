#include "turnpike/verdict/remedies.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "turnpike/base/printable.h"

namespace turnpike::verdict {
namespace {

constexpr std::array block_reasons{
    Remedy{"dns_nxdomain", "the resolver says that the name does not exist",
           "Let the resolver answer for the name: take it off block lists and response policies."},
    Remedy{"dns_refused", "the resolver refused or failed to answer for the name",
           "Look into the resolver's log: a policy refuses the name, or its forwarder fails."},
    Remedy{"dns_timeout", "the resolver never answered for the name",
           "Let the clients reach their resolver, and the resolver the Internet, on port 53."},
    Remedy{"dns_sinkhole", "the resolver gave a false address for the name",
           "Take the name off the resolver's block lists."},
    Remedy{"tcp_timeout", "no answer to the connection attempt",
           "Open the port to the destination; the firewall drops it without a word."},
    Remedy{"tcp_reset", "the connection attempt was reset",
           "Open the port to the destination; something refuses it with a reset."},
    Remedy{"icmp_prohibited", "a device says that the traffic is prohibited",
           "Open the port on the device that said so: --explain names its address."},
    Remedy{"icmp_unreachable", "a device says that the destination cannot be reached",
           "Check the route on the device that said so (--explain names its address), then its "
           "rules."},
    Remedy{"tls_timeout", "connected, but silence after the ClientHello",
           "Exempt the destination from application filters: the port is open, and what is said on "
           "it is dropped."},
    Remedy{"tls_reset", "connected, but cut off after the ClientHello",
           "Exempt the destination from filters by server name and from TLS inspection."},
    Remedy{"payload_timeout", "connected, but the first data was never acknowledged",
           "Exempt the destination from application filters: the port is open, and what is said on "
           "it is dropped."},
    Remedy{"payload_reset", "connected, but cut off after the first data",
           "Exempt the destination from application filters, which do not know its protocol."},
    Remedy{"tls_alert", "a fatal TLS alert in place of an answer",
           "Allow the server name in the web filter or the TLS inspection that sent the alert."},
    Remedy{"tls_name_mismatch", "something answers with a certificate for another name",
           "Exempt the destination from TLS inspection."},
    Remedy{"http_denied", "an HTTP block page or a redirect in place of an answer",
           "Allow the destination in the web filter; log in first where a portal asks for it."},
    Remedy{"proxy_denied", "the proxy refused the connection",
           "Allow the destination and its port in the proxy."},
    Remedy{"proxy_timeout", "the proxy never answered",
           "Let the proxy reach the destination, or let the clients pass it by."},
    Remedy{"udp_timeout", "nothing ever came back",
           "Open the UDP port to the destination, answers included."},
    Remedy{
        "quic_timeout", "no answer to the QUIC handshake",
        "Open UDP port 443 to the destination, answers included; without it clients fall back to "
        "TCP."},
    Remedy{
        "one_way", "media flows in one direction only",
        "Let the answers back in: check the rule for the way back, NAT and gateways that rewrite "
        "addresses (SIP ALG)."},
};

constexpr std::array inconclusive_reasons{
    Remedy{"midstream", "its start is not in the capture",
           "Start capturing before the call begins."},
    // In databases of earlier versions.
    Remedy{"seen_midway", "its start is not in the capture",
           "Start capturing before the call begins."},
    Remedy{"capture_ended", "the capture ended before an answer could come",
           "Go on capturing for ten seconds after the call."},
    Remedy{"one_sided_capture", "only one direction is visible in the capture",
           "Mirror both directions of the clients' traffic."},
    Remedy{"capture_loss", "packets were lost while capturing",
           "Capture with a larger buffer (tcpdump -B, dumpcap -B) or a filter for the clients."},
    Remedy{"truncated", "the snap length cut what was needed",
           "Capture whole packets (tcpdump -s 0)."},
    Remedy{"server_refused", "the server itself refused",
           "Look at the server or the account, not at the firewall: the packets got there and the "
           "answer came back."},
    Remedy{"intermittent", "the same client got through to the same place within a minute",
           "No policy explains that: look for overload, session limits and several paths."},
    Remedy{"losing_candidate", "another path of the same session was preferred",
           "Nothing to do: the session found a better way.", false},
    Remedy{"no_answer", "it was asked once, or took what was sent, and kept silent",
           "Capture a longer call: one unanswered packet proves nothing."},
    Remedy{"no_answer_expected", "nobody answers this by design",
           "Nothing to do: it is announced, not asked.", false},
    Remedy{"waiting", "waiting for an answer",
           "Nothing to do yet: the capture goes on, and an answer may still come.", false},
};

constexpr std::array notes{
    Remedy{"midstream", "its start is not in the capture",
           "Start capturing before the call begins.", false},
    Remedy{"capture_loss", "the capture missed some of its packets",
           "Capture with a larger buffer (tcpdump -B, dumpcap -B) or a filter for the clients.",
           false},
    Remedy{
        "mtu", "packets of full size are lost on this path",
        "Let ICMP \"fragmentation needed\" and \"packet too big\" through, or clamp the MSS to the "
        "path."},
    Remedy{"ttl_exceeded", "a router says that packets went around until their time was up",
           "Look for a routing loop between the clients and the destination."},
    Remedy{"interrupted", "the session worked and then went dead while the client kept sending",
           "Raise the firewall's session timeouts (UDP: above 60 s), and look for rate limits."},
    Remedy{"intercept_rejected", "the client mistrusts the certificate that answered",
           "TLS inspection is refused by the client: exempt the destination from it."},
    Remedy{"late_reset", "it was reset after data had flowed both ways",
           "Nothing to do: clients and servers end connections so.", false},
    Remedy{"injected_reset", "something on the path sent the reset in the server's name",
           "Look for the filter between client and server that sends resets."},
    Remedy{"icmp_in_servers_name", "something on the path sent an ICMP error in the server's name",
           "Look for the filter between client and server that sends ICMP errors."},
    Remedy{"never_arrived", "it left this host, and the far end never saw it",
           "Look at the way out: something between here and there drops it."},
    Remedy{"answer_lost", "the far end saw it and answered, and the answer never came back",
           "Look at the way back: the rule for answers, NAT, or a path that differs from the way "
           "out."},
    Remedy{"answered_in_its_place",
           "something on the path answered, and the far end never heard "
           "the question",
           "Look for TLS inspection, a transparent proxy or a captive portal, and exempt the "
           "destination."},
    Remedy{"certificate", "what answered has a certificate for this name",
           "Exempt the destination from TLS inspection if the name is your own device's."},
    Remedy{"tls_alert", "the TLS alert with this code was sent in answer",
           "Look the code up in RFC 8446, section 6.", false},
    Remedy{"http_status", "this HTTP status came in answer",
           "Allow the destination in the web filter."},
    Remedy{"proxy_status", "the proxy answered with this status",
           "Allow the destination and its port in the proxy."},
    Remedy{"not_a_proxy", "what was asked to connect further is no proxy",
           "Check the client's proxy setting."},
    Remedy{"proxy_challenge", "the proxy asked for a login, which then succeeded",
           "Nothing to do: that is how proxies ask.", false},
    Remedy{"stun_error", "the server answered with this STUN error: the path is open",
           "Nothing to do for 401 and 438, the usual challenge; else look at the server or the "
           "account.",
           false},
    Remedy{"icmp_prohibited", "the server itself says that the traffic is prohibited",
           "Look at the server's own firewall."},
    Remedy{"icmp_port_unreachable", "the server itself says that the port is closed",
           "Look at the server: nothing listens there."},
    Remedy{"icmp_unreachable", "the server itself says that it cannot be reached so",
           "Look at the server, not at the firewall."},
    Remedy{"reset", "the server itself reset the connection",
           "Look at the server, not at the firewall: nothing listens there, or it is too busy."},
    Remedy{"fin", "the server itself closed the connection without a word",
           "Look at the server or the account, not at the firewall."},
    Remedy{"http", "the server itself answered with this HTTP status",
           "Look at the server or the account, not at the firewall."},
    Remedy{"plain_text", "the server answered in plain text where TLS was spoken",
           "Check the client's port: something other than TLS listens there."},
    Remedy{"losing_address_family", "the same name was reached over the other address family",
           "Nothing to do: clients try both.", false},
    Remedy{"losing_ice_pair", "another pair of addresses of the same session was preferred",
           "Nothing to do: the session found a better way.", false},
    Remedy{"private_candidate", "an address of another site's private network was tried",
           "Nothing to do: nothing leads there.", false},
    Remedy{"failed_by", "this attempt failed, and others to the same place got through",
           "No policy explains that: look for overload, session limits and several paths."},
    Remedy{"died_outward", "its packets went into the firewall and never came out of it",
           "Open the port on the firewall between the two captures: nothing else dropped it."},
    Remedy{"died_inward", "the answers reached the firewall from outside and never came in",
           "Let the answers in on the firewall between the two captures: state, NAT and the rule "
           "for the way back."},
    Remedy{"died_later", "it passed the firewall at first, and then died in it",
           "Raise the firewall's session timeouts (UDP: above 60 s), and look for its rate limits "
           "and quotas."},
    Remedy{"answered_inside",
           "what refused stands between the two captures: nobody outside said so",
           "Look for the rule in the firewall between the two captures."},
    Remedy{"answered_between", "something between the two captures answered in the server's place",
           "Look for a portal, a proxy or an inspection between the two captures."},
    Remedy{"rebuilt", "something between the two captures ended it and opened it anew from there",
           "Exempt the destination from the proxy or the TLS inspection if the call fails."},
    Remedy{"left_firewall", "it came out of the firewall, and nothing came back from beyond",
           "Look at the server and the way beyond the firewall: the firewall let it out."},
    Remedy{"from_beyond",
           "what refused stands beyond the firewall: the answer came in from outside",
           "Look at the server and the way beyond the firewall: the firewall let both through."},
    Remedy{"zone_says_no", "the name's own zone says that it does not exist",
           "Nothing to do: no firewall made the name vanish.", false},
};

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

std::span<const Remedy> remedies(WordKind kind) noexcept {
    switch (kind) {
        case WordKind::block_reason:
            return block_reasons;
        case WordKind::inconclusive_reason:
            return inconclusive_reasons;
        case WordKind::note:
            return notes;
    }
    return {};
}

const Remedy* find_remedy(WordKind kind, std::string_view word) noexcept {
    const auto table = remedies(kind);
    const auto first_word =
        kind == WordKind::note ? word.substr(0, std::min(word.find(' '), word.size())) : word;
    const auto found = std::ranges::find(table, first_word, &Remedy::word);
    return found == table.end() ? nullptr : &*found;
}

std::string opening_advice(const BlockedRow& row) {
    const auto what = opening(row);
    const auto reason = row.reason;
    if (reason.starts_with("dns_")) {
        return fmt::format(
            "Let the resolver answer for {}, and open {}.",
            row.failed_name.empty() ? "its names" : base::from_network(row.failed_name), what);
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
    if (reason == "one_way" || row.transport == "udp") {
        return fmt::format("Open {}, answers included.", what);
    }
    return fmt::format("Open {}.", what);
}

}  // namespace turnpike::verdict
