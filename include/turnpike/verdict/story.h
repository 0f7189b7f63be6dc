// What happened on a flow, packet by packet, in words.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/facts/facts.h"

namespace turnpike::verdict {

/// One thing that a reader should know, at its packet.
struct StoryEvent {
    facts::PacketMark at;
    std::size_t begin = 0;  ///< of its words among those of the story (Stories::text_of)
    std::size_t size = 0;
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

    /// The landmarks of a flow in order of packets, with the DNS questions that led to it; valid
    /// until the next call. `server_name` is the name the flow is known by; empty if none is.
    [[nodiscard]] std::span<const StoryEvent> tell(const facts::Flow& flow,
                                                   std::string_view server_name);
    /// An event of the last story in words: a clause without a final stop; text from the network is
    /// escaped. Valid until the next story.
    [[nodiscard]] std::string_view text_of(const StoryEvent& event) const {
        return std::string_view(text_).substr(event.begin, event.size);
    }

  private:
    static std::uint64_t key_of(std::string_view name, const base::IpAddress& client);

    const facts::Observation& observation_;
    std::vector<Query> queries_;      ///< in order
    std::vector<StoryEvent> events_;  ///< of the last story
    std::string text_;                ///< of those
};

}  // namespace turnpike::verdict
