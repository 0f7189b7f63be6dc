// HTTP answers that forbid in somebody's place: block pages.
#include <fmt/core.h>

#include "turnpike/base/text.h"
#include "turnpike/catalog/registrable_domain.h"
#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

/// The host of an absolute URL, lower case; empty for a path.
std::string host_of(std::string_view location) {
    const auto scheme = location.find("://");
    if (scheme == std::string_view::npos) {
        return {};
    }
    const auto host = location.substr(scheme + 3);
    return base::to_lower(host.substr(0, host.find_first_of(":/?#")));
}

std::string site_of(const std::string& host) {
    auto site = catalog::registrable_domain(host);
    return site.empty() ? host : site;
}

}  // namespace

bool denies(const facts::HttpFacts& http, std::string_view asked) {
    if (!http.response) {
        return false;
    }
    // RFC 9110 15.5.4, RFC 7725 3, RFC 6585 6.
    if (http.status == 403 || http.status == 451 || http.status == 511) {
        return true;
    }
    const auto target = host_of(http.location);
    return http.status >= 300 && http.status < 400 && !target.empty() &&
           site_of(target) != site_of(base::to_lower(asked));
}

FlowVerdict denied(const facts::HttpFacts& http, const facts::PacketMark& question) {
    FlowVerdict verdict =
        blocked(BlockReason::http_denied, Stage::http, {question, http.response});
    verdict.grade = Grade::a;  // the block page itself says so
    add_note(verdict, fmt::format("http_status {}", http.status));
    return verdict;
}

}  // namespace turnpike::verdict
