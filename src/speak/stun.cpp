#include "turnpike/speak/stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "turnpike/speak/random.h"

namespace turnpike::speak {
namespace {

constexpr std::uint32_t magic_cookie = 0x2112'a442;
constexpr std::uint32_t fingerprint_mask = 0x5354'554e;
constexpr std::size_t header_octets = 20;
constexpr std::size_t integrity_octets = 20;
constexpr std::size_t fingerprint_octets = 4;
constexpr std::size_t attribute_header = 4;
// RFC 8489 18.3, RFC 8656 18.
constexpr unsigned username = 0x0006;
constexpr unsigned message_integrity = 0x0008;
constexpr unsigned error_code = 0x0009;
constexpr unsigned realm = 0x0014;
constexpr unsigned nonce = 0x0015;
constexpr unsigned requested_transport = 0x0019;
constexpr unsigned xor_mapped_address = 0x0020;
constexpr unsigned priority = 0x0024;
constexpr unsigned software = 0x8022;
constexpr unsigned fingerprint = 0x8028;
constexpr unsigned ice_controlling = 0x802a;

constexpr std::uint16_t binding_success = 0x0101;
constexpr std::uint16_t allocate_error = 0x0113;

// RFC 1952's CRC-32, as RFC 8489 14.7 takes it.
std::uint32_t crc32(base::Bytes bytes) {
    std::uint32_t crc = 0xffff'ffff;
    for (const auto octet : bytes) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb8'8320U : 0U);
        }
    }
    return ~crc;
}

class Message {
  public:
    Message(std::uint16_t type, const TransactionId& id) : id_(id) {
        out_.u16(type);
        out_.u16(0);
        out_.u32(magic_cookie);
        out_.bytes(id);
    }
    Message& attribute(unsigned type, base::Bytes value) {
        out_.u16(type);
        out_.u16(static_cast<unsigned>(value.size()));
        out_.bytes(value);
        out_.zeros((4 - value.size() % 4) % 4);
        return *this;
    }
    Message& attribute(unsigned type, std::string_view value) {
        return attribute(type, base::as_bytes(value));
    }
    Message& number(unsigned type, std::uint32_t value) {
        Writer number;
        number.u32(value);
        return attribute(type, number.octets());
    }
    /// An address hidden from translators that rewrite payload (RFC 8489 14.2).
    Message& address(unsigned type, const base::Endpoint& endpoint) {
        Writer value;
        value.u16(endpoint.address.is_v4() ? 1 : 2);
        value.u16(endpoint.port ^ (magic_cookie >> 16U));
        Writer mask;
        mask.u32(magic_cookie);
        mask.bytes(id_);
        const auto octets = endpoint.address.octets();
        for (std::size_t i = 0; i < octets.size(); ++i) {
            value.u8(octets[i] ^ mask.octets()[i]);
        }
        return attribute(type, value.octets());
    }
    Message& integrity(base::Bytes key) {
        set_length(attribute_header + integrity_octets);
        std::array<std::uint8_t, integrity_octets> code{};
        unsigned length = 0;
        ::HMAC(::EVP_sha1(), key.data(), static_cast<int>(key.size()), out_.octets().data(),
               out_.size(), code.data(), &length);
        return attribute(message_integrity, code);
    }
    Octets with_fingerprint() {
        set_length(attribute_header + fingerprint_octets);
        const auto code = crc32(out_.octets()) ^ fingerprint_mask;
        number(fingerprint, code);
        return take();
    }
    Octets take() {
        set_length(0);
        return out_.take();
    }

  private:
    void set_length(std::size_t more) {
        const auto length = out_.size() - header_octets + more;
        out_.octets()[2] = static_cast<std::uint8_t>(length >> 8U);
        out_.octets()[3] = static_cast<std::uint8_t>(length);
    }

    TransactionId id_;
    Writer out_;
};

}  // namespace

Octets stun_binding(const TransactionId& id) {
    // The name leaves room for the answer's address, so that no answer weighs more than this.
    return Message(binding_request, id)
        .attribute(software, "turnpike audit of a firewall")
        .with_fingerprint();
}

Octets ice_check(const TransactionId& id) {
    constexpr std::uint32_t host_candidate = 0x7e7f'1eff;  // RFC 8445 5.1.2.1
    Message message(binding_request, id);
    message.attribute(username, "turnpikeaudit00:audi").number(priority, host_candidate);
    message.attribute(ice_controlling, random_octets(8));
    return message.integrity(random_octets(24)).with_fingerprint();
}

Octets turn_allocate(const TransactionId& id) {
    constexpr std::uint32_t udp = 17U << 24U;
    return Message(allocate_request, id)
        .number(requested_transport, udp)
        .attribute(software, "turnpike audit of a firewall, row by row, as its document demands")
        .with_fingerprint();
}

Octets stun_success(const TransactionId& id, const base::Endpoint& mapped) {
    return Message(binding_success, id).address(xor_mapped_address, mapped).with_fingerprint();
}

Octets turn_challenge(const TransactionId& id) {
    Writer error;
    error.u32(0x0000'0401);
    error.text("Login");
    return Message(allocate_error, id)
        .attribute(error_code, error.octets())
        .attribute(realm, "turnpike")
        .attribute(nonce, "0123456789ab")
        .with_fingerprint();
}

StunSeen read_stun(base::Bytes bytes) {
    StunSeen seen;
    if (bytes.size() < header_octets || (bytes[0] & 0xc0U) != 0 || bytes[4] != 0x21 ||
        bytes[5] != 0x12 || bytes[6] != 0xa4 || bytes[7] != 0x42) {
        return seen;
    }
    seen.octets = header_octets + ((std::size_t{bytes[2]} << 8U) | bytes[3]);
    seen.is_stun = bytes.size() >= seen.octets;
    seen.type = static_cast<std::uint16_t>((bytes[0] << 8U) | bytes[1]);
    std::ranges::copy(bytes.subspan(8, seen.id.size()), seen.id.begin());
    return seen;
}

}  // namespace turnpike::speak
