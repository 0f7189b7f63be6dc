// Decodes DTLS records and handshake fragments: RFC 6347 4.1 and 4.2, RFC 9146 4, RFC 9147 4 and
// 5.
#include "turnpike/proto/dtls.h"

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

constexpr std::size_t dtls_header_size = 13;  // RFC 6347 4.1
// RFC 9146 4: the place of the connection id, between sequence number and length.
constexpr std::size_t connection_id_offset = 11;
// RFC 9147 4: the first octet of a unified header is 001CSLEE.
constexpr std::uint8_t unified_mask = 0xe0;
constexpr std::uint8_t unified_mark = 0x20;
constexpr std::uint8_t unified_connection_id = 0x10;
constexpr std::uint8_t unified_long_sequence = 0x08;
constexpr std::uint8_t unified_length = 0x04;
// RFC 9147 4.2.3: ciphertext is at least as long as the sample that hides the sequence number.
constexpr std::size_t unified_sample_size = 16;

bool is_unified(std::uint8_t first) noexcept {
    return (first & unified_mask) == unified_mark;
}

bool is_known_type(std::uint8_t type) noexcept {
    return type >= static_cast<std::uint8_t>(TlsContentType::change_cipher_spec) &&
           type <= static_cast<std::uint8_t>(TlsContentType::ack);
}

bool is_known_version(std::uint16_t version) noexcept {
    return version == dtls_1_0 || version == dtls_1_2 || version == dtls_1_3 ||
           version == dtls_openssl_bad;
}

/// The length of connection id with which a tls12_cid record fills the datagram; else none.
std::size_t fitting_connection_id(Bytes datagram) noexcept {
    for (std::size_t id = 0; connection_id_offset + id + 2 <= datagram.size() && id < 256; ++id) {
        const std::size_t at = connection_id_offset + id;
        const std::size_t length = Cursor{datagram.subspan(at)}.u16();
        if (at + 2 + length == datagram.size()) {
            return id;
        }
    }
    return 0;
}

Result<DtlsRecord> decode_unified(Bytes& datagram, std::optional<std::size_t> id_length) noexcept {
    Cursor cursor{datagram};
    DtlsRecord record;
    record.unified = true;
    record.type = TlsContentType::application_data;
    const auto first = cursor.u8();
    record.epoch = first & 0x03U;
    if ((first & unified_connection_id) != 0) {
        // Without knowing its length nothing after it can be told apart.
        if (!id_length) {
            record.fragment = cursor.rest();
            datagram = {};
            return record;
        }
        record.connection_id = cursor.take(*id_length);
    }
    record.sequence = (first & unified_long_sequence) != 0 ? cursor.u16() : cursor.u8();
    record.fragment = (first & unified_length) != 0 ? cursor.take_u16_prefixed()
                                                    : cursor.take(cursor.remaining());
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (record.fragment.size() < unified_sample_size) {
        return std::unexpected{ParseError::bad_length};
    }
    datagram = cursor.rest();
    return record;
}

/// A record whose header tells its type and length.
Result<DtlsRecord> decode_plain(Bytes& datagram, std::optional<std::size_t> connection_id_length,
                                bool may_be_cut) noexcept {
    if (!is_known_type(datagram[0])) {
        return std::unexpected{ParseError::not_this};
    }
    Cursor cursor{datagram};
    DtlsRecord record;
    record.type = static_cast<TlsContentType>(datagram[0]);
    cursor.skip(1);
    record.version = cursor.u16();
    if (cursor.ok() && !is_known_version(record.version)) {
        return std::unexpected{ParseError::not_this};
    }
    record.epoch = cursor.u16();
    record.sequence = std::uint64_t{cursor.u16()} << 32U;
    record.sequence |= cursor.u32();
    if (record.type == TlsContentType::tls12_cid) {
        record.connection_id =
            cursor.take(connection_id_length.value_or(fitting_connection_id(datagram)));
    }
    const std::size_t length = cursor.u16();
    if (cursor.ok() && length > tls_max_fragment) {
        return std::unexpected{ParseError::bad_length};
    }
    record.fragment = cursor.take(may_be_cut ? std::min(length, cursor.remaining()) : length);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    datagram = cursor.rest();
    return record;
}

}  // namespace

Result<DtlsRecord> decode_dtls_record(Bytes& datagram,
                                      std::optional<std::size_t> connection_id_length) noexcept {
    if (datagram.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    return is_unified(datagram[0]) ? decode_unified(datagram, connection_id_length)
                                   : decode_plain(datagram, connection_id_length, false);
}

Result<DtlsRecord> decode_dtls_record_prefix(Bytes datagram) noexcept {
    if (datagram.empty()) {
        return std::unexpected{ParseError::truncated};
    }
    return decode_plain(datagram, {}, true);
}

Likelihood probe_dtls(Bytes datagram) noexcept {
    if (datagram.empty()) {
        return Likelihood::no;
    }
    Bytes rest = datagram;
    const auto record = decode_dtls_record(rest);
    if (!record) {
        const bool cut =
            record.error() == ParseError::truncated && datagram.size() >= dtls_header_size;
        return cut ? Likelihood::maybe : Likelihood::no;
    }
    if (record->unified) {
        return Likelihood::maybe;
    }
    // What follows in the datagram must be a record too.
    if (!rest.empty() && !is_known_type(rest[0]) && !is_unified(rest[0])) {
        return Likelihood::maybe;
    }
    return Likelihood::yes;
}

Result<DtlsHandshakeFragment> decode_dtls_handshake(Bytes& fragment) noexcept {
    Cursor cursor{fragment};
    DtlsHandshakeFragment part;
    part.type = static_cast<TlsHandshakeType>(cursor.u8());
    part.length = cursor.u24();
    part.message_sequence = cursor.u16();
    part.offset = cursor.u24();
    part.body = cursor.take_u24_prefixed();
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    if (part.offset + part.body.size() > part.length) {
        return std::unexpected{ParseError::bad_length};
    }
    fragment = cursor.rest();
    return part;
}

}  // namespace turnpike::proto
