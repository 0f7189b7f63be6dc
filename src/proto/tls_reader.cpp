// Reads records across segments and messages across records: RFC 8446 5.1, RFC 5246 6.2 and E.2.
#include "turnpike/proto/tls_reader.h"

#include <algorithm>

#include "turnpike/base/cursor.h"
#include "turnpike/base/give_back.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

namespace {

constexpr std::size_t message_header_size = 4;  // RFC 8446 4: type and 24-bit length
// Enough of a message to tell a hello from ciphertext: its header and the legacy version.
constexpr std::size_t hello_mark_size = 6;
// A length no sane handshake message has: what claims it is ciphertext.
constexpr std::size_t absurd_message = std::size_t{1} << 20U;

/// RFC 5246 E.2: an SSLv2 header (two octets, top bit set) before a ClientHello for 2.0 or 3.x.
bool is_sslv2_hello(Bytes header) noexcept {
    return (header[0] & 0x80U) != 0 && header[2] == 1 &&
           ((header[3] == 3 && header[4] <= 4) || (header[3] == 0 && header[4] == 2));
}

bool is_assigned(TlsHandshakeType type) noexcept {
    switch (type) {
        case TlsHandshakeType::hello_request:
        case TlsHandshakeType::client_hello:
        case TlsHandshakeType::server_hello:
        case TlsHandshakeType::hello_verify_request:
        case TlsHandshakeType::new_session_ticket:
        case TlsHandshakeType::end_of_early_data:
        case TlsHandshakeType::encrypted_extensions:
        case TlsHandshakeType::certificate:
        case TlsHandshakeType::server_key_exchange:
        case TlsHandshakeType::certificate_request:
        case TlsHandshakeType::server_hello_done:
        case TlsHandshakeType::certificate_verify:
        case TlsHandshakeType::client_key_exchange:
        case TlsHandshakeType::finished:
        case TlsHandshakeType::certificate_status:
        case TlsHandshakeType::key_update:
        case TlsHandshakeType::compressed_certificate:
        case TlsHandshakeType::message_hash:
            return true;
    }
    // 21 and 23 (RFC 6066 5, RFC 4680) and 67 (next_protocol) are old, but in clear.
    const auto number = static_cast<unsigned>(type);
    return number == 21 || number == 23 || number == 67;
}

std::size_t message_size(Bytes header) noexcept {
    Cursor cursor{header};
    cursor.skip(1);
    return message_header_size + cursor.u24();
}

/// After a ChangeCipherSpec only a second hello is in clear: RFC 8446 D.4 has the client send one
/// before its answer to a HelloRetryRequest.
bool is_clear_hello(Bytes mark, std::size_t record_size) noexcept {
    const bool hello = mark[0] == static_cast<std::uint8_t>(TlsHandshakeType::client_hello) ||
                       mark[0] == static_cast<std::uint8_t>(TlsHandshakeType::server_hello);
    const std::size_t size = message_size(mark);
    return hello && mark[4] == 3 && (size == record_size || size > tls_max_fragment);
}

}  // namespace

Result<ClientHello> decode_client_hello(const TlsEvent& event) noexcept {
    if (event.kind != TlsEvent::Kind::handshake ||
        event.handshake_type != TlsHandshakeType::client_hello) {
        return std::unexpected{ParseError::not_this};
    }
    return event.sslv2 ? decode_sslv2_client_hello(event.body) : decode_client_hello(event.body);
}

Result<TlsEvent> TlsReader::next(Bytes& input) {
    if (delivered_) {
        drop_message();
        delivered_ = false;
    }
    while (!failed_) {
        if (!in_record_) {
            if (!read_header(input)) {
                break;
            }
            if (auto found = begin_record(); found || found.error() != ParseError::truncated) {
                return found;
            }
        }
        if (sslv2_) {
            return read_sslv2(input);
        }
        skip(input);
        if (in_record_ && input.empty()) {
            break;
        }
        if (in_record_) {
            auto found = read_fragment(input);
            if (found || found.error() != ParseError::truncated) {
                return found;
            }
        }
    }
    return std::unexpected{failed_ ? reason_ : ParseError::truncated};
}

Bytes TlsReader::unfinished() const noexcept {
    return delivered_ || sslv2_ ? Bytes{} : Bytes{message_};
}

