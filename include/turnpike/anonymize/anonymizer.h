// Takes what identifies people and networks out of texts and packets, and leaves what explains a
// verdict.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "turnpike/anonymize/crypto_pan.h"
#include "turnpike/wire/packet.h"

namespace turnpike::anonymize {

/// Whether a name may stay: it belongs to a vendor of the catalog.
using PublicName = std::function<bool(std::string_view)>;

/// A packet written anew, as an Ethernet frame.
struct AnonymousFrame {
    std::vector<std::uint8_t> octets;
    std::uint32_t wire_length = 0;  ///< octets, more than `octets` holds if the packet was cut
};

/// Pseudonyms under one key: addresses and names that were equal stay equal, in texts and in
/// packets. It remembers names that it was told, so it is not for several threads.
class Anonymizer {
  public:
    /// `is_public` is asked for every name, in lower case, and must be callable as long as this
    /// lives.
    Anonymizer(const Key& key, PublicName is_public)
        : pan_(key), is_public_(std::move(is_public)) {}

    /// Another address of the same family; addresses that share a prefix still do (CryptoPan::map).
    [[nodiscard]] base::IpAddress address(const base::IpAddress& address) {
        return pan_.map(address);
    }
    /// A public name as it is; of another each label a pseudonym of the same length, equal for
    /// equal names.
    [[nodiscard]] std::string name(std::string_view name);
    /// A name that texts may hold, though it does not look like one ("intranet").
    void learn(std::string_view name);
    /// Every address and every name that is not public in a text replaced, whatever stands around
    /// it.
    [[nodiscard]] std::string text(std::string_view text);
    /// The innermost packet with other addresses (those that ICMP quotes included), without link
    /// addresses, tunnels and options, and of the payload only what tells protocols apart: the
    /// head of RTP, STUN, QUIC and TLS, and the question of DNS with its name.
    [[nodiscard]] AnonymousFrame packet(const wire::Packet& packet);
    /// A frame that holds no packet, or none that could be decoded: only that there was one.
    static AnonymousFrame other(std::uint32_t wire_length);

  private:
    [[nodiscard]] std::string word(std::string_view word);
    [[nodiscard]] std::string core(std::string_view core);
    [[nodiscard]] std::string labels(std::string_view name);
    [[nodiscard]] std::vector<std::uint8_t> kept_payload(const wire::Packet& packet);
    [[nodiscard]] std::vector<std::uint8_t> dns_question(base::Bytes message);

    CryptoPan pan_;
    PublicName is_public_;
    std::set<std::string, std::less<>> learned_;
};

}  // namespace turnpike::anonymize
