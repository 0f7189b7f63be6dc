// Attribution by what names a flow or its address.
#include <algorithm>
#include <boost/container/static_vector.hpp>

#include "attribute/contest.h"
#include "turnpike/attribute/attributor.h"
#include "turnpike/base/text.h"
#include "turnpike/catalog/registrable_domain.h"

namespace turnpike::attribute {
namespace {

using facts::NameSource;

/// Only outbound rules are judged by the far end of a flow.
bool leads_outward(const catalog::Rule& rule) noexcept {
    return rule.direction != catalog::RuleDirection::inbound;
}

struct Name {
    std::string text;
    NameSource source = NameSource::none;
};

/// The names that the flow gives itself. A provider's public name in a ClientHello hides the real
/// one (RFC 9460, draft-ietf-tls-esni 6.1); every other name counts, for browsers send a decoy of
/// the encrypted_client_hello extension in every hello.
boost::container::static_vector<Name, 2> own_names(const catalog::Index& index,
                                                   const facts::Flow& flow) {
    boost::container::static_vector<Name, 2> names;
    const auto add = [&names](const std::string& text, NameSource source) {
        auto name = base::to_lower(text);
        if (name.ends_with('.')) {
            name.pop_back();
        }
        if (!name.empty() && std::ranges::find(names, name, &Name::text) == names.end()) {
            names.push_back({std::move(name), source});
        }
    };
    if (names_itself(index, flow)) {
        add(*flow.server_name, flow.server_name_source);
    }
    add(flow.rare->proxy->target_host, NameSource::connect);
    return names;
}

/// Gathers the rules that a flow's destination fits.
class Gatherer {
  public:
    Gatherer(const catalog::Index& index, KnownMatches& known, const facts::Flow& flow)
        : index_(index), known_(known), flow_(flow) {}

    void by_name(std::string_view name, NameSource source, Confidence confidence) {
        const KnownName& known = known_.names.get(name, [&] {
            const auto address = base::IpAddress::parse(name);
            return address ? KnownName{*address, {}} : KnownName{{}, index_.match_name(name)};
        });
        if (known.address) {
            by_address(known.address);
            return;
        }
        if (found_.empty()) {
            found_.reserve(known.patterns.size());
        }
        for (const auto& match : known.patterns) {
            if (!leads_outward(*match.rule)) {
                continue;
            }
            Attribution& attribution = add(match, port_of(match));
            attribution.confidence = confidence;
            attribution.specificity = match.specificity;
            attribution.shared = match.pattern->shared;
            attribution.matched = match.pattern->text;
            attribution.name = name;
            attribution.name_source = source;
        }
    }

    void by_address(const base::IpAddress& address) {
        if (!index_.may_match(address)) {
            return;
        }
        const bool everybodys =
            address.is_loopback() || address.is_private() || address.is_multicast();
        for (const auto& match :
             known_.addresses.get(address, [&] { return index_.match_address(address); })) {
            const auto* const port = port_of(match);
            if (!leads_outward(*match.rule) || (everybodys && port == nullptr)) {
                continue;  // a loopback or private address at another port is not the vendor's
            }
            Attribution& attribution = add(match, port);
            attribution.confidence = Confidence::exact;
            attribution.shared = match.shared;
            attribution.specificity = static_cast<int>(match.prefix->length);
            attribution.matched = base::to_string(*match.prefix);
        }
    }

    /// A name by which DNS gave the address out, to this client or another.
    void by_resolved_name(const ResolvedName& name) {
        const auto before = found_.size();
        by_name(name.name, NameSource::dns, Confidence::dns);
        for (auto i = before; i < found_.size(); ++i) {
            found_[i].other_client = name.other_client;
        }
        if (name.alias) {
            // A shared name at the end of a CNAME chain says where it is hosted, not whose it is.
            std::erase_if(found_, [&](const Attribution& candidate) {
                return candidate.shared && candidate.name == name.name;
            });
        }
    }

    std::vector<Attribution> take() { return std::move(found_); }

  private:
    [[nodiscard]] const catalog::PortItem* port_of(const catalog::RuleReference& match) const {
        return catalog::covering_port(*match.rule, transport_of(flow_), destination_of(flow_).port);
    }

    Attribution& add(const catalog::RuleReference& match, const catalog::PortItem* port) {
        Attribution& attribution = found_.emplace_back();
        attribution.revision = match.revision;
        attribution.rule = match.rule;
        attribution.port = port;
        return attribution;
    }

