// What only the rule can tell: whether one direction is enough, whose certificate is right, and
// whether an HTTP answer is the vendor's.
#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/text.h"
#include "verdict/judgement.h"
#include "verdict/one_way.h"

namespace turnpike::verdict {
namespace {

/// RFC 6125 6.4: "*" stands for exactly one label, leftmost only.
bool certificate_covers(std::string_view pattern, std::string_view name) {
    if (pattern.starts_with("*.")) {
        const auto dot = name.find('.');
        return dot != std::string_view::npos &&
               base::equals_ignoring_case(pattern.substr(2), name.substr(dot + 1));
    }
    return base::equals_ignoring_case(pattern, name);
}

/// The certificate speaks for the name that was asked for or for something the rule covers.
bool certificate_fits(const facts::Flow& flow, const Attribution& attribution) {
    const auto& names = flow.tls->certificate->names;
    return std::ranges::any_of(names, [&](const std::string& raw) {
        const auto name = base::to_lower(raw);
        if (certificate_covers(name, *flow.server_name) ||
            certificate_covers(name, attribution.name)) {
            return true;
        }
        // "*.example.com" in a certificate stands for any host there; ask the rule about one of
        // them.
        const auto host = name.starts_with("*.") ? "any-host" + name.substr(1) : name;
        return std::ranges::any_of(
            attribution.rule->destinations.names,
            [&host](const catalog::NamePattern& pattern) { return pattern.matches(host); });
    });
}

void check_certificate(const facts::Flow& flow, const Attribution& attribution,
                       FlowVerdict& verdict) {
    const auto& tls = *flow.tls;
    const bool by_name = !attribution.name.empty() && !attribution.rule->destinations.names.empty();
    if (!tls.certificate->at || tls.certificate->names.empty() || !by_name ||
        certificate_fits(flow, attribution)) {
        return;
    }
    auto notes = std::move(verdict.notes);
    verdict = blocked(BlockReason::tls_name_mismatch, Stage::tls,
                      {tls.client_hello, tls.certificate->at});
    verdict.notes = std::move(notes);
    add_note(verdict, "certificate " + tls.certificate->names.front());
}

/// What answers in a connection that the capture shows from its middle may not be the first answer.
void check_http(const facts::Flow& flow, const Attribution& attribution, FlowVerdict& verdict) {
    const auto& http = *flow.rare->http;
    const bool seen_whole = http.request && http.response && !flow.tcp->midstream;
    const std::string_view asked = http.host.empty() ? attribution.name : http.host;
    if (seen_whole && !flow.rare->proxy->request && denies(http, asked, attribution.rule)) {
        verdict = denied(http, http.request);
    }
}

/// Packets of a simplex rule's direction are all that it promises.
void accept_simplex(const facts::Flow& flow, FlowVerdict& verdict) {
    if (verdict.outcome == Outcome::passed) {
        return;
    }
    verdict = passed();
    add_evidence(verdict, flow.client().first);
    add_evidence(verdict, flow.server().first);
}

/// The direction that a simplex rule demands was seen.
bool simplex_direction_seen(const facts::Flow& flow, const Attribution& attribution) {
    const bool inbound = attribution.rule->direction == catalog::RuleDirection::inbound;
    const bool port_at_client = !attribution.port->covers(flow.server().port());
    if (inbound) {
        return port_at_client ? flow.server().packets > 0 : flow.client().packets > 0;
    }
    return flow.client().packets > 0;
}

}  // namespace

void refine_by_rule(const facts::Flow& flow, const Attribution& attribution,
                    const CaptureContext& context, FlowVerdict& verdict) {
    if (attribution.rule->duplex == catalog::Duplex::simplex) {
        if (simplex_direction_seen(flow, attribution) && refusing_icmp(flow, context) == nullptr) {
            accept_simplex(flow, verdict);
        }
        return;
    }
    if (verdict.outcome != Outcome::passed) {
        return;
    }
    check_certificate(flow, attribution, verdict);
    if (verdict.outcome == Outcome::passed) {
        check_http(flow, attribution, verdict);
    }
    if (verdict.outcome == Outcome::passed) {
        check_one_way(flow, context, verdict);
    }
}

}  // namespace turnpike::verdict
