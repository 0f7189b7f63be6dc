// Writes the requests of a TURN client with credentials, and reads the server's answers.
#include "turnpike/speak/turn.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "speak/stun_writer.h"
#include "turnpike/proto/stun.h"

namespace turnpike::speak {
namespace {

// RFC 8656 17.
constexpr std::uint16_t refresh_request = 0x0004;
constexpr std::uint16_t create_permission_request = 0x0008;
constexpr std::uint16_t channel_bind_request = 0x0009;

constexpr std::uint32_t over_udp = 17U << 24U;
constexpr std::uint32_t family_v6 = 2U << 24U;
constexpr std::uint16_t unauthorized = 401;
constexpr std::uint16_t stale_nonce = 438;

/// The value of the first attribute of a type; empty without. `message` was decoded before.
std::string attribute_text(base::Bytes message, unsigned type) {
    for (std::size_t at = stun_header_octets; at + stun_attribute_header <= message.size();) {
        const auto found = (unsigned{message[at]} << 8U) | message[at + 1];
        const auto length = (std::size_t{message[at + 2]} << 8U) | message[at + 3];
        at += stun_attribute_header;
        if (at + length > message.size()) {
            break;
        }
        if (found == type) {
            const auto value = message.subspan(at, length);
            return {value.begin(), value.end()};
        }
        at += (length + 3) / 4 * 4;
    }
    return {};
}

Octets md5(const std::string& text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    ::EVP_Digest(text.data(), text.size(), digest.data(), &length, ::EVP_md5(), nullptr);
    return {digest.begin(), digest.begin() + length};
}

Octets signed_by(const TurnLogin& login, StunWriter& message) {
    return message.attribute(stun_attribute::username, login.username)
        .attribute(stun_attribute::realm, login.realm)
        .attribute(stun_attribute::nonce, login.nonce)
        .integrity(login.key)
        .with_fingerprint();
}

}  // namespace

std::optional<TurnLogin> turn_login(base::Bytes challenge, const std::string& username,
                                    const std::string& password) {
    const auto message = proto::decode_stun(challenge);
    if (!message || (message->error_code != unauthorized && message->error_code != stale_nonce)) {
        return std::nullopt;
    }
    TurnLogin login;
    login.username = username;
    login.realm = attribute_text(message->bytes, stun_attribute::realm);
    login.nonce = attribute_text(message->bytes, stun_attribute::nonce);
    login.key = md5(username + ":" + login.realm + ":" + password);
    return login;
}

Octets turn_allocate(const TransactionId& id, const TurnLogin& login, bool v6) {
    StunWriter message(allocate_request, id);
    message.number(stun_attribute::requested_transport, over_udp);
    if (v6) {
        message.number(stun_attribute::requested_family, family_v6);
    }
    return signed_by(login, message);
}

Octets turn_permission(const TransactionId& id, const TurnLogin& login,
                       const base::Endpoint& peer) {
    StunWriter message(create_permission_request, id);
    message.address(stun_attribute::xor_peer_address, peer);
    return signed_by(login, message);
}

Octets turn_channel(const TransactionId& id, const TurnLogin& login, std::uint16_t channel,
                    const base::Endpoint& peer) {
    StunWriter message(channel_bind_request, id);
    message.number(stun_attribute::channel_number, std::uint32_t{channel} << 16U);
    message.address(stun_attribute::xor_peer_address, peer);
    return signed_by(login, message);
}

Octets turn_release(const TransactionId& id, const TurnLogin& login) {
    StunWriter message(refresh_request, id);
    message.number(stun_attribute::lifetime, 0);
    return signed_by(login, message);
}

Octets channel_data(std::uint16_t channel, base::Bytes payload) {
    Writer out;
    out.u16(channel);
    out.u16(static_cast<unsigned>(payload.size()));
    out.bytes(payload);
    return out.take();
}

std::optional<TurnAnswer> turn_answer(base::Bytes bytes, const TransactionId& id) {
    const auto message = proto::decode_stun(bytes);
    if (!message || !std::ranges::equal(base::Bytes(message->transaction_id).subspan(4), id)) {
        return std::nullopt;
    }
    TurnAnswer answer;
    answer.success = message->klass == proto::StunClass::success;
    answer.error = message->error_code;
    answer.relayed = message->relayed;
    return answer;
}

}  // namespace turnpike::speak
