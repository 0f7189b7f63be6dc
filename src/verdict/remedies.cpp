// The table of block reasons, inconclusive reasons, grades and notes: word, meaning and remedy.
#include "turnpike/verdict/remedies.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "turnpike/base/words.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {
namespace {

/// A value with its word and what the word means.
template <typename Enum>
struct Explained {
    Enum value;
    std::string_view text;
    Remedy remedy;
};
template <typename Enum>
Explained(Enum, std::string_view, Remedy) -> Explained<Enum>;

constexpr std::array block_reasons{
    Explained{BlockReason::none, "", {}},
    Explained{
        BlockReason::dns_nxdomain,
        "dns_nxdomain",
        {"the resolver says that the name does not exist",
         "Let the resolver answer for the name: take it off block lists and response policies."}},
    Explained{BlockReason::dns_refused,
              "dns_refused",
              {"the resolver refused or failed to answer for the name",
               "Look into the resolver's log: a policy refuses the name, or its forwarder fails."}},
    Explained{BlockReason::dns_timeout,
              "dns_timeout",
              {"the resolver never answered for the name",
               "Let the clients reach their resolver, and the resolver the Internet, on port 53."}},
    Explained{BlockReason::dns_sinkhole,
              "dns_sinkhole",
              {"the resolver gave a false address for the name",
               "Take the name off the resolver's block lists."}},
    Explained{BlockReason::tcp_timeout,
              "tcp_timeout",
              {"no answer to the connection attempt",
               "Open the port to the destination; the firewall drops it without a word."}},
    Explained{BlockReason::tcp_reset,
              "tcp_reset",
              {"the connection attempt was reset",
               "Open the port to the destination; something refuses it with a reset."}},
    Explained{BlockReason::icmp_prohibited,
              "icmp_prohibited",
              {"a device says that the traffic is prohibited",
               "Open the port on the device that said so: --explain names its address."}},
    Explained{BlockReason::icmp_unreachable,
              "icmp_unreachable",
              {"a device says that the destination cannot be reached",
               "Check the route on the device that said so (--explain names its address), then its "
               "rules."}},
    Explained{
        BlockReason::tls_timeout,
        "tls_timeout",
        {"connected, but silence after the ClientHello",
         "Exempt the destination from application filters: the port is open, and what is said on "
         "it is dropped."}},
    Explained{BlockReason::tls_reset,
              "tls_reset",
              {"connected, but cut off after the ClientHello",
               "Exempt the destination from filters by server name and from TLS inspection."}},
    Explained{
        BlockReason::payload_timeout,
        "payload_timeout",
        {"connected, but the first data was never acknowledged",
         "Exempt the destination from application filters: the port is open, and what is said on "
         "it is dropped."}},
    Explained{BlockReason::payload_reset,
              "payload_reset",
              {"connected, but cut off after the first data",
               "Exempt the destination from application filters, which do not know its protocol."}},
    Explained{
        BlockReason::tls_alert,
        "tls_alert",
        {"a fatal TLS alert in place of an answer",
         "Allow the server name in the web filter or the TLS inspection that sent the alert."}},
    Explained{BlockReason::tls_name_mismatch,
              "tls_name_mismatch",
              {"something answers with a certificate for another name",
               "Exempt the destination from TLS inspection."}},
    Explained{
        BlockReason::http_denied,
        "http_denied",
        {"an HTTP block page or a redirect in place of an answer",
         "Allow the destination in the web filter; log in first where a portal asks for it."}},
    Explained{
        BlockReason::proxy_denied,
        "proxy_denied",
        {"the proxy refused the connection", "Allow the destination and its port in the proxy."}},
    Explained{BlockReason::proxy_timeout,
              "proxy_timeout",
              {"the proxy never answered",
               "Let the proxy reach the destination, or let the clients pass it by."}},
    Explained{
        BlockReason::udp_timeout,
        "udp_timeout",
        {"nothing ever came back", "Open the UDP port to the destination, answers included."}},
    Explained{
        BlockReason::quic_timeout,
        "quic_timeout",
        {"no answer to the QUIC handshake",
         "Open UDP port 443 to the destination, answers included; without it clients fall back to "
         "TCP."}},
    Explained{
        BlockReason::one_way,
        "one_way",
        {"media flows in one direction only",
         "Let the answers back in: check the rule for the way back, NAT and gateways that rewrite "
         "addresses (SIP ALG)."}},
};
static_assert(base::in_order(block_reasons));

constexpr std::array inconclusive_reasons{
    Explained{InconclusiveReason::none, "", {}},
    Explained{InconclusiveReason::midstream,
              "midstream",
              {"its start is not in the capture", "Start capturing before the call begins."}},
    Explained{InconclusiveReason::capture_ended,
              "capture_ended",
              {"the capture ended before an answer could come",
               "Go on capturing for ten seconds after the call."}},
    Explained{InconclusiveReason::one_sided_capture,
              "one_sided_capture",
              {"only one direction is visible in the capture",
               "Mirror both directions of the clients' traffic."}},
    Explained{
        InconclusiveReason::capture_loss,
        "capture_loss",
        {"packets were lost while capturing, or there was no memory for them",
         "Capture with a larger buffer (tcpdump -B, dumpcap -B) or a filter for the clients; give "
         "more memory (--memory) where the report says so."}},
    Explained{InconclusiveReason::truncated,
              "truncated",
              {"the snap length cut what was needed", "Capture whole packets (tcpdump -s 0)."}},
    Explained{
        InconclusiveReason::server_refused,
        "server_refused",
        {"the server itself refused",
         "Look at the server or the account, not at the firewall: the packets got there and the "
         "answer came back."}},
    Explained{InconclusiveReason::intermittent,
              "intermittent",
              {"the same client got through to the same place within a minute",
               "No policy explains that: look for overload, session limits and several paths."}},
    Explained{InconclusiveReason::losing_candidate,
              "losing_candidate",
              {"another path of the same session was preferred",
               "Nothing to do: the session found a better way.", false}},
    Explained{InconclusiveReason::no_answer,
              "no_answer",
              {"it was asked once, or took what was sent, and kept silent",
               "Capture a longer call: one unanswered packet proves nothing."}},
    Explained{
        InconclusiveReason::no_answer_expected,
        "no_answer_expected",
        {"nobody answers this by design", "Nothing to do: it is announced, not asked.", false}},
    Explained{InconclusiveReason::waiting,
              "waiting",
              {"waiting for an answer",
               "Nothing to do yet: the capture goes on, and an answer may still come.", false}},
};
static_assert(base::in_order(inconclusive_reasons));

/// Its word in databases of earlier versions.
constexpr std::string_view earlier_midstream = "seen_midway";

constexpr std::array grades{
    Explained{Grade::none, "", {}},
    Explained{Grade::a, "A", {"confirmed: a device on the path showed itself", ""}},
    Explained{Grade::b, "B", {"probable: something of the same kind worked within a minute", ""}},
    Explained{Grade::c, "C", {"suspected: the server may as well be down", ""}},
};
static_assert(base::in_order(grades));

/// Notes are written with details, so they are words and no enumeration.
struct Note {
    std::string_view text;
    Remedy remedy;
};

constexpr std::array notes{
    Note{"midstream",
         {"its start is not in the capture", "Start capturing before the call begins.", false}},
    Note{"capture_loss",
         {"the capture missed some of its packets",
          "Capture with a larger buffer (tcpdump -B, dumpcap -B) or a filter for the clients.",
          false}},
    Note{"mtu",
         {"packets of full size are lost on this path",
          "Let ICMP \"fragmentation needed\" and \"packet too big\" through, or clamp the MSS to "
          "the "
          "path."}},
    Note{"ttl_exceeded",
         {"a router says that packets went around until their time was up",
          "Look for a routing loop between the clients and the destination."}},
    Note{"interrupted",
         {"the session worked and then went dead while the client kept sending",
          "Raise the firewall's session timeouts (UDP: above 60 s), and look for rate limits."}},
    Note{"intercept_rejected",
         {"the client mistrusts the certificate that answered",
          "TLS inspection is refused by the client: exempt the destination from it."}},
    Note{"late_reset",
         {"it was reset after data had flowed both ways",
          "Nothing to do: clients and servers end connections so.", false}},
    Note{"injected_reset",
         {"something on the path sent the reset in the server's name",
          "Look for the filter between client and server that sends resets."}},
    Note{"icmp_in_servers_name",
         {"something on the path sent an ICMP error in the server's name",
          "Look for the filter between client and server that sends ICMP errors."}},
    Note{"never_arrived",
         {"it left this host, and the far end never saw it",
          "Look at the way out: something between here and there drops it."}},
    Note{"answer_lost",
         {"the far end saw it and answered, and the answer never came back",
          "Look at the way back: the rule for answers, NAT, or a path that differs from the way "
          "out."}},
    Note{"answered_in_its_place",
         {"something on the path answered, and the far end never heard "
          "the question",
          "Look for TLS inspection, a transparent proxy or a captive portal, and exempt the "
          "destination."}},
    Note{"certificate",
         {"what answered has a certificate for this name",
          "Exempt the destination from TLS inspection if the name is your own device's."}},
    Note{"tls_alert",
         {"the TLS alert with this code was sent in answer",
          "Look the code up in RFC 8446, section 6.", false}},
    Note{"http_status",
         {"this HTTP status came in answer", "Allow the destination in the web filter."}},
    Note{"proxy_status",
         {"the proxy answered with this status",
          "Allow the destination and its port in the proxy."}},
    Note{"not_a_proxy",
         {"what was asked to connect further is no proxy", "Check the client's proxy setting."}},
    Note{"proxy_challenge",
         {"the proxy asked for a login, which then succeeded",
          "Nothing to do: that is how proxies ask.", false}},
    Note{"stun_error",
         {"the server answered with this STUN error: the path is open",
          "Nothing to do for 401 and 438, the usual challenge; else look at the server or the "
          "account.",
          false}},
    Note{"icmp_prohibited",
         {"the server itself says that the traffic is prohibited",
          "Look at the server's own firewall."}},
    Note{"icmp_port_unreachable",
         {"the server itself says that the port is closed",
          "Look at the server: nothing listens there."}},
    Note{"icmp_unreachable",
         {"the server itself says that it cannot be reached so",
          "Look at the server, not at the firewall."}},
    Note{"reset",
         {"the server itself reset the connection",
          "Look at the server, not at the firewall: nothing listens there, or it is too busy."}},
    Note{"fin",
         {"the server itself closed the connection without a word",
          "Look at the server or the account, not at the firewall."}},
    Note{"http",
         {"the server itself answered with this HTTP status",
          "Look at the server or the account, not at the firewall."}},
    Note{"socks",
         {"the proxy says that the server refused the connection (RFC 1928 6)",
          "Look at the server, not at the proxy: nothing listens there."}},
    Note{"plain_text",
         {"the server answered in plain text where TLS was spoken",
          "Check the client's port: something other than TLS listens there."}},
    Note{"losing_address_family",
         {"the same name was reached over the other address family",
          "Nothing to do: clients try both.", false}},
    Note{"losing_ice_pair",
         {"another pair of addresses of the same session was preferred",
          "Nothing to do: the session found a better way.", false}},
    Note{"private_candidate",
         {"an address of another site's private network was tried",
          "Nothing to do: nothing leads there.", false}},
    Note{"failed_by",
         {"this attempt failed, and others to the same place got through",
          "No policy explains that: look for overload, session limits and several paths."}},
    Note{"died_outward",
         {"its packets went into the firewall and never came out of it",
          "Open the port on the firewall between the two captures: nothing else dropped it."}},
    Note{"died_inward",
         {"the answers reached the firewall from outside and never came in",
          "Let the answers in on the firewall between the two captures: state, NAT and the rule "
          "for the way back."}},
    Note{"died_later",
         {"it passed the firewall at first, and then died in it",
          "Raise the firewall's session timeouts (UDP: above 60 s), and look for its rate limits "
          "and quotas."}},
    Note{"answered_inside",
         {"what refused stands between the two captures: nobody outside said so",
          "Look for the rule in the firewall between the two captures."}},
    Note{"answered_between",
         {"something between the two captures answered in the server's place",
          "Look for a portal, a proxy or an inspection between the two captures."}},
    Note{"rebuilt",
         {"something between the two captures ended it and opened it anew from there",
          "Exempt the destination from the proxy or the TLS inspection if the call fails."}},
    Note{"left_firewall",
         {"it came out of the firewall, and nothing came back from beyond",
          "Look at the server and the way beyond the firewall: the firewall let it out."}},
    Note{"from_beyond",
         {"what refused stands beyond the firewall: the answer came in from outside",
          "Look at the server and the way beyond the firewall: the firewall let both through."}},
    Note{"zone_says_no",
         {"the name's own zone says that it does not exist",
          "Nothing to do: no firewall made the name vanish.", false}},
};

template <typename Entry, std::size_t Size>
const Remedy* find(const std::array<Entry, Size>& table, std::string_view word) noexcept {
    const auto* const found = std::ranges::find(table, word, &Entry::text);
    return found == table.end() || word.empty() ? nullptr : &found->remedy;
}

}  // namespace

