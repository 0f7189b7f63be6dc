// What the attributions of flows rest on: while a flow stays, so must the answers that named it and
// the session that vouches for it, or a later look at the window would come to another end.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "turnpike/base/address_map.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"

namespace turnpike::gather {

/// Adds to `kept` the flows without which those that are kept would not be attributed as they are:
/// for media that context explains, a session that was live when they began; for a name that many
/// share, a flow that is surely its vendor's. One for each is enough.
void keep_sessions(const facts::Observation& observation, const verdict::RunResult& result,
                   std::vector<bool>& kept);

/// The DNS answers that flows are known by.
class NamingAnswers {
  public:
    NamingAnswers(const facts::Observation& observation, const verdict::RunResult& result,
                  const std::vector<bool>& kept);

    /// A flow that is kept began while the client used this answer, which lasts `valid`.
    [[nodiscard]] bool include(const facts::DnsQuery& query, base::Duration valid) const;

  private:
    struct Beginning {
        base::IpAddress client;
        bool any_client = false;  ///< it is known by the answer that another client got
        base::Timestamp time;
    };
    base::AddressMap<std::vector<Beginning>> by_server_;
};

}  // namespace turnpike::gather
