// HTTP answers that forbid in somebody's place: block pages.
#include <fmt/core.h>

#include <algorithm>

#include "turnpike/base/text.h"
#include "turnpike/catalog/registrable_domain.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

/// The host of an authority (RFC 3986 3.2): lower case, without user, port and the root's dot.
std::string host_in(std::string_view authority) {
    if (const auto user = authority.find('@'); user != std::string_view::npos) {
        authority.remove_prefix(user + 1);
    }
    const bool bracketed = authority.starts_with('[');
    auto host = bracketed ? authority.substr(1, authority.find(']') - 1)
                          : authority.substr(0, authority.find(':'));
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return base::to_lower(host);
}

/// The host that a URL reference leads to (RFC 3986 4.2); empty for one that stays at its host.
std::string host_of(std::string_view location) {
    const auto slashes = location.find("//");
    if (slashes == std::string_view::npos) {
        return {};
    }
    const auto scheme = location.substr(0, slashes);
    if (!scheme.empty() &&
        (!scheme.ends_with(':') || scheme.find_first_of("/?#") != std::string_view::npos)) {
        return {};
    }
    const auto rest = location.substr(slashes + 2);
    return host_in(rest.substr(0, rest.find_first_of("/?#\\")));
}

std::string site_of(const std::string& host) {
    auto site = catalog::registrable_domain(host);
    return site.empty() ? host : site;
}

bool has_name(const catalog::Rule& rule, const std::string& host) {
    return std::ranges::any_of(rule.destinations.names, [&host](const auto& pattern) {
        return !pattern.shared && pattern.matches(host);
    });
}

/// Where nobody named a site, no redirect stays with it, but for the vendor's own. An address has
/// no site: what its server calls itself may be the right name.
bool leads_away(const facts::HttpFacts& http, std::string_view asked, const catalog::Rule* rule) {
    const auto target = host_of(http.location);
    const auto host = host_in(asked);
    if (target.empty() || target == host) {
        return false;
    }
    const bool unnamed = base::IpAddress::parse(host) || (host.empty() && rule != nullptr);
    if (unnamed && !base::IpAddress::parse(target)) {
        return false;
    }
    return site_of(target) != site_of(host) && (rule == nullptr || !has_name(*rule, target));
}

}  // namespace

bool denies(const facts::HttpFacts& http, std::string_view asked, const catalog::Rule* rule) {
    if (!http.response) {
        return false;
    }
    // RFC 9110 15.5.4, RFC 7725 3, RFC 6585 6.
    if (http.status == 403 || http.status == 451 || http.status == 511) {
        return true;
    }
    return http.status >= 300 && http.status < 400 && leads_away(http, asked, rule);
}

FlowVerdict denied(const facts::HttpFacts& http, const facts::PacketMark& question) {
    FlowVerdict verdict = blocked(BlockReason::http_denied, Stage::http, {question, http.response});
    verdict.grade = Grade::a;  // the block page itself says so
    add_note(verdict, fmt::format("http_status {}", http.status));
    return verdict;
}

}  // namespace turnpike::verdict
