// Finds the attempts that lost to another attempt of the same session, and takes back their
// blocks.
#include "verdict/rivals.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <ranges>
#include <string>
#include <tuple>

#include "verdict/attempts.h"
#include "verdict/flow_match.h"
#include "verdict/span_index.h"

namespace turnpike::verdict {
namespace {

using Kind = FlowMatch::Kind;

/// Families of one host name are tried together: RFC 8305 5 staggers them by a quarter of a second,
/// and what begins later is an attempt of its own.
constexpr base::Duration family_head_start = 3s;
/// Candidate pairs of one local port are checked together (RFC 8445 6.1.4).
constexpr base::Duration rivalry = 30s;
constexpr std::uint16_t type_aaaa = 28;  // RFC 3596 2.1
/// A winner that was seen with any link address.
constexpr std::uint64_t any_link = ~std::uint64_t{0};

void discount(FlowVerdict& verdict, const std::string& note) {
    set_inconclusive(verdict, InconclusiveReason::losing_candidate);
    verdict.discounted = true;
    add_note(verdict, note);
}

/// RFC 1918 and the like, other than the client's own network (its /24 or /64).
bool private_elsewhere(const facts::Flow& flow) {
    const auto& server = flow.server().address();
    const auto& client = flow.client().address();
    if (!server.is_private()) {
        return false;
    }
    if (server.version() != client.version()) {
        return true;
    }
    const std::size_t network_octets = server.is_v4() ? 3 : 8;
    return !std::ranges::equal(server.octets().first(network_octets),
                               client.octets().first(network_octets));
}

/// A relay is tried beside other relays, and a peer beside anything; a relay that fails beside a
/// peer that works has failed.
bool is_relay(const facts::Flow& flow) noexcept {
    return flow.stun->turn;
}

/// As the proxy said, or as the client took from it where the capture missed that.
bool was_let_through(const facts::Flow& flow) {
    const auto& proxy = *flow.rare->proxy;
    return proxy.established || (!proxy.response && flow.server_of(*flow.tcp).unseen > 0);
}

bool answers_checks(const facts::Flow& flow) noexcept {
    return flow.stun->ice && flow.server_of(*flow.stun).responses > 0;
}

class Rivals {
  public:
    Rivals(const CaptureContext& context, const attribute::FlowAttributions& attributions,
           const FlowVerdicts& verdicts)
        : flows_(context.observation.flows),
          digests_(context.digests),
          attributions_(attributions) {
        for (const auto& query : context.observation.dns) {
            if (query.answers_cut) {
                cut_answers_.insert(cut_answer(query.name, query.type == type_aaaa ? 6 : 4));
            }
        }
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (may_lose(verdicts[i])) {
                std::ignore = for_each_name(i, [&](std::string_view name) {
                    want(flows_[i], name);
                    return false;
                });
            }
        }
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            const bool passed = verdicts[i].outcome == Outcome::passed;
            if (passed) {
                add(i);
            }
            add_tunnel(i, passed);
        }
        by_name_.prepare();
        by_port_.prepare();
    }

    /// What could be a loser: silence, or an attempt that the client itself gave up.
    static bool may_lose(const FlowVerdict& verdict) noexcept {
        return is_silence(verdict) || verdict.inconclusive == InconclusiveReason::no_answer;
    }

    /// Why the attempt lost; null if it did not.
    [[nodiscard]] const char* reason(std::size_t loser) const {
        const auto& flow = flows_[loser];
        if (for_each_name(loser,
                          [&](std::string_view name) { return lost_by_family(flow, name); })) {
            return "losing_address_family";
        }
        if (lost_by_pair(flow) || lost_by_port(loser)) {
            return "losing_ice_pair";
        }
        if (flow.client_of(*flow.stun).requests > 0 && !is_relay(flow) && !is_named_server(loser) &&
            private_elsewhere(flow)) {
            return "private_candidate";
        }
        return nullptr;
    }

    /// Its address is one of the vendor's document, or a name of that leads there: no candidate.
    [[nodiscard]] bool is_named_server(std::size_t i) const {
        const auto& rules = attributions_[i]->rules;
        return std::ranges::any_of(rules, [](const attribute::Attribution& rule) {
            return rule.confidence <= attribute::Confidence::dns;
        });
    }

