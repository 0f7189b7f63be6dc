// Builds protected QUIC Initials for tests, with OpenSSL and apart from the code under test: only
// the keys come from QuicOpener, and those are tested against the vectors of the RFCs.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>

#include "hellos.h"
#include "turnpike/proto/quic_crypto.h"

namespace turnpike::proto::test {

/// What an Initial says before protection (RFC 9000 17.2.2).
struct PlainInitial {
    std::uint32_t version = quic_v1;
    std::uint8_t first = 0xc3;  ///< with a packet number of four octets
    Octets destination_id;
    Octets source_id;
    Octets token;
    std::uint32_t packet_number = 0;
    Octets frames;
};

inline Octets u32(std::uint32_t value) {
    return u16(value >> 16U) + u16(value & 0xffffU);
}
/// RFC 9000 16, in one octet or two.
inline Octets varint(std::size_t value) {
    return value < 64 ? Octets{static_cast<std::uint8_t>(value)} : u16(0x4000U | value);
}

/// RFC 9001 5.3 and 5.4: encrypts, then hides the packet number.
inline Octets seal(const PlainInitial& plain, const QuicInitialKeys& keys) {
    Octets header = Octets{plain.first} + u32(plain.version) + prefixed_u8(plain.destination_id) +
                    prefixed_u8(plain.source_id) + varint(plain.token.size()) + plain.token +
                    varint(4 + plain.frames.size() + 16) + u32(plain.packet_number);
    auto nonce = keys.iv;
    for (unsigned i = 0; i < 4; ++i) {
        nonce[11 - i] ^= static_cast<std::uint8_t>(plain.packet_number >> (8U * i));
    }
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    Octets sealed(plain.frames.size() + 16);
    int size = 0;
    EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(), nonce.data());
    EVP_EncryptUpdate(context.get(), nullptr, &size, header.data(),
                      static_cast<int>(header.size()));
    EVP_EncryptUpdate(context.get(), sealed.data(), &size, plain.frames.data(),
                      static_cast<int>(plain.frames.size()));
    EVP_EncryptFinal_ex(context.get(), sealed.data() + size, &size);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16,
                        sealed.data() + plain.frames.size());
    std::array<std::uint8_t, 16> mask{};
    EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, keys.header_protection.data(),
                       nullptr);
    EVP_EncryptUpdate(context.get(), mask.data(), &size, sealed.data(), 16);
    header[0] = static_cast<std::uint8_t>(header[0] ^ (mask[0] & 0x0fU));
    for (std::size_t i = 0; i < 4; ++i) {
        header[header.size() - 4 + i] ^= mask[1 + i];
    }
    return header + sealed;
}

/// A CRYPTO frame (RFC 9000 19.6).
inline Octets crypto_frame(std::size_t offset, const Octets& data) {
    return Octets{0x06} + varint(offset) + varint(data.size()) + data;
}

/// RFC 9001 A: the id from which all keys of its examples come.
inline Octets example_id() {
    return wire("83 94 c8 f0 3e 51 57 08");
}
/// RFC 9001 A.3: the id that the server chooses.
inline Octets example_server_id() {
    return wire("f0 67 a5 50 2a 42 62 b5");
}

/// RFC 9001 A.2 and RFC 9369 A.2: the CRYPTO frame of the client's Initial.
inline Octets example_client_crypto() {
    return wire(
        "060040f1"  // CRYPTO, offset 0, 241 octets
        "010000ed"  // ClientHello, 237 octets
        "0303"      // legacy_version
        "ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c"  // random
        "00 0004 1301 1302 0100"                         // session id, suites, compression
        "00c0"                                           // extensions, 192 octets
        "0000 0010 000e 00 000b 6578616d706c652e636f6d"  // server_name: example.com
        "ff01 0001 00"                                   // renegotiation_info
        "000a 0008 0006 001d 0017 0018"                  // supported_groups
        "0010 0007 0005 04 616c706e"                     // ALPN: "alpn"
        "0005 0005 01 0000 0000"                         // status_request
        "0033 0026 0024 001d 0020"                       // key_share: x25519
        "9370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748"
        "002b 0003 02 0304"                                  // supported_versions: TLS 1.3
        "000d 0010 000e 0403 0503 0603 0203 0804 0805 0806"  // signature_algorithms
        "002d 0002 01 01"                                    // psk_key_exchange_modes
        "001c 0002 4001"                                     // record_size_limit
        "0039 0032"                                          // quic_transport_parameters
        "0408ffffffffffffffff 05048000ffff 07048000ffff 080110 0104 80007530"
        "090110 0f088394c8f03e515708 06048000ffff");
}

/// RFC 9001 A.3 and RFC 9369 A.3: the server's Initial, an ACK and a ServerHello.
inline Octets example_server_initial(std::uint32_t version) {
    return version == quic_v1
               ? wire(
                     "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
                     "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
                     "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
                     "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
                     "2158407dd074ee")
               : wire(
                     "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698"
                     "baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17"
                     "f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2"
                     "c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8"
                     "4bed8521e2e140");
}

/// RFC 9001 A.4 and RFC 9369 A.4: a Retry with the token "token".
inline Octets example_retry(std::uint32_t version) {
    return version == quic_v1 ? wire(
                                    "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d82"
                                    "9058fb3f0f2496ba")
                              : wire(
                                    "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952"
                                    "d955543665dcc7b6");
}

/// The first octet of an Initial with a packet number of four octets (RFC 9369 3.2 for v2).
inline std::uint8_t initial_first(std::uint32_t version) {
    return version == quic_v2 ? 0xd3 : 0xc3;
}

/// RFC 9001 A.2 and RFC 9369 A.2: the client's Initial, 1200 octets.
inline Octets example_client_initial(QuicOpener& opener, std::uint32_t version) {
    PlainInitial plain;
    plain.version = version;
    plain.first = initial_first(version);
    plain.destination_id = example_id();
    plain.packet_number = 2;
    plain.frames = example_client_crypto();
    plain.frames.resize(1162, 0);
    return seal(plain, *opener.derive(version, example_id(), QuicSide::client));
}

}  // namespace turnpike::proto::test
