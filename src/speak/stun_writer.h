// A STUN message while it is written.
#pragma once

#include <cstdint>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/ip_address.h"
#include "turnpike/speak/stun.h"
#include "turnpike/speak/writer.h"

namespace turnpike::speak {

inline constexpr std::uint32_t stun_magic_cookie = 0x2112'a442;
inline constexpr std::size_t stun_header_octets = 20;
inline constexpr std::size_t stun_attribute_header = 4;

// RFC 8489 18.3, RFC 8656 18.
namespace stun_attribute {
inline constexpr unsigned username = 0x0006;
inline constexpr unsigned message_integrity = 0x0008;
inline constexpr unsigned error_code = 0x0009;
inline constexpr unsigned channel_number = 0x000c;
inline constexpr unsigned lifetime = 0x000d;
inline constexpr unsigned xor_peer_address = 0x0012;
inline constexpr unsigned realm = 0x0014;
inline constexpr unsigned nonce = 0x0015;
inline constexpr unsigned requested_family = 0x0017;
inline constexpr unsigned requested_transport = 0x0019;
inline constexpr unsigned xor_mapped_address = 0x0020;
inline constexpr unsigned priority = 0x0024;
inline constexpr unsigned software = 0x8022;
inline constexpr unsigned fingerprint = 0x8028;
inline constexpr unsigned ice_controlling = 0x802a;
}  // namespace stun_attribute

class StunWriter {
  public:
    StunWriter(std::uint16_t type, const TransactionId& id) : id_(id) {
        out_.u16(type);
        out_.u16(0);
        out_.u32(stun_magic_cookie);
        out_.bytes(id);
    }
    StunWriter& attribute(unsigned type, base::Bytes value) {
        out_.u16(type);
        out_.u16(static_cast<unsigned>(value.size()));
        out_.bytes(value);
        out_.zeros((4 - value.size() % 4) % 4);
        return *this;
    }
    StunWriter& attribute(unsigned type, std::string_view value) {
        return attribute(type, base::as_bytes(value));
    }
    StunWriter& number(unsigned type, std::uint32_t value) {
        Writer number;
        number.u32(value);
        return attribute(type, number.octets());
    }
    /// An address hidden from translators that rewrite payload (RFC 8489 14.2).
    StunWriter& address(unsigned type, const base::Endpoint& endpoint) {
        Writer value;
        value.u16(endpoint.address.is_v4() ? 1 : 2);
        value.u16(endpoint.port ^ (stun_magic_cookie >> 16U));
        Writer mask;
        mask.u32(stun_magic_cookie);
        mask.bytes(id_);
        const auto octets = endpoint.address.octets();
        for (std::size_t i = 0; i < octets.size(); ++i) {
            value.u8(octets[i] ^ mask.octets()[i]);
        }
        return attribute(type, value.octets());
    }
    /// MESSAGE-INTEGRITY over all before it (RFC 8489 14.5).
    StunWriter& integrity(base::Bytes key);
    /// Ends the message with a FINGERPRINT (RFC 8489 14.7).
    Octets with_fingerprint();
    Octets take() {
        set_length(0);
        return out_.take();
    }

  private:
    void set_length(std::size_t more) {
        const auto length = out_.size() - stun_header_octets + more;
        out_.octets()[2] = static_cast<std::uint8_t>(length >> 8U);
        out_.octets()[3] = static_cast<std::uint8_t>(length);
    }

    TransactionId id_;
    Writer out_;
};

}  // namespace turnpike::speak
