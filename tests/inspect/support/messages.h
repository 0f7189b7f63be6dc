// Messages of the protocols of a call, as small as they can be and still be real.
#pragma once

#include <string_view>

#include "inspect/support/octets.h"

namespace turnpike::inspect::test {

// ---- TLS (RFC 8446 4.1.2, 5.1)

/// The body of a ClientHello with SNI, ALPN and TLS 1.3; `padding` octets of the padding extension
/// (RFC 7685) make it as large as a post-quantum one.
inline Octets client_hello_body(std::string_view name, std::string_view alpn = "h2",
                                std::size_t padding = 0, bool dtls = false) {
    Writer extensions;
    if (!name.empty()) {
        const Octets host = Writer().u8(0).prefixed16(base::as_bytes(name)).done();
        extensions.u16(0).prefixed16(Writer().prefixed16(host).done());  // server_name
    }
    const Octets protocol = Writer().prefixed8(base::as_bytes(alpn)).done();
    extensions.u16(16).prefixed16(Writer().prefixed16(protocol).done());
    const Octets versions = dtls ? Writer().u16(0xfefd).done() : Writer().u16(0x0304).done();
    extensions.u16(43).prefixed16(Writer().prefixed8(versions).done());
    extensions.u16(10).prefixed16(Writer().prefixed16(Writer().u16(0x001d).done()).done());
    if (padding > 0) {
        extensions.u16(21).prefixed16(Octets(padding));
    }
    Writer body;
    body.u16(dtls ? 0xfefd : 0x0303);
    for (unsigned i = 0; i < 32; ++i) {
        body.u8(0xa0 + i);  // random
    }
    body.u8(0);  // session id
    if (dtls) {
        body.u8(0);  // cookie
    }
    body.prefixed16(Writer().u16(0x1301).u16(0xc02f).done());
    body.prefixed8(Octets{0});  // compression
    body.prefixed16(extensions.done());
    return body.done();
}

inline Octets handshake(unsigned type, const Octets& body) {
    return Writer().u8(type).u24(static_cast<unsigned>(body.size())).bytes(body).done();
}

inline Octets tls_record(unsigned type, const Octets& fragment) {
    return Writer().u8(type).u16(0x0301).prefixed16(fragment).done();
}

inline Octets tls_client_hello(std::string_view name, std::size_t padding = 0) {
    return tls_record(22, handshake(1, client_hello_body(name, "h2", padding)));
}

inline Octets tls_server_hello() {
    Writer body;
    body.u16(0x0303);
    for (unsigned i = 0; i < 32; ++i) {
        body.u8(0xb0 + i);
    }
    body.u8(0).u16(0x1301).u8(0);
    body.prefixed16(Writer().u16(43).prefixed16(Writer().u16(0x0304).done()).done());
    return tls_record(22, handshake(2, body.done()));
}

inline Octets tls_alert(unsigned level, unsigned description) {
    return tls_record(21, Writer().u8(level).u8(description).done());
}

inline Octets tls_application_data(std::size_t size = 64) {
    return tls_record(23, Octets(size, 0x5a));
}

// ---- DTLS (RFC 6347 4.1, 4.2.2)

inline Octets dtls_record(unsigned type, unsigned epoch, std::uint32_t sequence,
                          const Octets& fragment) {
    return Writer()
        .u8(type)
        .u16(0xfefd)
        .u16(epoch)
        .u16(0)
        .u32(sequence)
        .prefixed16(fragment)
        .done();
}

inline Octets dtls_fragment(unsigned type, unsigned message_sequence, const Octets& body,
                            std::size_t begin, std::size_t end) {
    const Octets part = slice(body, begin, end);
    return Writer()
        .u8(type)
        .u24(static_cast<unsigned>(body.size()))
        .u16(message_sequence)
        .u24(static_cast<unsigned>(begin))
        .u24(static_cast<unsigned>(part.size()))
        .bytes(part)
        .done();
}

inline Octets dtls_client_hello(std::string_view name = "") {
    const Octets body = client_hello_body(name, "webrtc", 0, true);
    return dtls_record(22, 0, 0, dtls_fragment(1, 0, body, 0, body.size()));
}

// ---- DNS (RFC 1035 4.1)

inline Octets dns_name(std::string_view name) {
    Writer out;
    while (!name.empty()) {
        const auto dot = name.find('.');
        out.prefixed8(base::as_bytes(name.substr(0, dot)));
        name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
    }
    return out.u8(0).done();
}

inline Octets dns_query(unsigned id, std::string_view name, unsigned type = 1) {
    return Writer()
        .u16(id)
        .u16(0x0100)
        .u16(1)
        .u16(0)
        .u16(0)
        .u16(0)
        .bytes(dns_name(name))
        .u16(type)
        .u16(1)
        .done();
}

/// An answer with A records for the addresses, or with a code and none.
inline Octets dns_answer(unsigned id, std::string_view name, unsigned rcode,
                         const std::vector<std::string_view>& addresses = {},
                         unsigned extended_error = 0) {
    Writer out;
    out.u16(id).u16(0x8180 | rcode).u16(1).u16(static_cast<unsigned>(addresses.size())).u16(0);
    out.u16(extended_error != 0 ? 1 : 0).bytes(dns_name(name)).u16(1).u16(1);
    for (const std::string_view text : addresses) {
        const base::IpAddress address = base::IpAddress::parse(text).value();
        out.u16(0xc00c).u16(1).u16(1).u32(300).prefixed16(address.octets());
    }
    if (extended_error != 0) {  // OPT with an Extended DNS Error (RFC 8914 2)
        const Octets option = Writer().u16(15).u16(2).u16(extended_error).done();
        out.u8(0).u16(41).u16(1232).u32(0).prefixed16(option);
    }
    return out.done();
}

// ---- STUN (RFC 8489 5) and TURN (RFC 8656)

inline Octets stun_attribute(unsigned type, base::Bytes value) {
    Writer out;
    out.u16(type).prefixed16(value);
    return out.zeros((4 - value.size() % 4) % 4).done();
}

inline Octets xor_address(const base::Endpoint& where) {
    Writer out;
    out.u8(0).u8(1).u16(where.port ^ 0x2112U);
    const auto octets = where.address.octets();
    out.u8(octets[0] ^ 0x21U).u8(octets[1] ^ 0x12U).u8(octets[2] ^ 0xa4U).u8(octets[3] ^ 0x42U);
    return out.done();
}

inline Octets stun_message(unsigned type, std::uint32_t transaction,
                           const std::vector<Octets>& attributes = {}) {
    Writer body;
    for (const Octets& attribute : attributes) {
        body.bytes(attribute);
    }
    return Writer()
        .u16(type)
        .u16(static_cast<unsigned>(body.done().size()))
        .u32(0x2112a442)
        .u32(0x01020304)
        .u32(0x05060708)
        .u32(transaction)
        .bytes(body.done())
        .done();
}

inline constexpr unsigned binding_request = 0x0001;
inline constexpr unsigned binding_success = 0x0101;
inline constexpr unsigned allocate_request = 0x0003;
inline constexpr unsigned allocate_success = 0x0103;
inline constexpr unsigned allocate_error = 0x0113;
inline constexpr unsigned send_indication = 0x0016;
inline constexpr unsigned data_indication = 0x0017;

inline Octets stun_error_code(unsigned code, std::string_view reason) {
    return stun_attribute(0x0009,
                          Writer().u16(0).u8(code / 100).u8(code % 100).text(reason).done());
}

inline Octets channel_data(unsigned channel, const Octets& payload, bool padded = false) {
    Writer out;
    out.u16(channel).prefixed16(payload);
    return out.zeros(padded ? (4 - payload.size() % 4) % 4 : 0).done();
}

// ---- RTP and RTCP (RFC 3550 5.1, 6.4)

inline Octets rtp(unsigned payload_type, unsigned sequence, std::uint32_t timestamp,
                  std::uint32_t ssrc, std::size_t size = 160) {
    return Writer()
        .u8(0x80)
        .u8(payload_type)
        .u16(sequence & 0xffffU)
        .u32(timestamp)
        .u32(ssrc)
        .bytes(Octets(size, 0xd5))
        .done();
}

inline Octets rtcp_receiver_report(std::uint32_t ssrc) {
    return Writer().u8(0x80).u8(201).u16(1).u32(ssrc).done();
}

}  // namespace turnpike::inspect::test