    /// The snap length cut the answer that tells the name's addresses of the other family, and the
    /// client reached one of that family at the same time whose name is not known.
    [[nodiscard]] bool winner_may_be_cut_off(std::size_t loser) const {
        const auto& flow = flows_[loser];
        const auto is_cut = [&](std::string_view name) {
            return cut_answers_.contains(cut_answer(name, other_family(flow)));
        };
        return !cut_answers_.empty() && for_each_name(loser, is_cut) && lost_by_family(flow, {});
    }

    /// A 407 that a success followed, on this connection or another, was only the challenge.
    [[nodiscard]] bool challenge_met(std::size_t loser) const {
        const auto& flow = flows_[loser];
        if (flow.rare->proxy->status != proxy_authentication_required) {
            return false;
        }
        const auto success = proxied_.find(FlowFingerprint{}(proxy_match(flow)));
        return success != proxied_.end() && success->second > flow.rare->proxy->request.number;
    }

  private:
    /// Every name that the attempt may have been for, until `visit` says that it is found.
    template <typename Visit>
    [[nodiscard]] bool for_each_name(std::size_t flow, Visit visit) const {
        const auto& attribution = *attributions_[flow];
        return (!attribution.server_name.empty() && visit(attribution.server_name)) ||
               std::ranges::any_of(
                   std::views::split(std::string_view(*attribution.other_names), ' '),
                   [&](auto name) { return visit(std::string_view(name)); });
    }
    static unsigned other_family(const facts::Flow& flow) noexcept {
        return flow.server().address().is_v4() ? 6 : 4;
    }
    /// Nobody can make two names that have the same.
    static std::uint64_t cut_answer(std::string_view name, unsigned version) {
        return base::KeyedTextHash{}(name) + version;
    }
    /// `name`: its part, see flow_match.h.
    static FlowMatch family_match(const facts::Flow& flow, std::uint64_t name, unsigned version,
                                  std::uint64_t link) {
        return {.kind = Kind::name_of_family,
                .transport = flow.transport,
                .port = flow.server().port(),
                .number = (link << 3U) | version,
                .text = name};
    }
    static FlowMatch port_match(const facts::Flow& flow, bool relay) {
        return {.kind = Kind::client_port,
                .transport = flow.transport,
                .port = flow.client().port(),
                .number = relay ? 1U : 0U,
                .client = part(flow.client().address())};
    }
    static FlowMatch proxy_match(const facts::Flow& flow) {
        return {.kind = Kind::client_host,
                .client = part(flow.client().address()),
                .text = part(flow.rare->proxy->target_host)};
    }

    void want(const facts::Flow& flow, std::string_view name) {
        if (name.empty()) {
            return;
        }
        const unsigned other = other_family(flow);
        const bool cut = !cut_answers_.empty() && cut_answers_.contains(cut_answer(name, other));
        const std::uint64_t own_link = flow.client().link_address;
        const std::uint64_t of_name = part(name);
        names_.insert(digest_of(name));
        if (cut) {
            names_.insert(0);
        }
        for (const std::uint64_t link : {own_link, std::uint64_t{0}, any_link}) {
            by_name_.want(family_match(flow, of_name, other, link));
            if (cut) {
                by_name_.want(family_match(flow, 0, other, link));
            }
        }
    }
    // Most flows are none of these, which their digests say.
    void add(std::size_t i) {
        const FlowDigest& digest = digests_[i];
        const auto& flow = flows_[i];
        if (names_.contains(digest.name)) {
            add_name(flow, attributions_[i]->server_name);
        }
        if (digest.of_session && carries_call(flow)) {
            add_port(port_match(flow, false), flow);
        }
        if (digest.of_session && is_relay(flow) && (carries_call(flow) || answers_checks(flow))) {
            add_port(port_match(flow, true), flow);
        }
        if (digest.ice && (!is_relay(flow) || carries_call(flow))) {
            if (const auto key = session_key(flow); !key.empty()) {
                sessions_.insert(base::KeyedTextHash{}(key));
            }
        }
    }
    // The proxy let it through, whatever became of it inside; its word may not be in the capture.
    void add_tunnel(std::size_t i, bool passed) {
        if (digests_[i].through_proxy && (passed || was_let_through(flows_[i]))) {
            auto& latest = proxied_[FlowFingerprint{}(proxy_match(flows_[i]))];
            latest = std::max(latest, flows_[i].rare->proxy->request.number);
        }
    }

