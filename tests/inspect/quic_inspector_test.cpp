// QUIC facts, from Initials that the test encrypts as a client would (RFC 9001 5).
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "inspect/support/messages.h"
#include "inspect/support/scene.h"
#include "turnpike/proto/quic_crypto.h"

namespace turnpike::inspect::test {
namespace {

const base::Endpoint client = endpoint("10.0.0.5", 50'000);
const base::Endpoint server = endpoint("192.0.2.1", 443);
const Octets connection_id{0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

Octets crypto_frame(std::size_t offset, const Octets& data) {
    return Writer()
        .u8(0x06)
        .u32(0x80000000U | static_cast<std::uint32_t>(offset))
        .u16(0x4000U | static_cast<unsigned>(data.size()))
        .bytes(data)
        .done();
}

Octets encrypt(const proto::QuicInitialKeys& keys, unsigned packet_number, const Octets& header,
               const Octets& plain) {
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
void protect_header(const proto::QuicInitialKeys& keys, Octets& packet, std::size_t number_at) {
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

/// An Initial of the client with the frames, padded to 1,200 octets.
Octets initial(unsigned packet_number, const Octets& frames) {
    static proto::QuicOpener opener;
    const auto keys = opener.derive(proto::quic_v1, connection_id, proto::QuicSide::client).value();
    Octets plain = frames;
    plain.resize(1'150, 0);
    Octets header = Writer()
                        .u8(0xc3)
                        .u32(proto::quic_v1)
                        .prefixed8(connection_id)
                        .u8(0)
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

TEST(Quic, ClientHelloOverThreeInitialsOutOfOrder) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("quic.example", "h3", 1'900));
    const auto part = [&](unsigned number, std::size_t begin, std::size_t end) {
        return initial(number, crypto_frame(begin, slice(hello, begin, end)));
    };
    scene.udp(client, server, part(2, 1'800, hello.size()));
    scene.udp(client, server, part(0, 0, 900));
    EXPECT_TRUE(scene.inspector().observation().hellos.empty());
    scene.udp(client, server, part(1, 900, 1'800));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].carrier, facts::TlsHello::Carrier::quic);
    EXPECT_EQ(seen.hellos[0].sni, "quic.example");
    EXPECT_EQ(seen.hellos[0].alpn, std::vector<std::string>{"h3"});
    EXPECT_EQ(seen.hellos[0].at.number, 3U);
    EXPECT_EQ(seen.hellos[0].ja4.substr(0, 1), "q");
    const facts::Flow& flow = seen.flows.at(0);
    EXPECT_EQ(flow.protocol, facts::Protocol::quic);
    EXPECT_EQ(flow.server_name_source, facts::NameSource::quic_sni);
    EXPECT_EQ(flow.quic->version, proto::quic_v1);
    EXPECT_EQ(flow.quic->initials_out, 3U);
    EXPECT_EQ(flow.quic->first_initial.number, 1U);
    EXPECT_EQ(flow.quic->last_initial.number, 3U);
    EXPECT_FALSE(flow.quic->server_packet);
}

TEST(Quic, AnswersOfTheServerAreMarked) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("quic.example", "h3"));
    scene.udp(client, server, initial(0, crypto_frame(0, hello)));
    // Version Negotiation (RFC 9000 17.2.1): version 0, the ids swapped, two versions.
    scene.udp(server, client,
              Writer()
                  .u8(0x80)
                  .u32(0)
                  .u8(0)
                  .prefixed8(connection_id)
                  .u32(proto::quic_v2)
                  .u32(0x0a1a2a3a)
                  .done());
    const facts::QuicFacts quic = *scene.finish().flows.at(0).quic;
    EXPECT_EQ(quic.server_packet.number, 2U);
}

TEST(Quic, HelloThatNeverBecomesWholeKeepsItsName) {
    Scene scene;
    const Octets hello = handshake(1, client_hello_body("part.example", "h3", 1'900));
    scene.udp(client, server, initial(0, crypto_frame(0, slice(hello, 0, 1'000))));
    facts::Observation& seen = scene.finish();
    ASSERT_EQ(seen.hellos.size(), 1U);
    EXPECT_EQ(seen.hellos[0].sni, "part.example");
    EXPECT_EQ(seen.hellos[0].ja4, "");
}

TEST(Quic, AnInitialThatComesLaterThanABurstLastsIsAnotherTry) {
    Scene scene;
    const Octets hello = crypto_frame(0, handshake(1, client_hello_body("quic.example", "h3")));
    scene.udp(client, server, initial(0, hello));
    scene.wait(seconds{1});
    scene.udp(client, server, initial(1, hello));
    scene.wait(seconds{1});
    scene.udp(client, server, initial(2, hello));
    scene.udp(client, server, initial(3, hello));
    const facts::QuicFacts quic = *scene.finish().flows.at(0).quic;
    EXPECT_TRUE(quic.persisted);
    EXPECT_EQ(quic.second_initial.number, 2U);
    EXPECT_FALSE(quic.second_flight);
}

TEST(Quic, WhatTheClientSendsBeyondInitialsFollowsAnAnswer) {
    Scene scene;
    const Octets hello = crypto_frame(0, handshake(1, client_hello_body("quic.example", "h3")));
    scene.udp(client, server, initial(0, hello));
    scene.udp(client, server,
              Writer()  // a Handshake packet (RFC 9000 17.2.4)
                  .u8(0xe3)
                  .u32(proto::quic_v1)
                  .prefixed8(connection_id)
                  .u8(0)
                  .u16(0x4000U | 40U)
                  .bytes(Octets(40, 0x7c))
                  .done());
    EXPECT_EQ(scene.finish().flows.at(0).quic->second_flight.number, 2U);
}

}  // namespace
}  // namespace turnpike::inspect::test
