// Writes and seals QUIC Initials of a client and of a server.
#include "turnpike/speak/quic.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "turnpike/base/error.h"
#include "turnpike/proto/quic_crypto.h"
#include "turnpike/speak/random.h"

namespace turnpike::speak {
namespace {

constexpr std::uint32_t version1 = 1;
constexpr std::size_t number_octets = 4;
constexpr std::size_t tag_octets = 16;
constexpr std::size_t sample_octets = 16;
constexpr std::size_t id_length_at = 5;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&::EVP_CIPHER_CTX_free)>;

void require(bool worked) {
    if (!worked) {
        throw base::Error(base::ExitStatus::io_error,
                          "the cryptographic library does not seal a QUIC packet (AES-128-GCM)");
    }
}

// RFC 9001 5.3: the header is the associated data; packet number 0 leaves the nonce as it is.
Octets encrypt(const proto::QuicInitialKeys& keys, base::Bytes header, base::Bytes plain) {
    const Context context(::EVP_CIPHER_CTX_new(), &::EVP_CIPHER_CTX_free);
    Octets sealed(plain.size() + tag_octets);
    int count = 0;
    require(context && ::EVP_EncryptInit_ex(context.get(), ::EVP_aes_128_gcm(), nullptr,
                                            keys.key.data(), keys.iv.data()) == 1);
    require(::EVP_EncryptUpdate(context.get(), nullptr, &count, header.data(),
                                static_cast<int>(header.size())) == 1);
    require(::EVP_EncryptUpdate(context.get(), sealed.data(), &count, plain.data(),
                                static_cast<int>(plain.size())) == 1);
    require(::EVP_EncryptFinal_ex(context.get(), sealed.data() + count, &count) == 1);
    require(::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_octets,
                                  sealed.data() + plain.size()) == 1);
    return sealed;
}

// RFC 9001 5.4.3.
std::array<std::uint8_t, sample_octets> header_mask(const proto::QuicInitialKeys& keys,
                                                    base::Bytes sample) {
    const Context context(::EVP_CIPHER_CTX_new(), &::EVP_CIPHER_CTX_free);
    std::array<std::uint8_t, sample_octets> mask{};
    int count = 0;
    require(context &&
            ::EVP_EncryptInit_ex(context.get(), ::EVP_aes_128_ecb(), nullptr,
                                 keys.header_protection.data(), nullptr) == 1 &&
            ::EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
            ::EVP_EncryptUpdate(context.get(), mask.data(), &count, sample.data(), sample_octets) ==
                1);
    return mask;
}

void variable_length(Writer& out, std::size_t value) {
    out.u16(0x4000U | static_cast<unsigned>(value));  // two octets, RFC 9000 16
}

Octets initial(const proto::QuicInitialKeys& keys, base::Bytes destination_id,
               base::Bytes source_id, base::Bytes hello) {
    Writer header;
    header.u8(0xc0U | (number_octets - 1));  // long header, fixed bit, Initial
    header.u32(version1);
    header.u8(static_cast<unsigned>(destination_id.size()));
    header.bytes(destination_id);
    header.u8(static_cast<unsigned>(source_id.size()));
    header.bytes(source_id);
    header.u8(0);  // no token
    const std::size_t before_payload = header.size() + 2 + number_octets;
    const std::size_t plain_octets = quic_initial_octets - before_payload - tag_octets;
    variable_length(header, number_octets + plain_octets + tag_octets);
    header.u32(0);  // packet number

    Writer plain;
    plain.u8(0x06);  // CRYPTO, RFC 9000 19.6
    plain.u8(0);     // offset
    variable_length(plain, hello.size());
    plain.bytes(hello);
    require(plain.size() <= plain_octets);
    plain.zeros(plain_octets - plain.size());  // PADDING

    auto packet = header.take();
    const auto sealed = encrypt(keys, packet, plain.octets());
    const auto number_at = packet.size() - number_octets;
    packet.insert(packet.end(), sealed.begin(), sealed.end());
    const auto mask =
        header_mask(keys, base::Bytes(packet).subspan(number_at + number_octets, sample_octets));
    packet[0] = static_cast<std::uint8_t>(packet[0] ^ (mask[0] & 0x0fU));
    for (std::size_t i = 0; i < number_octets; ++i) {
        packet[number_at + i] ^= mask[1 + i];
    }
    return packet;
}

proto::QuicInitialKeys keys_of(base::Bytes client_destination_id, proto::QuicSide side) {
    proto::QuicOpener opener;
    const auto keys = opener.derive(version1, client_destination_id, side);
    require(keys.has_value());
    return *keys;
}

bool is_long_header_of_version1(base::Bytes datagram) {
    return datagram.size() > id_length_at && (datagram[0] & 0xc0U) == 0xc0U && datagram[1] == 0 &&
           datagram[2] == 0 && datagram[3] == 0 && datagram[4] == version1;
}

}  // namespace

Octets quic_client_initial(std::string_view name, base::Bytes destination_id) {
    const auto keys = keys_of(destination_id, proto::QuicSide::client);
    return initial(keys, destination_id, {}, quic_client_hello(name, random_array<32>(), {}));
}

Octets quic_server_initial(base::Bytes client_destination_id, base::Bytes source_id,
                           const HelloRandom& random) {
    return initial(keys_of(client_destination_id, proto::QuicSide::server), {}, source_id,
                   quic_server_hello(random));
}

base::Bytes read_quic_destination_id(base::Bytes datagram) {
    if (!is_long_header_of_version1(datagram) || (datagram[0] & 0x30U) != 0) {
        return {};
    }
    const std::size_t octets = datagram[id_length_at];
    return datagram.size() > id_length_at + octets ? datagram.subspan(id_length_at + 1, octets)
                                                   : base::Bytes{};
}

}  // namespace turnpike::speak