    void add_name(const facts::Flow& flow, std::string_view name) {
        const auto begin = flow.first_seen();
        const unsigned version = flow.server().address().version();
        const std::uint64_t own_link = flow.client().link_address;
        for (const std::uint64_t link : {own_link, any_link}) {
            by_name_.add(family_match(flow, part(name), version, link), begin, begin, 0, 0);
        }
    }

    // Calls are few beside flows that nobody answered: whoever lost looks for them.
    void add_port(const FlowMatch& match, const facts::Flow& flow) {
        by_port_.want(match);
        by_port_.add(match, flow.first_seen(), worked_until(flow), 0, 0);
    }

    /// `name`: of the winner; empty for flows whose name is not known.
    [[nodiscard]] bool lost_by_family(const facts::Flow& flow, std::string_view name) const {
        const unsigned other = other_family(flow);
        const auto begin = flow.first_seen();
        const std::uint64_t of_name = part(name);
        const auto won = [&](std::uint64_t link) {
            return by_name_
                .find(family_match(flow, of_name, other, link), begin - family_head_start,
                      begin + family_head_start)
                .has_value();
        };
        const auto link = flow.client().link_address;
        return link == 0 ? won(any_link) : won(link) || won(0);
    }
    [[nodiscard]] bool lost_by_pair(const facts::Flow& flow) const {
        const auto key = session_key(flow);
        return !key.empty() && sessions_.contains(base::KeyedTextHash{}(key));
    }
    [[nodiscard]] bool lost_by_port(std::size_t i) const {
        const auto& flow = flows_[i];
        return digests_[i].of_session &&
               by_port_
                   .find(port_match(flow, is_relay(flow)), flow.first_seen() - rivalry,
                         flow.last_seen() + rivalry)
                   .has_value();
    }

    const facts::Rows<facts::Flow>& flows_;
    const FlowDigests& digests_;
    const attribute::FlowAttributions& attributions_;
    // Those that won.
    FlowIndex by_name_;
    FlowIndex by_port_;
    DigestSet names_;                                       ///< of losers
    boost::unordered_flat_set<std::uint64_t> sessions_;     ///< by hash
    boost::unordered_flat_set<std::uint64_t> cut_answers_;  ///< see `cut_answer`
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> proxied_;
};

}  // namespace

bool carries_call(const facts::Flow& flow) noexcept {
    constexpr std::uint64_t more_than_checks = 2;
    const auto& media = flow.media->ends;
    const auto both = [&media](std::uint64_t facts::MediaEnd::* count) {
        return media[0].*count > 0 && media[1].*count > 0;
    };
    const auto& server = flow.server_of(*flow.stun);
    return both(&facts::MediaEnd::rtp_packets) || both(&facts::MediaEnd::rtcp_packets) ||
           both(&facts::MediaEnd::dtls_data) || flow.rare->dtls->server_hello ||
           (!is_relay(flow) && answers_checks(flow)) || server.relayed_data > 0 ||
           (flow.protocol != facts::Protocol::stun && flow.protocol != facts::Protocol::turn &&
            flow.client().payload_packets >= more_than_checks &&
            flow.server().payload_packets >= more_than_checks);
}

void discount_losers(const CaptureContext& context, const attribute::FlowAttributions& attributions,
                     FlowVerdicts& verdicts, const Ledger* past) {
    const Rivals rivals(context, attributions, verdicts);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const char* reason = Rivals::may_lose(verdicts[i]) ? rivals.reason(i) : nullptr;
        if (reason != nullptr) {
            discount(verdicts[i], reason);
        } else if (is_silence(verdicts[i]) && rivals.winner_may_be_cut_off(i)) {
            set_inconclusive(verdicts[i], InconclusiveReason::truncated);
        } else if (verdicts[i].reason == BlockReason::proxy_denied && rivals.challenge_met(i)) {
            discount(verdicts[i], "proxy_challenge");
        } else if (const auto* before =
                       past != nullptr && (Rivals::may_lose(verdicts[i]) ||
                                           verdicts[i].reason == BlockReason::proxy_denied)
                           ? past->remembered(context.observation.flows[i].id)
                           : nullptr;
                   before != nullptr && !before->lost_as.empty()) {
            discount(verdicts[i], before->lost_as);
        }
    }
}

}  // namespace turnpike::verdict