void TlsReader::release() noexcept {
    drop_message();
    delivered_ = false;
}

std::unexpected<ParseError> TlsReader::fail(ParseError reason) noexcept {
    failed_ = true;
    reason_ = reason;
    return std::unexpected{reason};
}

bool TlsReader::read_header(Bytes& input) noexcept {
    const std::size_t count = std::min(header_.size() - header_size_, input.size());
    std::copy_n(input.begin(), count, header_.begin() + header_size_);
    header_size_ = static_cast<std::uint8_t>(header_size_ + count);
    input = input.subspan(count);
    if (header_size_ < header_.size()) {
        return false;
    }
    header_size_ = 0;
    in_record_ = true;
    return true;
}

/// Judges a complete header. An event only for application data; truncated means "read on".
Result<TlsEvent> TlsReader::begin_record() {
    const bool first = !started_;
    if (first && is_sslv2_hello(header_)) {
        const std::size_t size = ((header_[0] & 0x7fU) << 8U) | header_[1];
        if (size < 3) {
            return fail(ParseError::bad_length);
        }
        started_ = true;
        sslv2_ = true;
        message_.assign(header_.begin() + 3, header_.end());
        record_left_ = static_cast<std::uint32_t>(size - 3);
        return std::unexpected{ParseError::truncated};
    }
    const auto record = decode_tls_record(header_);
    const std::size_t size = Cursor{Bytes{header_}.subspan(3)}.u16();
    if (!record && record.error() != ParseError::truncated) {
        // In the middle of a stream a bad header means that its thread is lost.
        const bool foreign = record.error() == ParseError::not_this;
        return fail(foreign && !first ? ParseError::bad_value : record.error());
    }
    type_ = static_cast<TlsContentType>(header_[0]);
    record_version_ = static_cast<std::uint16_t>((header_[1] << 8U) | header_[2]);
    record_left_ = static_cast<std::uint32_t>(size);
    record_size_ = record_left_;
    first_record_ = first;
    started_ = true;
    skip_record_ = false;
    if (type_ == TlsContentType::handshake || type_ == TlsContentType::alert ||
        type_ == TlsContentType::change_cipher_spec) {
        return std::unexpected{ParseError::truncated};
    }
    skip_record_ = true;
    in_record_ = record_left_ > 0;
    return event(type_ == TlsContentType::application_data ? TlsEvent::Kind::application_data
                                                           : TlsEvent::Kind::other);
}

TlsEvent TlsReader::event(TlsEvent::Kind kind) const noexcept {
    TlsEvent made;
    made.kind = kind;
    made.content_type = type_;
    made.record_version = record_version_;
    made.first_record = first_record_;
    return made;
}

Result<TlsEvent> TlsReader::read_fragment(Bytes& input) {
    switch (type_) {
        case TlsContentType::handshake:
            return read_handshake(input);
        case TlsContentType::alert:
            return read_alert(input);
        default:
            break;
    }
    // RFC 5246 7.1: a ChangeCipherSpec is one octet of value one; nothing in it is of interest.
    ciphered_ = true;
    skip_record_ = true;
    return event(TlsEvent::Kind::change_cipher_spec);
}

Result<TlsEvent> TlsReader::read_alert(Bytes& input) {
    skip_record_ = record_size_ != 2;
    if (skip_record_) {
        return event(TlsEvent::Kind::encrypted);
    }
    // An alert between the fragments of a message ends the handshake: what was collected is void.
    if (record_left_ == record_size_ && !input.empty()) {
        drop_message();
    }
    collect(input, record_left_);
    if (record_left_ > 0) {
        return std::unexpected{ParseError::truncated};
    }
    in_record_ = false;
    delivered_ = true;
    const auto alert = decode_tls_alert(message_);
    TlsEvent made = event(alert ? TlsEvent::Kind::alert : TlsEvent::Kind::encrypted);
    made.alert = alert.value_or(TlsAlert{});
    return made;
}

Result<TlsEvent> TlsReader::read_handshake(Bytes& input) {
    if (message_skip_ > 0) {
        drop_oversized(input);
        return std::unexpected{ParseError::truncated};
    }
    const std::size_t available = std::min<std::size_t>(input.size(), record_left_);
    if (message_.empty() && !ciphered_ && available >= message_header_size) {
        const std::size_t size = message_size(input);
        if (size <= available && is_assigned(static_cast<TlsHandshakeType>(input[0]))) {
            const Bytes message = input.first(size);
            take(input, size);
            return handshake_event(message);
        }
    }
    return collect_handshake(input);
}

