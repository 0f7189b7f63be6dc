// What an audit tries, row by row, before anything is sent: which names, addresses, ports and
// protocols, and which rows it cannot try.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/probe/attempt.h"

namespace turnpike::probe {

/// How much is tried, and by which means.
struct PlanOptions {
    std::size_t sample = 12;              ///< ports of a range, names and addresses of a row to try
    bool all = false;                     ///< every port and every name (never every address)
    std::uint64_t seed = 1;               ///< of the choice: the same seed tries the same
    std::vector<std::string> names;       ///< of the user's: every one that a pattern covers
    std::vector<std::string> seen_names;  ///< of an earlier result
    bool responder = false;               ///< there is one for rows that lead anywhere
    bool rehearsal = false;               ///< the responder stands in for every destination
    bool proxy = false;                   ///< TCP goes through a proxy, which resolves names
};

/// Where a target leads.
struct Place {
    /// How the place is found.
    enum class Kind : std::uint8_t {
        name,       ///< by a host name
        address,    ///< by an address of the document
        responder,  ///< it is the responder
    };
    Kind kind = Kind::name;
    std::string name;         ///< to resolve; of the responder: to put on the wire, may be empty
    base::IpAddress address;  ///< of kind address
    friend bool operator==(const Place&, const Place&) = default;
};

/// One thing to try. Becomes an attempt for each address family.
struct Target {
    std::vector<Row> rows;
    Speech speech = Speech::tls;
    Place place;
    std::uint16_t port = 0;
    bool answer_is_due = true;
};

/// A port range of which only some ports are tried at one place.
struct Range {
    Row row;
    std::vector<std::size_t> targets;  ///< indexes into Plan::targets
};

/// What is to be tried, and what is not.
struct Plan {
    std::vector<Target> targets;
    std::vector<Range> ranges;
    /// Rows that are not tried, and why: "whereby/meetings@2026-03-31 high-ports udp 1024-65535:
    /// ...".
    std::vector<std::string> not_probed;
    /// What is only tried in part, one line each.
    std::vector<std::string> in_part;
};

/// The plan for these revisions, in document order. Equal targets of several rows are one.
Plan make_plan(const std::vector<const catalog::Revision*>& revisions, const PlanOptions& options);

/// "whereby/meetings@2026-03-31 high-ports, udp 1024-65535".
std::string describe(const Row& row);

/// How many ports the item has.
std::size_t ports_of(const catalog::PortItem& item) noexcept;

}  // namespace turnpike::probe