    const catalog::Index& index_;
    KnownMatches& known_;
    const facts::Flow& flow_;
    std::vector<Attribution> found_;
};

/// The rules that the flow fits by what it calls itself and by its address; where it names nothing,
/// by what DNS called that address (`resolved`).
std::vector<Attribution> gather(const catalog::Index& index, KnownMatches& known,
                                const facts::Flow& flow,
                                const std::vector<ResolvedName>& resolved) {
    Gatherer gatherer(index, known, flow);
    const auto names = own_names(index, flow);
    for (const auto& name : names) {
        gatherer.by_name(name.text, name.source, Confidence::exact);
    }
    if (!flow.rare->proxy->request) {
        gatherer.by_address(flow.server().address());
    }
    if (names.empty()) {
        for (const auto& name : resolved) {
            gatherer.by_resolved_name(name);
        }
    }
    return gatherer.take();
}

// A few, in one text: a flood has many flows.
void keep_other_names(const std::vector<ResolvedName>& resolved, FlowAttribution& attribution) {
    constexpr std::size_t most = 3;
    std::size_t kept = 0;
    for (const ResolvedName& other : resolved) {
        if (other.alias || other.name == attribution.server_name || kept == most) {
            continue;
        }
        std::string& names = attribution.other_names.make();
        names.append(names.empty() ? "" : " ").append(other.name);
        ++kept;
    }
}

/// What the server is called: by the flow itself, else by DNS, else by its certificate.
void name_server(const facts::Flow& flow, const std::vector<ResolvedName>& resolved,
                 base::Lazy<FlowAttribution>& attribution) {
    const auto is = [&](std::string_view name, NameSource source) {
        FlowAttribution& made = attribution.make();
        made.server_name = base::to_lower(name);
        made.server_name_source = source;
    };
    if (!flow.server_name->empty()) {
        is(*flow.server_name, flow.server_name_source);
    } else if (!resolved.empty()) {
        is(resolved.front().name, NameSource::dns);
        if (flow.server().payload_packets == 0) {
            keep_other_names(resolved, attribution.make());
        }
    } else if (!flow.tls->certificate->names.empty()) {
        is(flow.tls->certificate->names.front(), NameSource::certificate);
    }
}

}  // namespace

bool names_itself(const catalog::Index& index, const facts::Flow& flow) {
    switch (flow.server_name_source) {
        case NameSource::none:
        case NameSource::dns:
        case NameSource::certificate:
            return false;
        case NameSource::http_host:
        case NameSource::connect:
            return !flow.server_name->empty();
        case NameSource::sni:
        case NameSource::quic_sni:
            break;
    }
    std::string room;
    return !flow.server_name->empty() &&
           !index.is_public_ech_name(base::lowered(*flow.server_name, room));
}

bool is_servers_network(const catalog::Index& index, const base::IpAddress& address) {
    if (address.is_private() || address.is_loopback() || address.is_multicast()) {
        return false;
    }
    const auto matches = index.match_address(address);
    return std::ranges::any_of(matches, [](const catalog::AddressMatch& match) {
        return !match.shared && leads_outward(*match.rule);
    });
}

catalog::Transport transport_of(const facts::Flow& flow) noexcept {
    return flow.transport == facts::Transport::tcp ? catalog::Transport::tcp
                                                   : catalog::Transport::udp;
}

base::Endpoint destination_of(const facts::Flow& flow) noexcept {
    if (!flow.rare->proxy->request) {
        return flow.server().endpoint;
    }
    const auto literal = base::IpAddress::parse(flow.rare->proxy->target_host);
    return {literal.value_or(base::IpAddress{}), flow.rare->proxy->target_port};
}

Attributor::Attributor(const facts::Observation& observation, const catalog::Index& index,
                       bool shared_names_need_support)
    : observation_(observation),
      index_(index),
      resolutions_(observation),
      shared_names_need_support_(shared_names_need_support) {
    for (const auto* revision : index.revisions()) {
        for (const auto& rule : revision->rules) {
            for (const auto& pattern : rule.destinations.names) {
                if (pattern.shared) {
                    continue;
                }
                const auto literal = pattern.text.find_last_of("*{}");
                auto name =
                    literal == std::string::npos ? pattern.text : pattern.text.substr(literal + 1);
                name.erase(0, name.find_first_not_of('.'));
                auto domain = catalog::registrable_domain(name);
                if (!domain.empty()) {
                    registered_.try_emplace(std::move(domain), revision);
                }
            }
        }
    }
}

const catalog::Revision* Attributor::vendor_of(std::string_view name) const {
    // The table holds registrable domains, so that walking up the labels costs no suffix list.
    while (!name.empty()) {
        const auto known = registered_.find(name);
        if (known != registered_.end()) {
            return known->second;
        }
        const auto dot = name.find('.');
        name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
    }
    return nullptr;
}

FlowAttributions Attributor::by_destination() const {
    FlowAttributions result(observation_.flows.size());
    std::atomic<std::size_t> taken = 0;
    by_destination(taken, result);
    return result;
}

void Attributor::by_destination(std::atomic<std::size_t>& taken, FlowAttributions& flows) const {
    constexpr std::size_t at_a_time = 1'024;
    std::size_t from = taken.fetch_add(at_a_time);
    if (from >= flows.size()) {
        return;  // before anything is allocated: a live run comes here twice a second
    }
    KnownMatches known;
    for (; from < flows.size(); from = taken.fetch_add(at_a_time)) {
        const std::size_t to = std::min(from + at_a_time, flows.size());
        for (std::size_t i = from; i < to; ++i) {
            find_destination(known, observation_.flows[i], flows[i]);
        }
    }
}

void Attributor::find_destination(KnownMatches& known, const facts::Flow& flow,
                                  base::Lazy<FlowAttribution>& attribution) const {
    std::vector<ResolvedName> resolved;
    if (!flow.rare->proxy->request) {
        resolutions_.find(flow.client().address(), flow.server().address(), flow.first_seen(),
                          resolved);
    }
    name_server(flow, resolved, attribution);
    if (auto found = gather(index_, known, flow, resolved); !found.empty()) {
        auto& rules = attribution.make().rules;
        rules = decide(std::move(found), flow);
        rules.shrink_to_fit();  // a flow keeps them to the end
    }
    if (attribution.present() && attribution->rules.empty()) {
        std::string room;
        attribution.make().vendor_only = vendor_of(base::lowered(attribution->server_name, room));
    }
}

}  // namespace turnpike::attribute
