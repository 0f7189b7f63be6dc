// Finds the answers and the sessions that the attributions of kept flows rest on.
#include "gather/grounds.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "turnpike/base/address_map.h"
#include "turnpike/base/keyed_hash.h"

namespace turnpike::gather {
namespace {

using namespace std::chrono_literals;
using attribute::Confidence;

constexpr base::Duration afterlife = 120s;  // of a session, as attribution by context counts it

/// A flow whose attribution rests on another one.
struct Need {
    std::string_view vendor;
    base::Timestamp when;
    bool whenever = false;  ///< support for a shared name has no time
};

/// What is not met yet, by the client's address and by its link address: a host may signal over the
/// other version of IP.
class Needs {
  public:
    Needs(const facts::Observation& observation, const verdict::RunResult& result,
          const std::vector<bool>& kept)
        : observation_(observation), result_(result) {
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const auto& rules = result.flows[i].attribution->rules;
            if (kept[i] && !rules.empty() &&
                (rules.front().shared || rules.front().confidence == Confidence::context)) {
                add(observation.flows[i], rules.front());
            }
        }
    }
    [[nodiscard]] bool empty() const noexcept { return by_client_.empty() && by_link_.empty(); }
    /// Whether the flow meets a need, which is then none any more.
    bool met_by(std::size_t i, bool other_address) {
        if (!proves_vendor(result_.flows[i].attribution->rules)) {
            return false;
        }
        const auto& flow = observation_.flows[i];
        return other_address ? take(by_link_, flow.client().link_address, i)
                             : take(by_client_, flow.client().address(), i);
    }

  private:
    void add(const facts::Flow& flow, const attribute::Attribution& rule) {
        const Need need{rule.revision->vendor, flow.first_seen(), rule.shared};
        by_client_[flow.client().address()].push_back(need);
        if (rule.rule->direction == catalog::RuleDirection::inbound) {
            by_client_[flow.server().address()].push_back(need);
        }
        if (flow.client().link_address != 0) {
            by_link_[flow.client().link_address].push_back(need);
        }
    }
    bool take(auto& needs, const auto& key, std::size_t i) {
        const auto found = needs.find(key);
        if (found == needs.end()) {
            return false;
        }
        const auto met =
            std::erase_if(found->second, [this, i](const Need& need) { return meets(i, need); });
        if (found->second.empty()) {
            needs.erase(found);
        }
        return met > 0;
    }
    [[nodiscard]] bool meets(std::size_t i, const Need& need) const {
        const auto& flow = observation_.flows[i];
        const auto& verdict = result_.flows[i];
        return verdict.attribution->rules.front().revision->vendor == need.vendor &&
               (need.whenever ||
                (verdict.outcome == verdict::Outcome::passed && flow.first_seen() <= need.when &&
                 need.when <= flow.last_seen() + afterlife));
    }

    const facts::Observation& observation_;
    const verdict::RunResult& result_;
    base::AddressMap<std::vector<Need>> by_client_;
    boost::unordered_flat_map<std::uint64_t, std::vector<Need>, base::KeyedNumberHash> by_link_;
};

}  // namespace

void keep_sessions(const facts::Observation& observation, const verdict::RunResult& result,
                   std::vector<bool>& kept) {
    Needs needs(observation, result, kept);
    const auto look_for = [&](bool among_kept, bool other_address) {
        for (std::size_t i = kept.size(); i-- > 0 && !needs.empty();) {
            if (kept[i] == among_kept && needs.met_by(i, other_address)) {
                kept[i] = true;
            }
        }
    };
    for (const bool other_address : {false, true}) {
        look_for(true, other_address);
        look_for(false, other_address);
    }
}

NamingAnswers::NamingAnswers(const facts::Observation& observation,
                             const verdict::RunResult& result, const std::vector<bool>& kept) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto& verdict = result.flows[i];
        const auto by_dns = [](const attribute::Attribution& attribution) {
            return attribution.confidence == Confidence::dns;
        };
        if (kept[i] && (verdict.attribution->server_name_source == facts::NameSource::dns ||
                        std::ranges::any_of(verdict.attribution->rules, by_dns))) {
            const auto& flow = observation.flows[i];
            const bool any_client = std::ranges::any_of(verdict.attribution->rules,
                                                        &attribute::Attribution::other_client);
            by_server_[flow.server().address()].push_back(
                {flow.client().address(), any_client, flow.first_seen()});
        }
    }
}

bool NamingAnswers::include(const facts::DnsQuery& query, base::Duration valid) const {
    if (by_server_.empty() || !query.response) {
        return false;
    }
    const auto from = query.response.time;
    return std::ranges::any_of(query.answers, [&](const facts::DnsAnswer& answer) {
        const auto flows = by_server_.find(answer.address);
        return flows != by_server_.end() &&
               std::ranges::any_of(flows->second, [&](const Beginning& began) {
                   return (began.any_client || began.client == query.client) &&
                          from <= began.time && began.time <= from + valid;
               });
    });
}

}  // namespace turnpike::gather
