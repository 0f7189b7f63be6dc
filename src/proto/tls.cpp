// Decodes TLS records, hellos, certificates and alerts: RFC 8446 4 and 5, RFC 5246 6, 7 and E.2,
// RFC 6066 3, RFC 7301 3.1.
#include "turnpike/proto/tls.h"

#include <algorithm>
#include <array>
#include <optional>

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

// IANA "TLS ExtensionType Values".
namespace extension {
constexpr std::uint16_t server_name = 0;            // RFC 6066 3
constexpr std::uint16_t supported_groups = 10;      // RFC 8446 4.2.7
constexpr std::uint16_t signature_algorithms = 13;  // RFC 8446 4.2.3
constexpr std::uint16_t alpn = 16;                  // RFC 7301 3.1
constexpr std::uint16_t early_data = 42;            // RFC 8446 4.2.10
constexpr std::uint16_t supported_versions = 43;    // RFC 8446 4.2.1
constexpr std::uint16_t key_share = 51;             // RFC 8446 4.2.8
constexpr std::uint16_t connection_id = 54;         // RFC 9146 3
constexpr std::uint16_t ech = 0xfe0d;               // RFC 9849 5
constexpr std::uint16_t ech_draft_08 = 0xfe08;      // draft-ietf-tls-esni-08 to -12
constexpr std::uint16_t ech_draft_12 = 0xfe0c;
constexpr std::uint16_t ech_draft_07 = 0xff02;  // draft-ietf-tls-esni-07
constexpr std::uint16_t esni = 0xffce;          // draft-ietf-tls-esni-00 to -06
}  // namespace extension

constexpr std::size_t random_size = 32;

/// A body that is nothing but a vector preceded by its length.
Bytes sole_vector(Bytes body, unsigned width) noexcept {
    Cursor cursor{body};
    const Bytes vector = width == 1 ? cursor.take_u8_prefixed() : cursor.take_u16_prefixed();
    return cursor.ok() && cursor.empty() ? vector : Bytes{};
}

std::string_view host_name(Bytes body) noexcept {
    Cursor list{sole_vector(body, 2)};
    while (!list.empty()) {
        const auto type = list.u8();
        const Bytes name = list.take_u16_prefixed();
        if (!list.ok()) {
            break;
        }
        if (type == 0) {  // RFC 6066 3: NameType host_name
            return base::as_text(name);
        }
    }
    return {};
}

EchKind ech_kind(Bytes body) noexcept {
    // RFC 9849 5: ECHClientHelloType inner(1); everything else is visible on the wire as outer.
    return !body.empty() && body[0] == 1 ? EchKind::inner : EchKind::outer;
}

constexpr bool is_dtls_version(std::uint16_t version) noexcept {
    return (version >> 8U) == 0xfe;
}

/// The higher of two versions; those of DTLS count downwards (RFC 6347 4.1).
constexpr std::uint16_t higher(std::uint16_t a, std::uint16_t b) noexcept {
    if (is_dtls_version(a) && is_dtls_version(b)) {
        return std::min(a, b);
    }
    return std::max(a, b);
}

std::uint16_t highest_version(const ClientHello& hello) noexcept {
    std::uint16_t best = 0;
    for (const auto version : hello.supported_versions) {
        if (!is_grease(version)) {
            best = best == 0 ? version : higher(best, version);
        }
    }
    return best == 0 ? hello.legacy_version : best;
}

/// The extension proper says most; of its predecessors the first one counts.
void note_ech(const TlsExtension& sent, ClientHello& hello) noexcept {
    if (sent.type == extension::ech) {
        hello.ech = ech_kind(sent.body);
        return;
    }
    const bool draft =
        sent.type == extension::ech_draft_07 ||
        (sent.type >= extension::ech_draft_08 && sent.type <= extension::ech_draft_12);
    if (hello.ech == EchKind::none && (draft || sent.type == extension::esni)) {
        hello.ech = draft ? EchKind::draft : EchKind::esni;
    }
}

void decode_extension(const TlsExtension& sent, ClientHello& hello) noexcept {
    switch (sent.type) {
        case extension::server_name:
            hello.has_server_name = true;
            if (hello.server_name.empty()) {
                hello.server_name = host_name(sent.body);
            }
            break;
        case extension::supported_groups:
            hello.supported_groups = U16List{sole_vector(sent.body, 2)};
            break;
        case extension::signature_algorithms:
            hello.signature_algorithms = U16List{sole_vector(sent.body, 2)};
            break;
        case extension::alpn:
            hello.alpn = AlpnList{sole_vector(sent.body, 2)};
            break;
        case extension::early_data:
            hello.early_data = true;
            break;
        case extension::supported_versions:
            hello.supported_versions = U16List{sole_vector(sent.body, 1)};
            break;
        case extension::key_share:
            hello.has_key_share = true;
            hello.key_shares = sole_vector(sent.body, 2);
            break;
        case extension::connection_id:
            hello.has_connection_id = true;
            hello.connection_id = sole_vector(sent.body, 1);
            break;
        default:
            note_ech(sent, hello);
            break;
    }
}

