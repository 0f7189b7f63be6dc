// DTLS 1.0, 1.2 (RFC 6347), 1.3 (RFC 9147) and OpenSSL's pre-standard 0x0100: records, handshake
// fragments and their reassembly. The bodies of messages are decoded by tls.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/likelihood.h"
#include "turnpike/proto/piece_buffer.h"
#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// DTLS 1.0 (RFC 4347 4.1).
inline constexpr std::uint16_t dtls_1_0 = 0xfeff;
/// DTLS 1.2 (RFC 6347 4.1).
inline constexpr std::uint16_t dtls_1_2 = 0xfefd;
/// DTLS 1.3 (RFC 9147 5.3): stands in supported_versions only, never in a record.
inline constexpr std::uint16_t dtls_1_3 = 0xfefc;
/// What OpenSSL sent before the standard (DTLS1_BAD_VER).
inline constexpr std::uint16_t dtls_openssl_bad = 0x0100;

/// One record of a datagram. Views point into the datagram.
struct DtlsRecord {
    TlsContentType type = TlsContentType::handshake;  ///< application_data for a unified header
    std::uint16_t version = 0;                        ///< 0 for a unified header
    std::uint16_t epoch = 0;                          ///< its two low bits for a unified header
    std::uint64_t sequence = 0;  ///< 48 bits; of a unified header the (masked) 8 or 16 bits sent
    base::Bytes connection_id;   ///< RFC 9146 4, RFC 9147 4; empty if there is none
    base::Bytes fragment;
    bool unified = false;  ///< DTLS 1.3 ciphertext record (RFC 9147 4)

    /// Epoch 0 is never encrypted.
    [[nodiscard]] constexpr bool readable() const noexcept { return epoch == 0 && !unified; }
};

/// The record at the front of `datagram`, which is moved past it. `connection_id_length`: as
/// negotiated for this direction if known; otherwise a length is tried that makes the record fill
/// the datagram. Errors: truncated, not_this, bad_length.
base::Result<DtlsRecord> decode_dtls_record(
    base::Bytes& datagram, std::optional<std::size_t> connection_id_length = {}) noexcept;

/// The record at the front of a datagram that the snap length may have cut: `fragment` is what it
/// left. A unified header, which could be anything, is not_this. Errors: as above.
base::Result<DtlsRecord> decode_dtls_record_prefix(base::Bytes datagram) noexcept;

/// `yes`: a record header whose length fits the datagram; `maybe`: a unified header, or a record
/// that the capture may have cut.
Likelihood probe_dtls(base::Bytes datagram) noexcept;

/// A fragment of a handshake message (RFC 6347 4.2.2, RFC 9147 5.2).
struct DtlsHandshakeFragment {
    TlsHandshakeType type = TlsHandshakeType::client_hello;
    std::uint32_t length = 0;  ///< of the whole message
    std::uint16_t message_sequence = 0;
    std::uint32_t offset = 0;  ///< of the fragment, octets from the message's front
    base::Bytes body;

    /// The fragment is the message: nothing to put together.
    [[nodiscard]] constexpr bool whole() const noexcept {
        return offset == 0 && body.size() == length;
    }
};
/// The fragment at the front of a readable handshake record's `fragment`, which is moved past it.
/// Errors: truncated, bad_length.
base::Result<DtlsHandshakeFragment> decode_dtls_handshake(base::Bytes& fragment) noexcept;

/// A whole handshake message.
struct DtlsHandshakeMessage {
    TlsHandshakeType type = TlsHandshakeType::client_hello;
    std::uint16_t message_sequence = 0;
    base::Bytes body;  ///< into the input or the assembler; valid until its next call
};

/// Puts the fragments of one direction's handshake messages together, in any order, overlapping or
/// repeated. Bounded: a few messages at a time, the oldest one goes.
class DtlsAssembler {
  public:
    /// Longest body that is put together, octets; a longer one is a `limit`.
    static constexpr std::size_t max_message = std::size_t{1} << 16U;
    static constexpr std::size_t max_messages = 4;  ///< being assembled at one time

    /// `budget` as for a PieceBuffer.
    explicit DtlsAssembler(base::OctetBudget* budget = nullptr) noexcept : budget_(budget) {}

    /// The message that this fragment completes. Errors: truncated (more are needed), bad_length
    /// (runs past the message), limit. A message sent again is reported again.
    base::Result<DtlsHandshakeMessage> add(const DtlsHandshakeFragment& fragment);
    /// Forgets every unfinished message and gives the memory back.
    void release() noexcept;

  private:
    struct Partial {
        PieceBuffer pieces;
        std::uint32_t length = 0;
        std::uint32_t age = 0;
        std::uint16_t sequence = 0;
        TlsHandshakeType type = TlsHandshakeType::client_hello;
        bool used = false;
    };
    Partial& partial_of(const DtlsHandshakeFragment& fragment);

    base::OctetBudget* budget_;
    std::vector<Partial> partials_;
    std::uint32_t clock_ = 0;
};

}  // namespace turnpike::proto
