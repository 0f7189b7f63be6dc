// Octets that arrive in pieces, in any order, overlapping or repeated: fragments of a DTLS
// handshake message (RFC 6347 4.2.3), CRYPTO frames of QUIC (RFC 9000 19.6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/octet_budget.h"
#include "turnpike/base/parse_error.h"

namespace turnpike::proto {

/// Keeps what has arrived and nothing for the holes, so that a packet never costs more than it
/// brings: at most 64 KiB in 64 pieces with holes between them, and what `budget` grants to all.
class PieceBuffer {
  public:
    /// Largest offset that a piece may end at: 64 KiB and a handshake message's header of four
    /// octets.
    static constexpr std::size_t max_octets = (std::size_t{1} << 16U) + 4U;
    /// Most pieces with holes between them.
    static constexpr std::size_t max_pieces = 64;

    /// `budget` outlives the buffer; without one only its own bounds hold.
    explicit PieceBuffer(base::OctetBudget* budget = nullptr) noexcept : share_(budget) {}

    /// Puts a piece in its place; octets that are already there are kept. limit: it lies past a
    /// bound, makes too many holes, or the budget is used up; nothing changed.
    base::Result<void> add(std::uint64_t offset, base::Bytes piece);
    /// The octets from 0 on up to the first hole; valid until the next change.
    [[nodiscard]] base::Bytes prefix() const noexcept;
    /// Nothing is in it.
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    /// Forgets everything but keeps the memory.
    void reset() noexcept;
    /// Gives the memory back.
    void release() noexcept;

  private:
    struct Range {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        [[nodiscard]] std::uint32_t size() const noexcept { return end - begin; }
    };

    std::vector<std::uint8_t> octets_;  ///< of all ranges, one after the other
    std::vector<Range> ranges_;         ///< sorted, with holes between them
    std::size_t ranges_paid_ = 0;       ///< most there ever were: their memory stays
    base::BudgetShare share_;
};

}  // namespace turnpike::proto