/// Reads extensions up to the end of `bytes` or the first that does not fit; false for the latter.
bool decode_extensions(Bytes bytes, ClientHello& hello) noexcept {
    Cursor cursor{bytes};
    std::size_t good = 0;
    while (!cursor.empty()) {
        const auto type = cursor.u16();
        const Bytes body = cursor.take_u16_prefixed();
        if (!cursor.ok()) {
            break;
        }
        decode_extension({.type = type, .body = body}, hello);
        good = cursor.position();
    }
    hello.extensions = TlsExtensions::checked(bytes.first(good));
    return good == bytes.size();
}

/// The extensions block after the compression methods; absent in old hellos (RFC 5246 7.4.1.2).
Result<void> decode_extension_block(Cursor& cursor, bool may_be_cut, ClientHello& hello) noexcept {
    const bool absent = cursor.empty();
    const std::size_t length = absent ? 0 : cursor.u16();
    if (!cursor.ok()) {
        hello.complete = false;
        return may_be_cut ? Result<void>{} : std::unexpected{ParseError::truncated};
    }
    const bool cut = length > cursor.remaining();
    if (!cut && cursor.remaining() > length) {
        return std::unexpected{ParseError::bad_length};
    }
    if (cut && !may_be_cut) {
        return std::unexpected{ParseError::truncated};
    }
    const bool all_fit = decode_extensions(cursor.rest(), hello);
    hello.complete = !cut;
    if (!cut && !all_fit) {
        return std::unexpected{ParseError::bad_length};
    }
    return {};
}

Result<ClientHello> decode_hello(Bytes body, bool with_cookie, bool may_be_cut) noexcept {
    Cursor cursor{body};
    ClientHello hello;
    hello.legacy_version = cursor.u16();
    hello.random = cursor.take(random_size);
    hello.session_id = cursor.take_u8_prefixed();
    if (with_cookie) {
        hello.cookie = cursor.take_u8_prefixed();
    }
    const Bytes suites = cursor.take_u16_prefixed();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    const auto major = hello.legacy_version >> 8U;
    // RFC 8446 4.1.2 and RFC 6347 4.1; 0x0100 is OpenSSL's DTLS before the standard.
    if (major != 3 && !is_dtls_version(hello.legacy_version) && major != 1) {
        return std::unexpected{ParseError::bad_value};
    }
    // RFC 8446 4.1.2: at most 32 octets of session id, and whole cipher suites.
    if (hello.session_id.size() > 32 || suites.size() % 2 != 0) {
        return std::unexpected{ParseError::bad_length};
    }
    hello.cipher_suites = U16List{suites};
    hello.compression_methods = cursor.take_u8_prefixed();
    if (!cursor.ok()) {
        hello.complete = false;
        hello.version = hello.legacy_version;
        return may_be_cut ? Result<ClientHello>{hello} : std::unexpected{ParseError::truncated};
    }
    if (auto block = decode_extension_block(cursor, may_be_cut, hello); !block) {
        return std::unexpected{block.error()};
    }
    hello.version = highest_version(hello);
    return hello;
}

/// RFC 5246 E.2: the three lengths of an SSLv2 hello add up to its own.
bool sslv2_lengths_fit(Bytes bytes, std::size_t length) noexcept {
    Cursor cursor{bytes.subspan(5)};
    const std::size_t specs = cursor.u16();
    const std::size_t session = cursor.u16();
    const std::size_t challenge = cursor.u16();
    return cursor.ok() && specs % 3 == 0 && challenge >= 16 &&
           9 + specs + session + challenge == length;
}

/// Does a handshake record begin with a message that a connection can begin with?
Likelihood handshake_begins(Bytes bytes, std::size_t record_length) noexcept {
    if (bytes.size() < 11) {
        return Likelihood::maybe;
    }
    Cursor cursor{bytes.subspan(tls_record_header_size)};
    const auto type = static_cast<TlsHandshakeType>(cursor.u8());
    const std::size_t length = cursor.u24();
    const auto major = cursor.u8();
    const bool hello =
        type == TlsHandshakeType::client_hello || type == TlsHandshakeType::server_hello;
    const bool fits = length > 34 && length <= (std::size_t{1} << 16U) && record_length >= 4;
    return hello && fits && major == 3 ? Likelihood::yes : Likelihood::maybe;
}

}  // namespace

AlpnList::AlpnList(Bytes entries) noexcept {
    Cursor cursor{entries};
    std::size_t good = 0;
    while (!cursor.empty()) {
        cursor.take_u8_prefixed();
        if (!cursor.ok()) {
            break;
        }
        good = cursor.position();
    }
    entries_ = entries.first(good);
}

TlsExtensions::TlsExtensions(Bytes bytes) noexcept {
    Cursor cursor{bytes};
    std::size_t good = 0;
    while (!cursor.empty()) {
        cursor.skip(2);
        cursor.take_u16_prefixed();
        if (!cursor.ok()) {
            break;
        }
        good = cursor.position();
    }
    bytes_ = bytes.first(good);
}

