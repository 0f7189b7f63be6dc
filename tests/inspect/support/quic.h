// QUIC packets as a client and a server send them (RFC 9000, RFC 9001 5).
#pragma once

#include <openssl/evp.h>

#include "inspect/support/octets.h"
#include "turnpike/proto/quic_crypto.h"

namespace turnpike::inspect::test {

inline const Octets connection_id{0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

inline Octets crypto_frame(std::size_t offset, const Octets& data) {
    return Writer()
        .u8(0x06)
        .u32(0x80000000U | static_cast<std::uint32_t>(offset))
        .u16(0x4000U | static_cast<unsigned>(data.size()))
        .bytes(data)
        .done();
}

inline Octets encrypt(const proto::QuicInitialKeys& keys, unsigned packet_number,
                      const Octets& header, const Octets& plain) {
    auto nonce = keys.iv;
    nonce.back() = static_cast<std::uint8_t>(nonce.back() ^ packet_number);
    Octets out(plain.size() + 16);
    int length = 0;
    EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
    EVP_EncryptUpdate(context, nullptr, &length, header.data(), static_cast<int>(header.size()));
    EVP_EncryptUpdate(context, out.data(), &length, plain.data(), static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(context, out.data() + length, &length);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, out.data() + plain.size());
    EVP_CIPHER_CTX_free(context);
    return out;
}

// RFC 9001 5.4.1, 5.4.3: a mask from a sample of the ciphertext hides the packet number.
inline void protect_header(const proto::QuicInitialKeys& keys, Octets& packet,
                           std::size_t number_at) {
    std::array<std::uint8_t, 32> mask{};
    int length = 0;
    EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, keys.header_protection.data(), nullptr);
    EVP_EncryptUpdate(context, mask.data(), &length, packet.data() + number_at + 4, 16);
    EVP_CIPHER_CTX_free(context);
    packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0fU));
    for (std::size_t i = 0; i < 4; ++i) {
        packet[number_at + i] = static_cast<std::uint8_t>(packet[number_at + i] ^ mask[1 + i]);
    }
}

/// An Initial with the frames, padded to 1,200 octets (RFC 9000 17.2.2). `connection_id` is the
/// one that the client chose for the server, and the client's own is empty.
inline Octets quic_initial(proto::QuicSide side, unsigned packet_number, const Octets& frames) {
    static proto::QuicOpener opener;
    const auto keys = opener.derive(proto::quic_v1, connection_id, side).value();
    const bool client = side == proto::QuicSide::client;
    Octets plain = frames;
    plain.resize(1'150, 0);
    Octets header = Writer()
                        .u8(0xc3)
                        .u32(proto::quic_v1)
                        .prefixed8(client ? connection_id : Octets{})
                        .prefixed8(client ? Octets{} : connection_id)
                        .u8(0)
                        .u16(0x4000U | static_cast<unsigned>(4 + plain.size() + 16))
                        .done();
    const std::size_t number_at = header.size();
    header = Writer().bytes(header).u32(packet_number).done();
    Octets packet =
        Writer().bytes(header).bytes(encrypt(keys, packet_number, header, plain)).done();
    protect_header(keys, packet, number_at);
    return packet;
}

/// A Handshake packet, whose content nobody can read (RFC 9000 17.2.4).
inline Octets quic_handshake() {
    return Writer()
        .u8(0xe3)
        .u32(proto::quic_v1)
        .prefixed8(connection_id)
        .u8(0)
        .u16(0x4000U | 40U)
        .bytes(Octets(40, 0x7c))
        .done();
}

}  // namespace turnpike::inspect::test
