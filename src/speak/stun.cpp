// Writes STUN and TURN messages, and reads what an answer needs of them.
#include "turnpike/speak/stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "speak/stun_writer.h"
#include "turnpike/speak/random.h"

namespace turnpike::speak {
namespace {

constexpr std::uint32_t fingerprint_mask = 0x5354'554e;
constexpr std::size_t integrity_octets = 20;
constexpr std::size_t fingerprint_octets = 4;

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

}  // namespace

StunWriter& StunWriter::integrity(base::Bytes key) {
    set_length(stun_attribute_header + integrity_octets);
    std::array<std::uint8_t, integrity_octets> code{};
    unsigned length = 0;
    ::HMAC(::EVP_sha1(), key.data(), static_cast<int>(key.size()), out_.octets().data(),
           out_.size(), code.data(), &length);
    return attribute(stun_attribute::message_integrity, code);
}

Octets StunWriter::with_fingerprint() {
    set_length(stun_attribute_header + fingerprint_octets);
    number(stun_attribute::fingerprint, crc32(out_.octets()) ^ fingerprint_mask);
    return take();
}

Octets stun_binding(const TransactionId& id) {
    // The name leaves room for the answer's address, so that no answer weighs more than this.
    return StunWriter(binding_request, id)
        .attribute(stun_attribute::software, "turnpike audit of a firewall")
        .with_fingerprint();
}

Octets ice_check(const TransactionId& id) {
    constexpr std::uint32_t host_candidate = 0x7e7f'1eff;  // RFC 8445 5.1.2.1
    StunWriter message(binding_request, id);
    message.attribute(stun_attribute::username, "turnpikeaudit00:audi")
        .number(stun_attribute::priority, host_candidate);
    message.attribute(stun_attribute::ice_controlling, random_octets(8));
    return message.integrity(random_octets(24)).with_fingerprint();
}

Octets turn_allocate(const TransactionId& id) {
    constexpr std::uint32_t udp = 17U << 24U;
    return StunWriter(allocate_request, id)
        .number(stun_attribute::requested_transport, udp)
        .attribute(stun_attribute::software,
                   "turnpike audit of a firewall, row by row, as its document demands")
        .with_fingerprint();
}

Octets stun_success(const TransactionId& id, const base::Endpoint& mapped) {
    return StunWriter(binding_success, id)
        .address(stun_attribute::xor_mapped_address, mapped)
        .with_fingerprint();
}

Octets turn_challenge(const TransactionId& id) {
    Writer error;
    error.u32(0x0000'0401);
    error.text("Login");
    return StunWriter(allocate_error, id)
        .attribute(stun_attribute::error_code, error.octets())
        .attribute(stun_attribute::realm, "turnpike")
        .attribute(stun_attribute::nonce, "0123456789ab")
        .with_fingerprint();
}

StunSeen read_stun(base::Bytes bytes) {
    StunSeen seen;
    if (bytes.size() < stun_header_octets || (bytes[0] & 0xc0U) != 0 || bytes[4] != 0x21 ||
        bytes[5] != 0x12 || bytes[6] != 0xa4 || bytes[7] != 0x42) {
        return seen;
    }
    seen.octets = stun_header_octets + ((std::size_t{bytes[2]} << 8U) | bytes[3]);
    seen.is_stun = bytes.size() >= seen.octets;
    seen.type = static_cast<std::uint16_t>((bytes[0] << 8U) | bytes[1]);
    std::ranges::copy(bytes.subspan(8, seen.id.size()), seen.id.begin());
    return seen;
}

}  // namespace turnpike::speak
