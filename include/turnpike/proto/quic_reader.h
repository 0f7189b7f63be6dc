// Follows the beginning of the QUIC connection on one 5-tuple, both directions: keys, Retry,
// version changes, Initials in any order, and the hellos in them; also Google's QUIC, whose CHLO
// names the server.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "turnpike/base/bytes.h"
#include "turnpike/base/parse_error.h"
#include "turnpike/proto/crypto_stream.h"
#include "turnpike/proto/gquic.h"
#include "turnpike/proto/quic.h"
#include "turnpike/proto/quic_crypto.h"

namespace turnpike::proto {

/// What one datagram brought. Views are valid until the next call of the reader or opener, or the
/// end of the datagram.
struct QuicReport {
    QuicSide sender = QuicSide::client;  ///< as the caller said, unless the keys prove otherwise
    bool sender_proven = false;          ///< `sender` follows from keys, or from CHLO, REJ, Retry
    std::uint32_t version = 0;           ///< of the first long header; 0 if there is none
    bool initial = false;
    bool zero_rtt = false;
    bool handshake = false;
    bool retry = false;
    bool version_negotiation = false;
    bool unknown_long = false;  ///< a long header of a version whose packet types are not known
    bool one_rtt = false;  ///< short header: may be anything at all unless a long one came before
    bool opened = false;   ///< an Initial was decrypted (or a clear gQUIC handshake packet read)
    std::optional<QuicFrame> close;  ///< CONNECTION_CLOSE in an Initial, without its reason
    std::optional<CryptoMessage> client_hello;  ///< became whole with this datagram: body for
                                                ///< decode_client_hello()
    std::optional<CryptoMessage> server_hello;  ///< body of the message
    std::string_view gquic_server_name;         ///< SNI of a gQUIC CHLO
    std::string_view gquic_user_agent;          ///< UAID of a gQUIC CHLO
    bool gquic_hello = false;                   ///< a gQUIC CHLO was read
    /// Set if an Initial or frame could not be read; bad_checksum when no keys fit (normal for
    /// connections whose first Initial is not in the capture).
    std::optional<base::ParseError> problem;
};

/// The state of one 5-tuple. Small until an Initial was opened; release() when the hellos are
/// there.
class QuicReader {
  public:
    /// `budget` as for a PieceBuffer.
    explicit QuicReader(base::OctetBudget* budget = nullptr) noexcept
        : sides_{Side{CryptoStream{budget}}, Side{CryptoStream{budget}}} {}

    /// Reads a datagram from `sender` (the caller's belief; the first sender is the client).
    /// Errors (not_this, truncated, bad_length, limit): no QUIC packet is at the front of the
    /// datagram. A hello sent again is reported again if its connection is new (other ids, or after
    /// a Retry).
    base::Result<QuicReport> read(base::Bytes datagram, QuicSide sender, QuicOpener& opener);

    /// The same of a datagram that the snap length cut within its first packet: only what the
    /// header tells. Errors: truncated, not_this.
    static base::Result<QuicReport> read_cut(base::Bytes datagram, QuicSide sender) noexcept;

    /// What that end has sent in CRYPTO frames; lives as long as the reader.
    [[nodiscard]] const CryptoStream& stream(QuicSide side) const noexcept {
        return sides_[static_cast<std::size_t>(side)].stream;
    }
    /// The part of a ClientHello that has arrived, header of four octets left out, for
    /// decode_client_hello_prefix() when a flow ends early. Empty if there is none. Points into the
    /// reader; valid until its next call.
    [[nodiscard]] base::Bytes unfinished_client_hello() const noexcept;
    /// Gives the memory of both streams back; keys and connection ids stay.
    void release() noexcept;

  private:
    struct Side {
        CryptoStream stream;
        QuicInitialKeys keys{};
        std::uint64_t largest = 0;  ///< packet number
    };
    struct ConnectionId {
        std::array<std::uint8_t, 20> octets{};
        std::uint8_t size = 0;
    };
    void read_packet(const QuicPacket& packet, QuicReport& report, QuicOpener& opener);
    void read_initial(const QuicPacket& packet, QuicReport& report, QuicOpener& opener);
    base::Result<QuicOpened> open(const QuicPacket& packet, QuicReport& report,
                                  QuicOpener& opener) noexcept;
    base::Result<QuicOpened> open_as(QuicSide side, const QuicPacket& packet,
                                     QuicOpener& opener) noexcept;
    base::Result<QuicOpened> adopt(const QuicPacket& packet, QuicOpener& opener) noexcept;
    void read_frames(base::Bytes payload, QuicReport& report);
    void take_messages(QuicReport& report) noexcept;
    void read_gquic(const GquicPacket& packet, QuicReport& report) noexcept;
    void read_gquic_message(base::Bytes bytes, QuicReport& report) noexcept;

    std::array<Side, 2> sides_;
    ConnectionId original_id_;  ///< the keys are derived from this one
    std::uint32_t version_ = 0;
    bool has_keys_ = false;
};

}  // namespace turnpike::proto
