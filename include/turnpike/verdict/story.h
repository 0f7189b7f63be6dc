// What happened on a flow, packet by packet, in words.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// One thing that a reader should know, at its packet.
struct StoryEvent {
    facts::PacketMark at;
    std::string text;  ///< a clause without a final stop; text from the network is escaped
};

/// Tells the stories of an observation, which must outlive it.
class Stories {
  public:
    /// A DNS query, in order of name and client, then of packets.
    struct Query {
        std::uint64_t key = 0;     ///< of name and client
        std::uint64_t number = 0;  ///< of its first packet
        std::uint32_t index = 0;   ///< in Observation::dns
        friend auto operator<=>(const Query&, const Query&) = default;
    };

    /// Finds the DNS queries of each name and client once, for all stories.
    explicit Stories(const facts::Observation& observation);

    /// The landmarks of a flow in order of packets, with the DNS questions that led to it.
    /// `server_name` is the name the flow is known by; empty if none is.
    [[nodiscard]] std::vector<StoryEvent> tell(const facts::Flow& flow,
                                               const std::string& server_name) const;

  private:
    static std::uint64_t key_of(std::string_view name, const base::IpAddress& client);

    const facts::Observation& observation_;
    std::vector<Query> queries_;  ///< in order
};

}  // namespace turnpike::verdict
