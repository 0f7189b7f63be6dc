// Attribution by what goes on around a flow: peer-to-peer media and relays that no document can
// name.
#include <algorithm>
#include <array>

#include "attribute/contest.h"
#include "attribute/sessions.h"
#include "turnpike/attribute/attributor.h"

namespace turnpike::attribute {
namespace {

/// The protocol itself must speak for the rule: silence and unknown octets support nothing, and a
/// plain Binding request to a STUN server is no call.
bool supports(const facts::Flow& flow, const catalog::Rule& rule) noexcept {
    if (flow.protocol == facts::Protocol::unknown) {
        return std::ranges::find(rule.expects, catalog::Expectation::vendor) != rule.expects.end();
    }
    const bool plain_binding = flow.protocol == facts::Protocol::stun && !flow.stun->ice;
    return !rule.expects.empty() && !plain_binding && protocol_fits(rule, flow);
}

/// Services of the network itself belong to no vendor's call.
bool is_network_service(const facts::Flow& flow) noexcept {
    switch (flow.protocol) {
        case facts::Protocol::dns:
        case facts::Protocol::dot:
        case facts::Protocol::doq:
        case facts::Protocol::ntp:
        case facts::Protocol::dhcp:
        case facts::Protocol::mdns:
        case facts::Protocol::llmnr:
        case facts::Protocol::ssdp:
        case facts::Protocol::netbios:
        case facts::Protocol::snmp:
            return true;
        default:
            break;
    }
    constexpr std::array<std::uint16_t, 4> service_ports{53, 67, 68, 123};  // DNS, DHCP, NTP
    return std::ranges::find(service_ports, flow.server().port()) != service_ports.end();
}

/// ANY rules that this flow's ports and protocol fit, with the end that is the vendor's client.
struct Fit {
    catalog::PortMatch match;
    bool client_is_server = false;  ///< an inbound rule: the vendor's far end opened the flow
};

std::vector<Fit> context_fits(const catalog::Index& index, const facts::Flow& flow) {
    std::vector<Fit> result;
    const auto transport = transport_of(flow);
    for (const auto& match : index.match_any(transport, flow.server().port())) {
        const bool inbound = match.rule->direction == catalog::RuleDirection::inbound;
        if (supports(flow, *match.rule)) {
            result.push_back({match, inbound});
        }
    }
    for (const auto& match : index.match_any(transport, flow.client().port())) {
        // Downstream media to a port of the client's own choice, through a hole the client opened.
        if (match.rule->direction == catalog::RuleDirection::inbound && flow.server().packets > 0 &&
            supports(flow, *match.rule)) {
            result.push_back({match, false});
        }
    }
    return result;
}

/// The narrowest port item of each revision says most.
void keep_narrowest(std::vector<Attribution>& candidates) {
    const auto width = [](const Attribution& candidate) {
        return candidate.port->last - candidate.port->first;
    };
    const auto all = candidates;
    std::erase_if(candidates, [&](const Attribution& candidate) {
        return std::ranges::any_of(all, [&](const Attribution& other) {
            return other.revision == candidate.revision && width(other) < width(candidate);
        });
    });
}

class ContextPass {
  public:
    ContextPass(const facts::Observation& observation, const catalog::Index& index,
                const Resolutions& resolutions, Sessions& sessions, bool shared_names_need_support,
                FlowAttributions& flows)
        : observation_(observation),
          index_(index),
          resolutions_(resolutions),
          shared_names_need_support_(shared_names_need_support),
          flows_(flows),
          sessions_(sessions) {}

    void run() {
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            settle_weak(i);
            if (flows_[i]->rules.empty() || flows_[i]->rules.front().port == nullptr) {
                try_any(i);
            }
            if (flows_[i]->rules.empty()) {
                try_port_alone(i);
            }
        }
    }

  private:
    /// A name or network that many share counts only beside traffic that is surely its vendor's.
    void settle_weak(std::size_t i) {
        if (flows_[i]->rules.empty()) {
            return;
        }
        const auto& flow = observation_.flows[i];
        std::erase_if(flows_[i].make().rules, [&](const Attribution& attribution) {
            const std::string_view vendor = attribution.revision->vendor;
            return attribution.shared && needs_support(attribution) &&
                   !sessions_.tried(flow.client().address(), vendor);
        });
    }

