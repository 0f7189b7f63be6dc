// Which rule a flow belongs to, and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/base/lazy.h"
#include "turnpike/catalog/catalog.h"
#include "turnpike/facts/facts.h"

namespace turnpike::attribute {

/// How a flow was attributed to a rule, strongest first.
enum class Confidence : std::uint8_t {
    exact,    ///< by a name or an address that the flow itself has
    dns,      ///< by a DNS answer that the client got
    context,  ///< by a live session of the same vendor
    port,     ///< by the port alone
};
/// "exact", "dns", "context", "port": the word of the column `confidence`.
std::string_view to_string(Confidence value) noexcept;

/// One rule that a flow may belong to, and why. Points into the catalog, which must outlive it.
struct Attribution {
    const catalog::Revision* revision = nullptr;
    const catalog::Rule* rule = nullptr;
    const catalog::PortItem* port =
        nullptr;  ///< null: the destination fits, no port item does ("undocumented port")
    Confidence confidence = Confidence::port;
    int specificity = 0;  ///< of the pattern or prefix that matched; larger wins
    bool shared = false;  ///< matched only a name that many share
    std::string matched;  ///< the pattern or prefix that matched
    std::string name;     ///< the name it was matched with; empty for addresses
    facts::NameSource name_source = facts::NameSource::none;
    bool other_client = false;  ///< by a DNS answer that another client got
};

/// What is known of where a flow leads.
struct FlowAttribution {
    std::vector<Attribution>
        rules;  ///< best first; several cannot be told apart. port == null: "undocumented port"
    const catalog::Revision* vendor_only =
        nullptr;              ///< the name is the vendor's but in no rule: "undocumented name"
    std::string server_name;  ///< by the flow itself, else DNS, else certificate; may be empty
    facts::NameSource server_name_source = facts::NameSource::none;
    /// Of a server that said nothing and is named by DNS: what else its address was resolved for; a
    /// few, with blanks between.
    base::Lazy<std::string> other_names;
};

/// Of each flow, in the order of Observation::flows. Of most nothing is known.
using FlowAttributions = std::vector<base::Lazy<FlowAttribution>>;

/// Whether a flow with these rules, best first, is attributed to a requirement by a name or an
/// address that proves the vendor.
bool proves_vendor(const std::vector<Attribution>& rules) noexcept;

}  // namespace turnpike::attribute