/// The way of messages that are not whole in the input: octet by octet into message_.
Result<TlsEvent> TlsReader::collect_handshake(Bytes& input) {
    const std::size_t mark = ciphered_ ? hello_mark_size : message_header_size;
    if (message_.size() < mark) {
        if (ciphered_ && message_.size() + record_left_ < mark) {
            return encrypted();
        }
        collect(input, mark - message_.size());
        if (message_.size() < mark) {
            return std::unexpected{ParseError::truncated};
        }
        if (!is_readable()) {
            return encrypted();
        }
    }
    const std::size_t size = message_size(message_);
    if (size > max_message) {
        return begin_oversized(size);
    }
    collect(input, size - message_.size());
    if (message_.size() < size) {
        return std::unexpected{ParseError::truncated};
    }
    delivered_ = true;
    return handshake_event(message_);
}

bool TlsReader::is_readable() const noexcept {
    if (!is_assigned(static_cast<TlsHandshakeType>(message_[0])) ||
        message_size(message_) > absurd_message) {
        return false;
    }
    return !ciphered_ || is_clear_hello(message_, record_size_);
}

Result<TlsEvent> TlsReader::encrypted() noexcept {
    drop_message();
    skip_record_ = true;
    return event(TlsEvent::Kind::encrypted);
}

Result<TlsEvent> TlsReader::begin_oversized(std::size_t size) noexcept {
    const auto type = static_cast<TlsHandshakeType>(message_[0]);
    if (type == TlsHandshakeType::client_hello || type == TlsHandshakeType::server_hello) {
        return fail(ParseError::limit);
    }
    message_skip_ = static_cast<std::uint32_t>(size - message_.size());
    drop_message();
    return std::unexpected{ParseError::truncated};
}

void TlsReader::drop_oversized(Bytes& input) noexcept {
    const std::size_t count =
        std::min({input.size(), std::size_t{record_left_}, std::size_t{message_skip_}});
    message_skip_ -= static_cast<std::uint32_t>(count);
    take(input, count);
}

TlsEvent TlsReader::handshake_event(Bytes message) const noexcept {
    TlsEvent made = event(TlsEvent::Kind::handshake);
    made.handshake_type = static_cast<TlsHandshakeType>(message[0]);
    made.body = message.subspan(message_header_size);
    return made;
}

Result<TlsEvent> TlsReader::read_sslv2(Bytes& input) {
    collect(input, record_left_);
    if (record_left_ > 0) {
        return std::unexpected{ParseError::truncated};
    }
    in_record_ = false;
    sslv2_ = false;
    delivered_ = true;
    first_record_ = true;
    TlsEvent made = event(TlsEvent::Kind::handshake);
    made.record_version = 2;
    made.handshake_type = TlsHandshakeType::client_hello;
    made.sslv2 = true;
    made.body = message_;
    return made;
}

/// Moves past `count` octets of the current record, which must be there.
void TlsReader::take(Bytes& input, std::size_t count) noexcept {
    input = input.subspan(count);
    record_left_ -= static_cast<std::uint32_t>(count);
    in_record_ = record_left_ > 0;
}

/// Appends up to `count` octets of the current record to the message.
void TlsReader::collect(Bytes& input, std::size_t count) {
    const std::size_t taken = std::min({count, input.size(), std::size_t{record_left_}});
    if (!share_.grow(taken)) {
        drop_message();
        fail(ParseError::limit);
        return;
    }
    message_.insert(message_.end(), input.begin(),
                    input.begin() + static_cast<std::ptrdiff_t>(taken));
    take(input, taken);
}

/// With its memory: few messages span inputs, and what a connection keeps it may keep for hours.
void TlsReader::drop_message() noexcept {
    base::give_back(message_);
    share_.clear();
}

/// Drops what is left of a record that is not read.
void TlsReader::skip(Bytes& input) noexcept {
    if (skip_record_) {
        take(input, std::min<std::size_t>(input.size(), record_left_));
    }
}

}  // namespace turnpike::proto