    /// Who named the vendor need not show more traffic of it, but for rows that are not always
    /// used.
    [[nodiscard]] bool needs_support(const Attribution& attribution) const noexcept {
        return shared_names_need_support_ ||
               (attribution.rule->level != catalog::Level::required &&
                attribution.rule->level != catalog::Level::recommended);
    }

    void try_any(std::size_t i) {
        const auto& flow = observation_.flows[i];
        if (names_itself(index_, flow) || is_network_service(flow)) {
            return;
        }
        if (flows_[i]->rules.empty() && !sessions_.may_vouch_for(flow)) {
            return;
        }
        const auto candidates = context_fits(index_, flow);
        if (candidates.empty()) {
            return;
        }
        const auto supporters = supporters_of(i, candidates);
        Vendors vendors;
        for (const auto& fit : candidates) {
            if (supporters.contains(fit.match.revision->vendor)) {
                vendors.insert(fit.match.revision->vendor);
            }
        }
        if (vendors.size() != 1) {
            return;  // nobody vouches for it, or several do: it cannot be told whose it is
        }
        std::vector<Attribution> rules;
        for (const auto& fit : candidates) {
            if (!vendors.contains(fit.match.revision->vendor)) {
                continue;
            }
            Attribution attribution;
            attribution.revision = fit.match.revision;
            attribution.rule = fit.match.rule;
            attribution.port = fit.match.port;
            attribution.confidence = Confidence::context;
            attribution.matched = "ANY";
            rules.push_back(std::move(attribution));
        }
        keep_narrowest(rules);
        sessions_.learn(flow, *vendors.begin());
        flows_[i].make().rules = std::move(rules);
    }

    /// Who vouches: a session that named the flow, the vendor's own name at another port, else the
    /// one vendor with live signalling.
    Vendors supporters_of(std::size_t i, const std::vector<Fit>& candidates) {
        const auto& flow = observation_.flows[i];
        auto vendors = sessions_.naming(flow);
        if (!vendors.empty()) {
            return vendors;
        }
        if (!flows_[i]->rules.empty()) {
            vendors.insert(flows_[i]->rules.front().revision->vendor);
            return vendors;
        }
        resolutions_.find(flow.client().address(), flow.server().address(), flow.first_seen(),
                          resolved_);
        if (std::ranges::any_of(resolved_, [](const auto& name) { return !name.other_client; })) {
            return vendors;  // the client knew it by a name, and the name is in no rule
        }
        // Of two ICE agents either may check first (RFC 8445 6.1.4).
        const bool far_end_opened =
            flow.stun->ice || std::ranges::any_of(candidates, &Fit::client_is_server);
        vendors = sessions_.live(flow.client().address(), flow.first_seen());
        if (far_end_opened) {
            vendors.merge(sessions_.live(flow.server().address(), flow.first_seen()));
        }
        return vendors;
    }

    /// Rules that have nothing but ports, for flows that nothing names.
    void try_port_alone(std::size_t i) {
        const auto& flow = observation_.flows[i];
        if (!flows_[i]->server_name.empty()) {
            return;
        }
        for (const auto& match : index_.match_unplaced(transport_of(flow), flow.server().port())) {
            Attribution attribution;
            attribution.revision = match.revision;
            attribution.rule = match.rule;
            attribution.port = match.port;
            attribution.confidence = Confidence::port;
            flows_[i].make().rules.push_back(std::move(attribution));
        }
    }

    const facts::Observation& observation_;
    const catalog::Index& index_;
    const Resolutions& resolutions_;
    bool shared_names_need_support_;
    FlowAttributions& flows_;
    Sessions& sessions_;
    std::vector<ResolvedName> resolved_;
};

}  // namespace

void Attributor::by_context(const std::vector<bool>& passed, const Hosts& hosts,
                            FlowAttributions& flows) const {
    Sessions sessions(observation_, flows, passed, hosts);
    ContextPass(observation_, index_, resolutions_, sessions, shared_names_need_support_, flows)
        .run();
}

}  // namespace turnpike::attribute
