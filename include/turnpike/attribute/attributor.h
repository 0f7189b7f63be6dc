// From facts and the catalog to "this flow belongs to that row, because".
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/attribute/attribution.h"
#include "turnpike/attribute/hosts.h"
#include "turnpike/attribute/known_matches.h"
#include "turnpike/attribute/resolutions.h"
#include "turnpike/catalog/index.h"
#include "turnpike/facts/facts.h"

namespace turnpike::attribute {

/// Attributes the flows of one observation. References its arguments, which must outlive it.
class Attributor {
  public:
    /// `shared_names_need_support`: a name that many share counts only for clients that also show
    /// traffic which is surely the vendor's.
    Attributor(const facts::Observation& observation, const catalog::Index& index,
               bool shared_names_need_support);

    /// By what names the flow or its address: exact names, prefixes, DNS answers.
    [[nodiscard]] FlowAttributions by_destination() const;
    /// The same of flows that nobody has taken yet, until none is left: several threads may share
    /// the work. `taken`: how many were, 0 at first. `flows`: one for each flow.
    void by_destination(std::atomic<std::size_t>& taken, FlowAttributions& flows) const;

    /// Adds what only the traffic around a flow supports: rules whose destination is ANY, names
    /// that many share, and rules with no destination at all. `passed[i]` tells whether flow i
    /// passed.
    void by_context(const std::vector<bool>& passed, const Hosts& hosts,
                    FlowAttributions& flows) const;

    [[nodiscard]] const Resolutions& resolutions() const noexcept { return resolutions_; }

  private:
    void find_destination(KnownMatches& known, const facts::Flow& flow,
                          base::Lazy<FlowAttribution>& attribution) const;
    /// The vendor that registered the domain of `name`; null if it is none of ours.
    [[nodiscard]] const catalog::Revision* vendor_of(std::string_view name) const;

    const facts::Observation& observation_;
    const catalog::Index& index_;
    Resolutions resolutions_;
    bool shared_names_need_support_;
    std::map<std::string, const catalog::Revision*, std::less<>>
        registered_;  ///< by registrable domain
};

/// The rules whose patterns cover a name most specifically, whatever the port: what a DNS question
/// was about. `port` is null in all of them. `name`: lower case, no final dot.
std::vector<Attribution> rules_of_name(const catalog::Index& index, std::string_view name);
/// The same where the patterns that cover the name are known.
std::vector<Attribution> rules_of_name(const std::vector<catalog::NameMatch>& patterns,
                                       std::string_view name);

/// The flow says by itself whom it is for (SNI, QUIC SNI, Host, CONNECT), and then that name alone
/// counts. Public names of providers, behind which an encrypted ClientHello hides another, do not.
bool names_itself(const catalog::Index& index, const facts::Flow& flow);

/// The address belongs to a network that only servers of one of the vendors use, by rows that lead
/// there: who talks to it is the client, whoever spoke first.
bool is_servers_network(const catalog::Index& index, const base::IpAddress& address);

/// The transport in the catalog's words.
catalog::Transport transport_of(const facts::Flow& flow) noexcept;

/// The destination as the client sees it: the CONNECT target behind a proxy, else the server.
base::Endpoint destination_of(const facts::Flow& flow) noexcept;

/// The words an observed protocol can fulfil; true also where nothing is known on either side.
bool protocol_fits(const catalog::Rule& rule, const facts::Flow& flow) noexcept;

}  // namespace turnpike::attribute