std::string_view to_string(BlockReason value) noexcept {
    return base::word_of(block_reasons, value);
}

std::string_view to_string(InconclusiveReason value) noexcept {
    return base::word_of(inconclusive_reasons, value);
}

std::string_view to_string(Grade value) noexcept {
    return base::word_of(grades, value);
}

const Remedy* find_remedy(WordKind kind, std::string_view word) noexcept {
    switch (kind) {
        case WordKind::block_reason:
            return find(block_reasons, word);
        case WordKind::inconclusive_reason:
            return find(inconclusive_reasons, word == earlier_midstream
                                                  ? to_string(InconclusiveReason::midstream)
                                                  : word);
        case WordKind::grade:
            return find(grades, word);
        case WordKind::note:
            return find(notes, word.substr(0, std::min(word.find(' '), word.size())));
    }
    return nullptr;
}

std::vector<std::string_view> words_with_remedies(WordKind kind) {
    switch (kind) {
        case WordKind::block_reason:
            return base::all_words<BlockReason>();
        case WordKind::inconclusive_reason: {
            auto words = base::all_words<InconclusiveReason>();
            words.insert(words.begin() + 1, earlier_midstream);
            return words;
        }
        case WordKind::grade:
            return base::all_words<Grade>();
        case WordKind::note:
            break;
    }
    std::vector<std::string_view> words;
    std::ranges::transform(notes, std::back_inserter(words), &Note::text);
    return words;
}

bool something_answered(std::string_view block_reason) noexcept {
    return block_reason == "one_way" || block_reason == "tls_alert" ||
           block_reason == "tls_name_mismatch";
}

}  // namespace turnpike::verdict
