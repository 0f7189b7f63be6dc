// Puts the pieces of CRYPTO frames together (RFC 9000 19.6) and takes handshake messages out
// (RFC 8446 4).
#include "turnpike/proto/crypto_stream.h"

#include "turnpike/base/cursor.h"

namespace turnpike::proto {

using base::Bytes;
using base::Cursor;
using base::ParseError;
using base::Result;

Result<void> CryptoStream::add(std::uint64_t offset, Bytes data) {
    return pieces_.add(offset, data);
}

Result<CryptoMessage> CryptoStream::next() noexcept {
    Cursor cursor{unfinished()};
    CryptoMessage message;
    message.type = static_cast<TlsHandshakeType>(cursor.u8());
    const std::size_t length = cursor.u24();
    if (cursor.ok() && taken_ + cursor.position() + length > PieceBuffer::max_octets) {
        return std::unexpected{ParseError::limit};
    }
    message.body = cursor.take(length);
    if (!cursor.ok()) {
        return std::unexpected{ParseError::truncated};
    }
    taken_ += static_cast<std::uint32_t>(cursor.position());
    return message;
}

Bytes CryptoStream::unfinished() const noexcept {
    const Bytes prefix = pieces_.prefix();
    return prefix.size() > taken_ ? prefix.subspan(taken_) : Bytes{};
}

void CryptoStream::reset() noexcept {
    pieces_.reset();
    taken_ = 0;
}

void CryptoStream::release() noexcept {
    pieces_.release();
    taken_ = 0;
}

}  // namespace turnpike::proto
