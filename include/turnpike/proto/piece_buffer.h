// Octets that arrive in pieces, in any order, overlapping or repeated: fragments of a DTLS
// handshake message (RFC 6347 4.2.3), CRYPTO frames of QUIC (RFC 9000 19.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto {

/// Never holds more than 64 KiB or 64 pieces with holes between them, nor reserves room for a hole
/// much larger than what has arrived: one small packet must not cost 64 KiB.
class PieceBuffer {
  public:
    static constexpr std::size_t max_octets = (std::size_t{1} << 16U) + 4U;
    static constexpr std::size_t max_pieces = 64;
    static constexpr std::size_t max_hole = std::size_t{1} << 14U;

    /// Puts a piece in its place; octets that are already there are kept. limit: it lies past a
    /// bound or makes too many holes; nothing changed.
    base::Result<void> add(std::uint64_t offset, base::Bytes piece) noexcept;
    /// The octets from 0 on up to the first hole; valid until the next change.
    [[nodiscard]] base::Bytes prefix() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    /// Forgets everything but keeps the memory.
    void reset() noexcept;
    /// Gives the memory back.
    void release() noexcept;

  private:
    struct Range {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };
    void fill(std::uint32_t begin, std::uint32_t end, base::Bytes piece,
              std::uint32_t piece_at) noexcept;

    std::vector<std::uint8_t> octets_;
    std::vector<Range> ranges_;  ///< sorted, with holes between them
    std::size_t held_ = 0;       ///< octets that have arrived
};

}  // namespace turnpike::proto
