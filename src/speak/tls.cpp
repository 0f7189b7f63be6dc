// Writes the hellos of TLS, DTLS and QUIC, and reads what an answer needs of them.
#include "turnpike/speak/tls.h"

#include <algorithm>

#include "turnpike/speak/random.h"

namespace turnpike::speak {
namespace {

// IANA TLS parameters, and RFC 8701's values that clients send to be ignored.
constexpr unsigned grease_suite = 0x3a3a;
constexpr unsigned grease_group = 0x5a5a;
constexpr unsigned grease_first = 0x1a1a;
constexpr unsigned grease_last = 0x8a8a;
constexpr unsigned grease_version = 0xcaca;
constexpr unsigned tls12 = 0x0303;
constexpr unsigned tls13 = 0x0304;
constexpr unsigned x25519 = 0x001d;
constexpr unsigned x25519_mlkem768 = 0x11ec;
constexpr std::size_t x25519_octets = 32;

constexpr unsigned client_hello_type = 1;
constexpr unsigned server_hello_type = 2;
constexpr unsigned hello_verify_type = 3;
constexpr unsigned handshake_record = 22;
constexpr unsigned change_cipher_spec_record = 20;
constexpr unsigned application_data_record = 23;
constexpr std::size_t record_header = 5;
constexpr std::size_t handshake_header = 4;
constexpr std::size_t dtls_record_header = 13;
constexpr std::size_t dtls_handshake_header = 12;
constexpr std::size_t version_octets = 2;

template <typename Body>
void extension(Writer& out, unsigned type, Body body) {
    out.u16(type);
    const auto length = out.length16();
    body();
}

void empty_extension(Writer& out, unsigned type) {
    extension(out, type, [] {});
}

void u16_list(Writer& out, std::initializer_list<unsigned> values) {
    const auto length = out.length16();
    for (const auto value : values) {
        out.u16(value);
    }
}

// An encapsulation key of ML-KEM-768 (FIPS 203 7.2): 768 coefficients below 3329 in 12 bits each,
// and a seed of 32 octets. Servers check the coefficients.
void ml_kem_key(Writer& out) {
    constexpr unsigned modulus = 3329;
    constexpr std::size_t pairs = 384;
    constexpr std::size_t seed = 32;
    const auto random = random_octets(pairs * 4);
    for (std::size_t i = 0; i < pairs; ++i) {
        const auto coefficient = [&](std::size_t at) {
            return ((unsigned{random[at]} << 8U) | random[at + 1]) % modulus;
        };
        const unsigned first = coefficient(4 * i);
        const unsigned second = coefficient(4 * i + 2);
        out.u8(first);
        out.u8((first >> 8U) | (second << 4U));
        out.u8(second >> 4U);
    }
    out.bytes(random_octets(seed));
}

void server_name(Writer& out, std::string_view name) {
    if (name.empty()) {
        return;
    }
    extension(out, 0, [&] {
        const auto list = out.length16();
        out.u8(0);  // host_name, RFC 6066 3
        const auto length = out.length16();
        out.text(name);
    });
}

void alpn(Writer& out, std::initializer_list<std::string_view> protocols) {
    extension(out, 16, [&] {
        const auto list = out.length16();
        for (const auto protocol : protocols) {
            const auto length = out.length8();
            out.text(protocol);
        }
    });
}

void signature_algorithms(Writer& out) {
    extension(out, 13, [&] {
        u16_list(out, {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
    });
}

void classic_share(Writer& out) {
    out.u16(x25519);
    const auto length = out.length16();
    out.bytes(random_octets(x25519_octets));
}

void browser_extensions(Writer& out, std::string_view name) {
    const auto all = out.length16();
    empty_extension(out, grease_first);
    server_name(out, name);
    empty_extension(out, 23);                    // extended_master_secret
    extension(out, 0xff01, [&] { out.u8(0); });  // renegotiation_info
    extension(out, 10, [&] {                     // supported_groups
        u16_list(out, {grease_group, x25519_mlkem768, x25519, 0x0017, 0x0018});
    });
    extension(out, 11, [&] { out.u16(0x0100); });  // ec_point_formats: uncompressed
    empty_extension(out, 35);                      // session_ticket
    alpn(out, {"h2", "http/1.1"});
    extension(out, 5, [&] { out.bytes(Octets{1, 0, 0, 0, 0}); });  // status_request
    signature_algorithms(out);
    empty_extension(out, 18);  // signed_certificate_timestamp
    extension(out, 51, [&] {   // key_share
        const auto list = out.length16();
        out.u16(grease_group);
        out.u16(1);
        out.u8(0);
        out.u16(x25519_mlkem768);
        {
            const auto length = out.length16();
            ml_kem_key(out);
            out.bytes(random_octets(x25519_octets));
        }
        classic_share(out);
    });
    extension(out, 45, [&] { out.u16(0x0101); });  // psk_key_exchange_modes: with (EC)DHE
    extension(out, 43, [&] {                       // supported_versions
        const auto list = out.length8();
        out.u16(grease_version);
        out.u16(tls13);
        out.u16(tls12);
    });
    extension(out, 27, [&] { out.bytes(Octets{2, 0, 2}); });  // compress_certificate: brotli
    extension(out, grease_last, [&] { out.u8(0); });
}

// QUIC's transport parameters (RFC 9000 18.2), as a browser that opens a connection sets them.
void transport_parameters(Writer& out, base::Bytes source_id) {
    extension(out, 0x39, [&] {
        const auto four = [&out](unsigned id, std::uint32_t value) {
            out.u8(id);
            out.u8(4);
            out.u32(0x8000'0000U | value);  // a variable-length integer of four octets
        };
        four(0x01, 30'000);  // max_idle_timeout, milliseconds
        four(0x03, 1472);    // max_udp_payload_size
        four(0x04, 15 << 20U);
        four(0x05, 6 << 20U);
        four(0x06, 6 << 20U);
        four(0x07, 6 << 20U);
        four(0x08, 100);
        four(0x09, 103);
        out.u8(0x0f);  // initial_source_connection_id
        const auto length = out.length8();
        out.bytes(source_id);
    });
}

}  // namespace

Octets tls_client_hello(std::string_view name, const HelloRandom& random) {
    Writer out;
    out.u8(handshake_record);
    out.u16(0x0301);
    {
        const auto record = out.length16();
        out.u8(client_hello_type);
        const auto message = out.length24();
        out.u16(tls12);
        out.bytes(random);
        {
            const auto session = out.length8();
            out.bytes(random_octets(32));
        }
        u16_list(out, {grease_suite, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                       0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
        out.u16(0x0100);  // no compression
        browser_extensions(out, name);
    }
    return out.take();
}

Octets quic_client_hello(std::string_view name, const HelloRandom& random, base::Bytes source_id) {
    Writer out;
    out.u8(client_hello_type);
    {
        const auto message = out.length24();
        out.u16(tls12);
        out.bytes(random);
        out.u8(0);  // no session id
        u16_list(out, {0x1301, 0x1302, 0x1303});
        out.u16(0x0100);
        const auto all = out.length16();
        server_name(out, name);
        extension(out, 10, [&] { u16_list(out, {x25519, 0x0017, 0x0018}); });
        alpn(out, {"h3"});
        signature_algorithms(out);
        extension(out, 51, [&] {
            const auto list = out.length16();
            classic_share(out);
        });
        extension(out, 45, [&] { out.u16(0x0101); });
        extension(out, 43, [&] {
            const auto list = out.length8();
            out.u16(tls13);
        });
        transport_parameters(out, source_id);
    }
    return out.take();
}

Octets dtls_client_hello(const HelloRandom& random) {
    Writer out;
    out.u8(handshake_record);
    out.u16(0xfeff);
    out.u16(0);  // epoch
    out.u16(0);  // sequence number, 48 bits
    out.u32(0);
    {
        const auto record = out.length16();
        Writer body;
        body.u16(0xfefd);
        body.bytes(random);
        body.u8(0);  // no session id
        body.u8(0);  // no cookie yet
        u16_list(body, {0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014});
        body.u16(0x0100);
        {
            const auto all = body.length16();
            empty_extension(body, 23);
            extension(body, 0xff01, [&] { body.u8(0); });
            extension(body, 10, [&] { u16_list(body, {x25519, 0x0017, 0x0018}); });
            extension(body, 11, [&] { body.u16(0x0100); });
            signature_algorithms(body);
            extension(body, 14, [&] {  // use_srtp, RFC 5764 4.1.1
                u16_list(body, {0x0007, 0x0008, 0x0001});
                body.u8(0);
            });
        }
        const auto message = body.take();
        out.u8(client_hello_type);
        out.u24(static_cast<std::uint32_t>(message.size()));
        out.u16(0);  // message number
        out.u24(0);  // fragment offset
        out.u24(static_cast<std::uint32_t>(message.size()));
        out.bytes(message);
    }
    return out.take();
}

std::optional<HelloSeen> read_tls_client_hello(base::Bytes bytes) {
    constexpr std::size_t random_at = record_header + handshake_header + version_octets;
    constexpr std::size_t session_at = random_at + std::tuple_size_v<HelloRandom>;
    if (bytes.size() <= session_at || bytes[0] != handshake_record ||
        bytes[record_header] != client_hello_type) {
        return std::nullopt;
    }
    HelloSeen seen;
    seen.message = record_header + ((std::size_t{bytes[3]} << 8U) | bytes[4]);
    const std::size_t session_octets = bytes[session_at];
    if (bytes.size() < seen.message || session_at + 1 + session_octets > seen.message) {
        return std::nullopt;
    }
    std::ranges::copy(bytes.subspan(random_at, seen.random.size()), seen.random.begin());
    seen.session_id = bytes.subspan(session_at + 1, session_octets);
    return seen;
}

std::optional<HelloRandom> read_dtls_client_hello(base::Bytes bytes) {
    constexpr std::size_t random_at = dtls_record_header + dtls_handshake_header + version_octets;
    HelloRandom random{};
    if (bytes.size() < random_at + random.size() || bytes[0] != handshake_record ||
        bytes[1] != 0xfe || bytes[dtls_record_header] != client_hello_type) {
        return std::nullopt;
    }
    std::ranges::copy(bytes.subspan(random_at, random.size()), random.begin());
    return random;
}

namespace {

void server_hello(Writer& out, const HelloRandom& random, base::Bytes session_id) {
    out.u8(server_hello_type);
    const auto message = out.length24();
    out.u16(tls12);
    out.bytes(random);
    {
        const auto session = out.length8();
        out.bytes(session_id);
    }
    out.u16(0x1301);
    out.u8(0);
    const auto all = out.length16();
    extension(out, 51, [&] { classic_share(out); });
    extension(out, 43, [&] { out.u16(tls13); });
}

}  // namespace

Octets tls_server_answer(const HelloSeen& hello, const HelloRandom& random) {
    constexpr std::size_t encrypted_octets = 640;
    Writer out;
    out.u8(handshake_record);
    out.u16(tls12);
    {
        const auto record = out.length16();
        server_hello(out, random, hello.session_id);
    }
    out.bytes(Octets{change_cipher_spec_record, 3, 3, 0, 1, 1});
    const auto room =
        hello.message > out.size() + record_header ? hello.message - out.size() - record_header : 0;
    if (room > 0) {
        out.u8(application_data_record);
        out.u16(tls12);
        const auto record = out.length16();
        out.bytes(random_octets(std::min(room, encrypted_octets)));
    }
    return out.take();
}

Octets quic_server_hello(const HelloRandom& random) {
    Writer out;
    server_hello(out, random, {});
    return out.take();
}

Octets dtls_hello_verify(base::Bytes cookie) {
    Writer out;
    out.u8(handshake_record);
    out.u16(0xfeff);
    out.u16(0);
    out.u16(0);
    out.u32(0);
    {
        const auto record = out.length16();
        const auto body = static_cast<std::uint32_t>(version_octets + 1 + cookie.size());
        out.u8(hello_verify_type);
        out.u24(body);
        out.u16(0);
        out.u24(0);
        out.u24(body);
        out.u16(0xfeff);
        const auto length = out.length8();
        out.bytes(cookie);
    }
    return out.take();
}

}  // namespace turnpike::speak
