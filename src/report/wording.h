// The sentences of the reports: the same in text, Markdown and HTML. All are safe to show.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/summary.h"

namespace turnpike::report {

/// "the resolver says that the name does not exist" for "dns_nxdomain".
std::string_view reason_words(std::string_view block_reason) noexcept;
/// "the capture ended before the answer could come" for "capture_ended".
std::string_view inconclusive_words(std::string_view reason) noexcept;
/// "confirmed: a device on the path said so" for "A". A block of grade C may be the server's doing,
/// which is not down where something answered.
std::string_view grade_words(std::string_view grade, std::string_view block_reason) noexcept;

/// "192.0.2.1:443", "[2001:db8::1]:443".
std::string endpoint_text(const std::string& address, std::int64_t port);
/// "udp 10000-60000".
std::string port_text(const store::RequirementRow& row);
/// The destinations, cut to a readable number; the database and the catalog have them all.
std::string destination_text(const store::RequirementRow& row);
/// "turn-udp: Media relay over UDP (optional)", with level and condition where they are not
/// "required".
std::string purpose_text(const store::RequirementRow& row);
/// "observed, 3 of 9 attempts blocked"; "blocked: no answer to the packets (udp_timeout) ..."
std::string status_text(const RequirementSummary& requirement);
/// What the status rests on, one sentence a flow or query.
std::vector<std::string> evidence_texts(const RequirementSummary& requirement);
/// What to open, in one imperative sentence; empty unless blocked.
std::string open_text(const RequirementSummary& requirement);
/// That, and what to do about what its flows met; what is most needed first.
std::vector<std::string> advice_texts(const RequirementSummary& requirement);
/// "12 flows, udp 443 udp_timeout: 192.168.1.10 > x.example (flow 4), nothing ever came back".
std::string blocked_text(const store::BlockedGroup& group);
/// "name x.example: the resolver says ... (dns_nxdomain)".
std::string blocked_name_text(const BlockedName& name);
/// A line for each kind of block, the most frequent first, names behind; of very many the first
/// hundred.
std::vector<std::string> blocked_texts(const Summary& summary);
/// "9 more rows saw no traffic (--all shows them)"; "9 rows ..." if there are no others.
std::string unmatched_text(std::uint64_t unmatched, bool alone);
/// "3 rows saw no traffic because the addresses of the vendor's feed are not loaded: ..."; empty
/// without such rows.
std::string feed_text(const ProductSummary& product);
/// "undocumented port: udp 4443 to x.example (2 flows, 1 passed; flow 6, packets 60,61)".
std::string stray_text(const StraySummary& stray);
/// "*.example.com (rule signalling): the resolver says ... (dns_nxdomain); asked for: ...".
std::string failed_name_text(const store::DomainRow& row);
/// "2 blocked, 1 inconclusive, 3 observed, 1 unmatched"; without those that are zero.
std::string counts_text(const StatusCounts& counts);
/// "Cannot be allow-listed ...; use ... instead"; empty where it can.
std::string allow_list_text(const store::ProductRow& row);

/// "2026-11-21 09:05:00 to 09:06:01 UTC", "no packets" without any,
/// "no packets counted yet" if the run has not ended either.
std::string span_text(const store::RunRow& run);
/// "1,000 packets, 123.5 kB, 7 flows: 4 passed, 2 blocked, 1 inconclusive".
std::string volume_text(const store::RunRow& run);
/// How far the capture can be trusted: warnings first, then figures. Never empty.
std::vector<std::string> trust_texts(const Summary& summary);
/// "No traffic of other/phone, ... was seen: nothing is claimed about them"; empty without any.
std::string unseen_text(const std::vector<store::ProductRow>& unseen, std::size_t columns);

}  // namespace turnpike::report
