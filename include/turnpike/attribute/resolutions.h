// Which names a client had resolved to an address when a flow began.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "turnpike/base/ip_address.h"
#include "turnpike/base/time.h"
#include "turnpike/facts/facts.h"

namespace turnpike::attribute {

/// A name that led to an address. Views into the observation.
struct ResolvedName {
    std::string_view name;
    bool alias = false;         ///< a CNAME on the way, not the name that was asked for
    bool other_client = false;  ///< another client's answer, for want of one of its own
};

/// The DNS answers of an observation, by client and address. An answer counts from its arrival
/// until its time to live plus a grace period is over: resolvers' stubs and browsers keep using an
/// address for a while after that.
class Resolutions {
  public:
    explicit Resolutions(const facts::Observation& observation);

    /// The names by which `client` knew `server` at `when`; its own answers first, and only without
    /// any those of other clients. Appends to nothing: `names` is cleared.
    void find(const base::IpAddress& client, const base::IpAddress& server, base::Timestamp when,
              std::vector<ResolvedName>& names) const;

  private:
    struct Entry {
        std::string_view name;
        bool alias = false;
        base::IpAddress client;
        base::Timestamp from;
        base::Timestamp until;
    };
    void add(const base::IpAddress& server, const Entry& entry);

    std::unordered_map<base::IpAddress, std::vector<Entry>> by_server_;
};

}  // namespace turnpike::attribute
