#include "verdict/rivals.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace turnpike::verdict {
namespace {

/// Rivals start together: RFC 8305 staggers families by a quarter of a second and gives up within
/// seconds.
constexpr base::Duration rivalry = 30s;

void discount(FlowVerdict& verdict, const char* note) {
    verdict.outcome = Outcome::inconclusive;
    verdict.inconclusive = InconclusiveReason::losing_candidate;
    verdict.reason = BlockReason::none;
    verdict.stage = Stage::none;
    verdict.grade = Grade::none;
    verdict.discounted = true;
    add_note(verdict, note);
}

bool close_in_time(const facts::Flow& a, const facts::Flow& b) {
    const auto apart = a.first_seen() - b.first_seen();
    return std::chrono::abs(apart) <= rivalry;
}

/// RFC 1918 and the like, other than the client's own network (its /24 or /64).
bool private_elsewhere(const facts::Flow& flow) {
    const auto& server = flow.server.address;
    const auto& client = flow.client.address;
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

using Key = std::string;

/// What makes flows rivals: one name over several families, or one ICE session over several pairs.
Key name_key(const facts::Flow& flow, const attribute::FlowAttribution& attribution) {
    if (attribution.server_name.empty()) {
        return {};
    }
    return fmt::format("{}/{}/{}", attribution.server_name, flow.server.port,
                       facts::to_string(flow.transport));
}

Key session_key(const facts::Flow& flow) {
    if (!flow.stun->ice || flow.stun->local_ufrag.empty()) {
        return {};
    }
    const auto& [first, second] = std::minmax(flow.stun->local_ufrag, flow.stun->remote_ufrag);
    return first + ':' + second;
}

class Rivals {
  public:
    Rivals(const facts::Observation& observation,
           const std::vector<attribute::FlowAttribution>& attributions,
           const std::vector<FlowVerdict>& verdicts)
        : observation_(observation), attributions_(attributions) {
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (verdicts[i].outcome != Outcome::passed) {
                continue;
            }
            const auto& flow = observation.flows[i];
            if (auto key = name_key(flow, attributions[i]); !key.empty()) {
                winners_by_name_[std::move(key)].push_back(i);
            }
            if (auto key = session_key(flow); !key.empty()) {
                winners_by_session_[std::move(key)].push_back(i);
            }
            if (flow.proxy->established) {
                proxied_.push_back(i);
            }
        }
    }

    [[nodiscard]] bool lost_by_family(std::size_t loser) const {
        const auto winners =
            winners_by_name_.find(name_key(observation_.flows[loser], attributions_[loser]));
        return winners != winners_by_name_.end() &&
               std::ranges::any_of(winners->second, [&](std::size_t winner) {
                   return is_other_family(winner, loser);
               });
    }

    [[nodiscard]] bool lost_by_pair(std::size_t loser) const {
        const auto key = session_key(observation_.flows[loser]);
        return !key.empty() && winners_by_session_.contains(key);
    }

    /// A 407 that a success followed, on this connection or another, was only the challenge.
    [[nodiscard]] bool challenge_met(std::size_t loser) const {
        const auto& flow = observation_.flows[loser];
        constexpr std::uint16_t proxy_authentication_required = 407;  // RFC 9110 15.5.8
        return flow.proxy->status == proxy_authentication_required &&
               std::ranges::any_of(proxied_, [&](std::size_t other) {
                   const auto& success = observation_.flows[other];
                   return success.client.address == flow.client.address &&
                          success.proxy->target_host == flow.proxy->target_host &&
                          success.proxy->request.number > flow.proxy->request.number;
               });
    }

  private:
    [[nodiscard]] bool is_other_family(std::size_t winner, std::size_t loser) const {
        const auto& won = observation_.flows[winner];
        const auto& lost = observation_.flows[loser];
        const bool same_host = won.client_link_address == lost.client_link_address ||
                               won.client_link_address == 0 || lost.client_link_address == 0;
        return won.server.address.version() != lost.server.address.version() && same_host &&
               close_in_time(won, lost);
    }

    const facts::Observation& observation_;
    const std::vector<attribute::FlowAttribution>& attributions_;
    std::unordered_map<Key, std::vector<std::size_t>> winners_by_name_;
    std::unordered_map<Key, std::vector<std::size_t>> winners_by_session_;
    std::vector<std::size_t> proxied_;
};

}  // namespace

void discount_losers(const facts::Observation& observation,
                     const std::vector<attribute::FlowAttribution>& attributions,
                     std::vector<FlowVerdict>& verdicts) {
    const Rivals rivals(observation, attributions, verdicts);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const auto& flow = observation.flows[i];
        if (verdicts[i].outcome != Outcome::blocked) {
            continue;
        }
        if (rivals.lost_by_family(i)) {
            discount(verdicts[i], "losing_address_family");
        } else if (rivals.lost_by_pair(i)) {
            discount(verdicts[i], "losing_ice_pair");
        } else if (flow.stun->ice && private_elsewhere(flow)) {
            discount(verdicts[i], "private_candidate");
        } else if (rivals.challenge_met(i)) {
            discount(verdicts[i], "proxy_challenge");
        }
    }
}

}  // namespace turnpike::verdict
