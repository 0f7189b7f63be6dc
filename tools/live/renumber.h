// Gives the clients of a capture new addresses, so that sending it again makes new flows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace load {

using Octets = std::span<std::uint8_t>;

/// Every address of 10.0.0.0/8 in an IPv4 header counts as a client's. In each loop all of them
/// move to addresses that no other loop uses, until the 16 million of that network are used up;
/// servers, ports and payload stay as they are, IPv6 and the headers that ICMP errors quote too.
/// Checksums are updated, not made right: a wrong one stays wrong.
class Renumbering {
  public:
    /// To be called once for every frame (Ethernet, with any 802.1Q tags), in order.
    void learn(Octets frame);
    /// `index` is the place of the frame among those learned; `frame` its octets as they were
    /// left by the last call.
    void apply(Octets frame, std::size_t index, std::uint64_t loop) const;

  private:
    struct Places {
        std::uint16_t header = 0;             ///< of IPv4 in the frame; 0: nothing to do
        std::uint16_t checksum = 0;           ///< of TCP or UDP; 0: none
        std::optional<std::uint32_t> source;  ///< number of the client
        std::optional<std::uint32_t> destination;
    };

    std::optional<std::uint32_t> client(std::uint32_t address);
    void move(Octets frame, const Places& places, std::size_t at, std::uint32_t number,
              std::uint64_t loop) const;

    std::vector<Places> frames_;
    std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

}  // namespace load
