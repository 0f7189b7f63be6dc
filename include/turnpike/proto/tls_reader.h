// Follows one direction of a TLS stream: handshake messages and alerts out of records, over any
// number of records and segments (RFC 8446 5.1: a message may span records, a record may hold
// several messages, even a record header may be split between segments).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/octet_budget.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// What a TlsReader found next.
struct TlsEvent {
    /// What happened; the fields named beside it are set.
    enum class Kind : std::uint8_t {
        handshake,           ///< a whole message in clear: handshake_type, body
        alert,               ///< in clear: alert
        change_cipher_spec,  ///< what follows is encrypted (before TLS 1.3)
        application_data,    ///< a record of it began (TLS 1.3 hides its handshake in these)
        encrypted,           ///< a handshake or alert record that cannot be read
        other,               ///< heartbeat and unknown content types
    };
    Kind kind = Kind::other;
    TlsContentType content_type = TlsContentType::handshake;
    TlsHandshakeType handshake_type = TlsHandshakeType::client_hello;
    std::uint16_t record_version = 0;
    bool first_record = false;  ///< of this direction, as far as this reader has seen
    bool sslv2 = false;         ///< a ClientHello for decode_sslv2_client_hello()
    /// The message without its four octets of type and length (of an SSLv2 hello: from the version
    /// on). Points into the input or into the reader; valid until the next call of either.
    base::Bytes body;
    TlsAlert alert;
};

/// Decodes the ClientHello of a handshake event, SSLv2-compatible or not; not_this for others.
base::Result<ClientHello> decode_client_hello(const TlsEvent& event) noexcept;

/// The state of one direction. Small until a message spans inputs; never holds more than 64 KiB.
class TlsReader {
  public:
    /// Longest handshake message kept: 64 KiB of body and its header.
    static constexpr std::size_t max_message = (std::size_t{1} << 16U) + 4U;

    /// `budget` bounds what all readers together put aside, and outlives them; without one only
    /// each one's own bound holds.
    explicit TlsReader(base::OctetBudget* budget = nullptr) noexcept : share_(budget) {}

    /// Takes octets off the front of `input`, which must follow those of the calls before without a
    /// gap, until something happened. Call it again while it yields events; `truncated` means that
    /// all of `input` was taken and more is needed. Every other error is final:
    /// not_this (no TLS), bad_length, bad_value, limit (a hello over max_message, or the budget is
    /// used up).
    base::Result<TlsEvent> next(base::Bytes& input);

    /// The part of an unfinished handshake message that has been collected (with its four octets of
    /// header), for a stream that ends or has a hole before it is whole. Empty if there is none.
    /// Points into the reader; valid until its next call.
    [[nodiscard]] base::Bytes unfinished() const noexcept;
    /// Gives the memory back, once the handshake is over.
    void release() noexcept;

  private:
    bool read_header(base::Bytes& input) noexcept;
    base::Result<TlsEvent> begin_record();
    base::Result<TlsEvent> read_fragment(base::Bytes& input);
    base::Result<TlsEvent> read_alert(base::Bytes& input);
    base::Result<TlsEvent> read_handshake(base::Bytes& input);
    base::Result<TlsEvent> collect_handshake(base::Bytes& input);
    base::Result<TlsEvent> read_sslv2(base::Bytes& input);
    base::Result<TlsEvent> begin_oversized(std::size_t size) noexcept;
    void drop_oversized(base::Bytes& input) noexcept;
    [[nodiscard]] bool is_readable() const noexcept;
    base::Result<TlsEvent> encrypted() noexcept;
    [[nodiscard]] TlsEvent event(TlsEvent::Kind kind) const noexcept;
    [[nodiscard]] TlsEvent handshake_event(base::Bytes message) const noexcept;
    void take(base::Bytes& input, std::size_t count) noexcept;
    void collect(base::Bytes& input, std::size_t count);
    void skip(base::Bytes& input) noexcept;
    void drop_message() noexcept;
    std::unexpected<base::ParseError> fail(base::ParseError reason) noexcept;

    std::vector<std::uint8_t> message_;  ///< handshake message (or alert) being collected
    base::BudgetShare share_;            ///< for message_
    std::array<std::uint8_t, tls_record_header_size> header_{};
    std::uint8_t header_size_ = 0;  ///< octets of header_ that are there
    std::uint32_t record_size_ = 0;
    std::uint32_t record_left_ = 0;   ///< octets of the current record not yet taken
    std::uint32_t message_skip_ = 0;  ///< octets of an uninteresting oversized message to drop
    std::uint16_t record_version_ = 0;
    TlsContentType type_ = TlsContentType::handshake;
    bool in_record_ = false;
    bool skip_record_ = false;  ///< the rest of this record is not read
    bool first_record_ = true;  ///< the current record is the first
    bool started_ = false;      ///< at least one record header was good
    bool delivered_ = false;    ///< message_ was handed out and is to be cleared
    bool sslv2_ = false;
    bool ciphered_ = false;  ///< a ChangeCipherSpec was seen
    bool failed_ = false;
    base::ParseError reason_ = base::ParseError::not_this;
};

}  // namespace turnpike::proto
