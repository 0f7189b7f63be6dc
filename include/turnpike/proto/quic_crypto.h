// Keys of QUIC Initial packets and their removal: RFC 9001 5, RFC 9369 3.3, the drafts' salts and
// those of Google's Q050. Initials are encrypted only against accidental reading: everybody who
// sees the client's first packet can derive the keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/quic.h"

namespace turnpike::proto {

/// Who sent a packet.
enum class QuicSide : std::uint8_t {
    client,  ///< who sent the first Initial
    server,  ///< the other end
};

/// AES-128-GCM key, initialization vector and header protection key of one sender's Initials.
struct QuicInitialKeys {
    std::array<std::uint8_t, 16> key{};
    std::array<std::uint8_t, 12> iv{};
    std::array<std::uint8_t, 16> header_protection{};
};

/// An opened Initial. `payload` points into the opener's buffer, valid until its next call.
struct QuicOpened {
    std::uint64_t packet_number = 0;
    base::Bytes payload;  ///< frames
};

/// Derives keys and opens packets with algorithms fetched and contexts made once. One a thread; not
/// thread-safe; no allocation after construction.
class QuicOpener {
  public:
    /// Throws base::Error if the cryptographic library offers no AES-128-GCM or SHA-256.
    QuicOpener();
    ~QuicOpener();
    QuicOpener(const QuicOpener&) = delete;
    QuicOpener& operator=(const QuicOpener&) = delete;
    QuicOpener(QuicOpener&&) noexcept;
    QuicOpener& operator=(QuicOpener&&) noexcept;

    /// The keys of `sender`'s Initials, from the destination connection id of the client's first
    /// Initial (after a Retry: of the first one after it). bad_version for versions without known
    /// salt; bad_value for ids over 20 octets.
    base::Result<QuicInitialKeys> derive(std::uint32_t version, base::Bytes destination_id,
                                         QuicSide sender) noexcept;

    /// Removes header protection and encryption of an Initial (RFC 9001 5.4, 5.3). `largest` is the
    /// largest packet number opened so far from this sender (0 at first; RFC 9000 A.3).
    /// bad_checksum: these are not its keys, or it is damaged. truncated, limit (over 64 KiB).
    base::Result<QuicOpened> open(const QuicPacket& packet, const QuicInitialKeys& keys,
                                  std::uint64_t largest = 0) noexcept;

  private:
    class Library;
    std::unique_ptr<Library> library_;
    std::vector<std::uint8_t> header_;  ///< of the packet at hand, unprotected
};

}  // namespace turnpike::proto
