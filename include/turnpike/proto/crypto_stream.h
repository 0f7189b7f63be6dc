// The CRYPTO stream of QUIC Initials (RFC 9000 19.6): pieces in any order become handshake
// messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/piece_buffer.h"
#include "turnpike/proto/tls.h"

namespace turnpike::proto {

/// A handshake message without its header of four octets.
struct CryptoMessage {
    TlsHandshakeType type = TlsHandshakeType::client_hello;
    base::Bytes body;  ///< into the stream's buffer; valid until add() or release()
};

/// Collects one direction, within the bounds of a PieceBuffer.
class CryptoStream {
  public:
    /// `budget` as for a PieceBuffer.
    explicit CryptoStream(base::OctetBudget* budget = nullptr) noexcept : pieces_(budget) {}

    /// Takes a piece; octets already there are kept (RFC 9000 2.2: they cannot differ). limit if it
    /// lies past the bound or leaves too many holes; what was there stays.
    base::Result<void> add(std::uint64_t offset, base::Bytes data);
    /// The next whole message, in order; truncated until it is there, limit if it never will fit.
    base::Result<CryptoMessage> next() noexcept;
    /// Octets without a hole from the first message not yet taken on: for a hello that never
    /// becomes whole. With the header of four octets; valid until the next change.
    [[nodiscard]] base::Bytes unfinished() const noexcept;
    /// No octet has arrived since the start, or since it was last reset or released.
    [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }
    /// Forgets everything but keeps the memory.
    void reset() noexcept;
    /// Gives the memory back.
    void release() noexcept;

  private:
    PieceBuffer pieces_;
    std::uint32_t taken_ = 0;  ///< octets handed out as messages
};

}  // namespace turnpike::proto
