// Hellos for the tests of TLS, DTLS and QUIC: published ones, and a builder for what they lack.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire_bytes.h"

namespace turnpike::proto::test {

using Octets = std::vector<std::uint8_t>;

/// RFC 8448 3: the ClientHello of the simple 1-RTT handshake, with its header of four octets.
inline Octets rfc8448_client_hello() {
    return wire(
        "01 00 00 c0"                                      // ClientHello, 192 octets
        "03 03"                                            // legacy_version
        "cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d"  // random
        "ff a2 1a 8d 99 12 ec 18 a2 ef 62 83 02 4d ec e7"
        "00"                                            // session id: none
        "00 06 13 01 13 03 13 02"                       // three cipher suites
        "01 00"                                         // compression: null
        "00 91"                                         // extensions, 145 octets
        "00 00 00 0b 00 09 00 00 06 73 65 72 76 65 72"  // server_name: "server"
        "ff 01 00 01 00"                                // renegotiation_info
        "00 0a 00 14 00 12 00 1d 00 17 00 18 00 19"     // supported_groups: x25519, ...
        "01 00 01 01 01 02 01 03 01 04"
        "00 23 00 00"                    // session_ticket
        "00 33 00 26 00 24 00 1d 00 20"  // key_share: x25519, 32 octets
        "99 38 1d e5 60 e4 bd 43 d2 3d 8e 43 5a 7d ba fe"
        "b3 c0 6e 51 c1 3c ae 4d 54 13 69 1e 52 9a af 2c"
        "00 2b 00 03 02 03 04"                             // supported_versions: TLS 1.3
        "00 0d 00 20 00 1e 04 03 05 03 06 03 02 03 08 04"  // signature_algorithms
        "08 05 08 06 04 01 05 01 06 01 02 01 04 02 05 02"
        "06 02 02 02"
        "00 2d 00 02 01 01"    // psk_key_exchange_modes
        "00 1c 00 02 40 01");  // record_size_limit
}

/// RFC 8448 3: the ServerHello that answers it.
inline Octets rfc8448_server_hello() {
    return wire(
        "02 00 00 56"                                      // ServerHello, 86 octets
        "03 03"                                            // legacy_version
        "a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95"  // random
        "93 0c 8a c5 cb 14 34 da c1 55 77 2e d3 e2 69 28"
        "00"                       // session id: none
        "13 01"                    // TLS_AES_128_GCM_SHA256
        "00"                       // compression: null
        "00 2e"                    // extensions, 46 octets
        "00 33 00 24 00 1d 00 20"  // key_share: x25519
        "c9 82 88 76 11 20 95 fe 66 76 2b db f7 c6 72 e1"
        "56 d6 cc 25 3b 83 3d f1 dd 69 b1 b0 4e 75 1f 0f"
        "00 2b 00 02 03 04");  // supported_versions: TLS 1.3
}

inline Octets u16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}
inline Octets u24(std::size_t value) {
    return Octets{static_cast<std::uint8_t>(value >> 16U)} + u16(value & 0xffffU);
}
inline Octets text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}
inline Octets prefixed_u8(const Octets& content) {
    return Octets{static_cast<std::uint8_t>(content.size())} + content;
}
inline Octets prefixed_u16(const Octets& content) {
    return u16(content.size()) + content;
}
inline Octets u16_list(const std::vector<std::uint16_t>& values) {
    Octets octets;
    for (const auto value : values) {
        octets = octets + u16(value);
    }
    return octets;
}

inline Octets extension(std::uint16_t type, const Octets& body) {
    return u16(type) + prefixed_u16(body);
}
inline Octets server_name_extension(std::string_view name) {
    return extension(0, prefixed_u16(Octets{0} + prefixed_u16(text(name))));
}
inline Octets alpn_extension(const std::vector<std::string_view>& names) {
    Octets list;
    for (const auto name : names) {
        list = list + prefixed_u8(text(name));
    }
    return extension(16, prefixed_u16(list));
}
inline Octets versions_extension(const std::vector<std::uint16_t>& versions) {
    return extension(43, prefixed_u8(u16_list(versions)));
}

/// The body of a ClientHello with these parts; `cookie` only for DTLS.
inline Octets hello_body(const std::vector<std::uint16_t>& suites, const Octets& extensions,
                         std::uint16_t version = 0x0303, const Octets* cookie = nullptr) {
    Octets body = u16(version) + Octets(32, 0x5a) + Octets{0};
    if (cookie != nullptr) {
        body = body + prefixed_u8(*cookie);
    }
    return body + prefixed_u16(u16_list(suites)) + Octets{1, 0} + prefixed_u16(extensions);
}

/// A handshake message: type, length, body (RFC 8446 4).
inline Octets handshake(std::uint8_t type, const Octets& body) {
    return Octets{type} + u24(body.size()) + body;
}

/// A TLS record (RFC 8446 5.1).
inline Octets record(std::uint8_t type, const Octets& fragment, std::uint16_t version = 0x0301) {
    return Octets{type} + u16(version) + prefixed_u16(fragment);
}

/// Part of a vector.
inline Octets slice(const Octets& octets, std::size_t begin, std::size_t end) {
    return {octets.begin() + static_cast<std::ptrdiff_t>(begin),
            octets.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// A ClientHello with a post-quantum key share (X25519MLKEM768, 1216 octets) that fits no packet.
inline Octets post_quantum_hello(std::string_view name) {
    const Octets share = u16(0x11ec) + prefixed_u16(Octets(1216, 0x77));
    const Octets extensions = extension(51, prefixed_u16(share)) + versions_extension({0x0304}) +
                              extension(27, Octets(400, 0x11)) + alpn_extension({"h2"}) +
                              server_name_extension(name);
    return handshake(1, hello_body({0x1301, 0x1302}, extensions));
}

}  // namespace turnpike::proto::test