Result<ClientHello> decode_client_hello(Bytes body) noexcept {
    return decode_hello(body, false, false);
}

Result<ClientHello> decode_dtls_client_hello(Bytes body) noexcept {
    return decode_hello(body, true, false);
}

Result<ClientHello> decode_client_hello_prefix(Bytes body) noexcept {
    return decode_hello(body, false, true);
}

Result<ClientHello> decode_sslv2_client_hello(Bytes body) noexcept {
    Cursor cursor{body};
    ClientHello hello;
    hello.sslv2 = true;
    hello.legacy_version = cursor.u16();
    const std::size_t specs_size = cursor.u16();
    const std::size_t session_size = cursor.u16();
    const std::size_t challenge_size = cursor.u16();
    // Three octets a cipher spec; those of TLS begin with zero (RFC 5246 E.2), the others have no
    // number of two octets and are left out.
    const Bytes specs = cursor.take(specs_size);
    hello.session_id = cursor.take(session_size);
    hello.random = cursor.take(challenge_size);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (!cursor.empty() || specs_size % 3 != 0 || challenge_size < 16 || challenge_size > 32) {
        return std::unexpected{ParseError::bad_length};
    }
    if (hello.legacy_version != 2 && (hello.legacy_version >> 8U) != 3) {
        return std::unexpected{ParseError::bad_version};
    }
    hello.sslv2_cipher_specs = specs;
    hello.version = hello.legacy_version;
    return hello;
}

Result<Bytes> decode_tls_certificate(Bytes body) noexcept {
    Cursor cursor{body};
    Cursor list{cursor.take_u24_prefixed()};
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (!cursor.empty()) {
        return std::unexpected{ParseError::bad_length};
    }
    if (list.empty()) {
        return std::unexpected{ParseError::bad_value};
    }
    const Bytes first = list.take_u24_prefixed();
    if (!list.ok() || first.empty()) {
        return std::unexpected{ParseError::bad_length};
    }
    return first;
}

Result<TlsAlert> decode_tls_alert(Bytes fragment) noexcept {
    if (fragment.size() < 2) {
        return std::unexpected{ParseError::truncated};
    }
    if (fragment.size() != 2) {
        return std::unexpected{ParseError::bad_length};
    }
    if (fragment[0] != 1 && fragment[0] != 2) {
        return std::unexpected{ParseError::bad_value};
    }
    return TlsAlert{.level = fragment[0], .description = fragment[1]};
}

Result<TlsRecord> decode_tls_record(Bytes bytes) noexcept {
    if (bytes.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    const bool known_type = bytes[0] >= 20 && bytes[0] <= 24;
    const bool known_version = bytes.size() < 2 || bytes[1] == 3;  // SSL 3.0 to TLS 1.3
    if (!known_type || !known_version || (bytes.size() > 2 && bytes[2] > 4)) {
        return std::unexpected{ParseError::not_this};
    }
    Cursor cursor{bytes};
    cursor.skip(1);
    TlsRecord record;
    record.type = static_cast<TlsContentType>(bytes[0]);
    record.version = cursor.u16();
    const std::size_t length = cursor.u16();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    // RFC 8446 5.1: zero-length fragments are for application data only.
    if (length > tls_max_fragment ||
        (length == 0 && record.type != TlsContentType::application_data)) {
        return std::unexpected{ParseError::bad_length};
    }
    record.fragment = cursor.take(length);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    return record;
}

Likelihood probe_tls(Bytes bytes) noexcept {
    const Cursor cursor{bytes};
    // RFC 5246 E.2: length with the top bit set, ClientHello, version 2.0 or 3.x.
    const bool sslv2 = bytes.size() >= 5 && (cursor.peek(0) & 0x80U) != 0 && cursor.peek(2) == 1 &&
                       ((cursor.peek(3) == 3 && cursor.peek(4) <= 4) ||
                        (cursor.peek(3) == 0 && cursor.peek(4) == 2));
    if (sslv2) {
        // version and three lengths, then at least one cipher spec and a challenge of 16
        const std::size_t length = ((cursor.peek(0) & 0x7fU) << 8U) | cursor.peek(1);
        return length >= 28 && bytes.size() >= 11 && sslv2_lengths_fit(bytes, length)
                   ? Likelihood::yes
                   : Likelihood::no;
    }
    const auto record = decode_tls_record(bytes);
    if (!record && record.error() != ParseError::truncated) {
        return Likelihood::no;
    }
    if (bytes.size() < 3) {
        return bytes.empty() ? Likelihood::no : Likelihood::maybe;
    }
    const std::size_t length = bytes.size() >= 5 ? Cursor{bytes.subspan(3)}.u16() : 0U;
    switch (static_cast<TlsContentType>(bytes[0])) {
        case TlsContentType::handshake:
            return handshake_begins(bytes, length);
        case TlsContentType::alert:
            return bytes.size() >= 7 && length == 2 && (bytes[5] == 1 || bytes[5] == 2)
                       ? Likelihood::yes
                       : Likelihood::maybe;
        default:
            return Likelihood::maybe;
    }
}

}  // namespace turnpike::proto
