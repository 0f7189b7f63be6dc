// Writes the warnings of a run: loss, one direction only, hidden names and the like.
#include "verdict/warnings.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "turnpike/base/text.h"
#include "turnpike/facts/given_up.h"

namespace turnpike::verdict {
namespace {

/// Public resolvers' names that stand in ClientHellos of DNS over HTTPS (RFC 8484).
constexpr std::array<std::string_view, 10> doh_names{
    "dns.google",
    "cloudflare-dns.com",
    "mozilla.cloudflare-dns.com",
    "chrome.cloudflare-dns.com",
    "one.one.one.one",
    "dns.quad9.net",
    "doh.opendns.com",
    "dns.nextdns.io",
    "dns.adguard-dns.com",
    "doh.cleanbrowsing.org",
};

bool hides_names(const facts::Flow& flow) {
    if (flow.encrypted_dns) {
        return true;
    }
    if (!flow.server_name.present()) {
        return false;
    }
    const auto name = base::to_lower(*flow.server_name);
    return std::ranges::find(doh_names, name) != doh_names.end();
}

}  // namespace

std::vector<std::string> warnings(const facts::Observation& observation,
                                  const Visibility& visibility) {
    std::vector<std::string> list;
    const auto& quality = observation.quality;
    if (visibility.any_one_sided()) {
        list.emplace_back(
            "ONE-SIDED CAPTURE: only one direction of some clients' traffic is visible; nothing "
            "that "
            "seems unanswered there can be called blocked. Mirror both directions.");
    }
    if (!visibility.any_one_sided() && visibility.any_flow_one_sided()) {
        list.emplace_back(
            "Of some flows only one direction is visible (asymmetric routing?); nothing is claimed "
            "about those.");
    }
    if (visibility.lossy()) {
        list.push_back(fmt::format(
            "LOSS: {} of {} packets were dropped while capturing; silence proves nothing here.",
            quality.dropped, quality.packets + quality.dropped));
    } else if (quality.dropped > 0) {
        list.push_back(fmt::format("{} packets were dropped while capturing.", quality.dropped));
    }
    const auto given_up = facts::given_up(quality);
    if (given_up.flows > 0 || given_up.rows > 0) {
        const auto rows = given_up.rows == 0
                              ? std::string()
                              : fmt::format(" and {} other rows (names, answers)", given_up.rows);
        list.push_back(fmt::format(
            "{} flows{}, of no vendor as far as could be seen, were given up to stay within the "
            "memory bound; more of it is --memory.",
            given_up.flows, rows));
    }
    if (given_up.packets_without_room > 0) {
        list.push_back(fmt::format(
            "NO ROOM: {} packets began flows, questions or answers that were not kept, for there "
            "was no memory left; what of these vendors is missing here may have been seen. Give "
            "more (--memory), or fewer files at a time.",
            given_up.packets_without_room));
    }
    if (quality.backward_steps > 0) {
        list.push_back(quality.backward_steps == 1
                           ? "The capture's clock stepped back once."
                           : fmt::format("The capture's clock stepped back {} times.",
                                         quality.backward_steps));
    }
    if (quality.cut > 0) {
        list.push_back(fmt::format(
            "{} cut by the snap length; capture whole packets to see names and answers.",
            quality.cut == 1 ? std::string("1 packet was")
                             : fmt::format("{} packets were", quality.cut)));
    }
    const auto hidden = std::ranges::count_if(observation.flows, hides_names);
    if (hidden > 0) {
        list.push_back(fmt::format(
            "{} encrypted DNS: names behind {} are hidden, and flows without a name of "
            "their own may stay unattributed.",
            hidden == 1 ? std::string("1 flow carries") : fmt::format("{} flows carry", hidden),
            hidden == 1 ? "it" : "them"));
    }
    if (quality.cut_off) {
        list.emplace_back(
            "The capture ends in the middle of a record; it was analysed up to there.");
    }
    return list;
}

}  // namespace turnpike::verdict
