// What happened on a flow, packet by packet, in words.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <mutex>
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
    /// Not 0: a DNS message, whose event is the same in all the stories of an observation that tell
    /// of it. Many do.
    std::uint64_t message = 0;
};

/// The DNS queries of an observation by name and client, for all of its stories. May be asked on
/// several threads; looks at the queries when it is asked first.
class StoryQueries {
  public:
    /// A DNS query, in order of name and client, then of packets.
    struct Query {
        std::uint64_t key = 0;     ///< of name and client
        std::uint64_t number = 0;  ///< of its first packet
        std::uint32_t index = 0;   ///< in Observation::dns
        friend auto operator<=>(const Query&, const Query&) = default;
    };

    /// The observation must outlive it.
    explicit StoryQueries(const facts::Observation& observation) : observation_(observation) {}
    /// In order of packets; lives as long as this. `name` is in lower case.
    [[nodiscard]] std::span<const Query> of(std::string_view name,
                                            const base::IpAddress& client) const;

  private:
    void prepare() const;

    const facts::Observation& observation_;
    mutable std::mutex preparing_;
    mutable bool prepared_ = false;
    mutable std::vector<Query> queries_;  ///< in order
};

/// Tells the stories of an observation.
class Stories {
  public:
    /// Both must outlive it; the queries are of the observation.
    Stories(const facts::Observation& observation, const StoryQueries& queries)
        : observation_(observation), queries_(queries) {}

    /// The landmarks of a flow in order of packets, with the DNS questions that led to it; valid
    /// until the next call. `server_name` is the name the flow is known by; empty if none is.
    [[nodiscard]] std::span<const StoryEvent> tell(const facts::Flow& flow,
                                                   std::string_view server_name);
    /// An event of the last story in words: a clause without a final stop; text from the network is
    /// escaped. Valid until the next call and the next story.
    [[nodiscard]] std::string_view text_of(const StoryEvent& event);

  private:
    const facts::Observation& observation_;
    const StoryQueries& queries_;
    std::vector<StoryEvent> events_;  ///< of the last story
    std::string text_;                ///< of those
    std::string message_;             ///< the words of one that is a DNS message
};

}  // namespace turnpike::verdict
