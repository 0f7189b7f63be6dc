// What a receiver of one RTP source knows: sequence validation (RFC 3550 A.1), loss (A.3) and
// interarrival jitter (A.8). A plain value: copy it, keep it in a table, no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "turnpike/base/time.h"
#include "turnpike/proto/rtp.h"

namespace turnpike::proto {

/// What update() made of a packet.
enum class RtpArrival : std::uint8_t {
    in_order,   ///< as expected, or after a gap of less than MAX_DROPOUT
    reordered,  ///< late by at most MAX_MISORDER
    duplicate,  ///< a sequence number already received
    rejected,   ///< a large jump, set aside until a successor confirms it
    restarted,  ///< the successor of a rejected packet: the source began anew
};

/// State of one source (SSRC) in one direction of one flow.
class RtpStreamState {
  public:
    /// Takes a packet of the source into account; the first one starts it.
    RtpArrival update(const RtpPacket& packet, base::Timestamp arrival) noexcept;

    /// MIN_SEQUENTIAL (2) packets came in direct sequence (RFC 3550 A.1): this is RTP as far as
    /// numbers can tell.
    [[nodiscard]] bool confirmed() const noexcept;
    [[nodiscard]] std::uint32_t ssrc() const noexcept { return ssrc_; }
    /// The most recent payload type that carried media (telephone events and comfort noise aside).
    [[nodiscard]] std::uint8_t payload_type() const noexcept { return payload_type_; }
    /// All packets, those before the confirmation, late ones, duplicates and rejected ones
    /// included.
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return duplicates_; }
    [[nodiscard]] std::uint64_t reordered() const noexcept { return reordered_; }
    [[nodiscard]] std::uint32_t restarts() const noexcept { return restarts_; }
    /// Expected minus received (RFC 3550 A.3), summed over restarts. A duplicate is not received
    /// twice, and a packet from before the first one seen makes the sequence begin earlier, so this
    /// is never negative.
    [[nodiscard]] std::int64_t lost() const noexcept;
    /// RFC 3550 A.8 in milliseconds; nothing where the clock is unknown or no two packets could be
    /// compared.
    [[nodiscard]] std::optional<double> jitter_ms() const noexcept {
        if (jitter_samples_ == 0 || jitter_clock_rate_ == 0) {
            return std::nullopt;
        }
        constexpr double milliseconds = 1000;
        return jitter_ / jitter_clock_rate_ * milliseconds;
    }

  private:
    /// What a payload type means to the stream.
    enum class MediaRole : std::uint8_t {
        media,      ///< the one that carried media so far
        new_media,  ///< another one that carries media now
        aside,      ///< telephone events or comfort noise
    };

    void begin(std::uint16_t sequence) noexcept;
    RtpArrival place(std::uint16_t sequence) noexcept;
    RtpArrival advance(std::uint16_t by) noexcept;
    RtpArrival go_back(std::uint32_t by) noexcept;
    RtpArrival jump(std::uint16_t sequence) noexcept;
    void note_run(bool direct_successor) noexcept;
    [[nodiscard]] std::int64_t lost_since_restart() const noexcept;
    MediaRole note_payload_type(const RtpPacket& packet) noexcept;
    void compare(const RtpPacket& packet, base::Timestamp arrival) noexcept;
    [[nodiscard]] std::uint32_t clock_rate() const noexcept;

    // Sequence numbers extended by their wraps (RFC 3550 A.1: max_seq, cycles, base_seq), begun at
    // one wrap so that a late packet may come before the first.
    std::uint64_t highest_ = 0;
    std::uint64_t base_ = 0;
    std::array<std::uint64_t, 2> window_{};  // bit n: highest_ - n was received
    std::uint32_t after_jump_ = no_jump;     // RFC 3550 A.1: bad_seq
    std::uint32_t ssrc_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t received_ = 0;  // since the last restart, without duplicates
    std::uint64_t duplicates_ = 0;
    std::uint64_t reordered_ = 0;
    std::int64_t lost_before_restart_ = 0;
    std::uint32_t restarts_ = 0;
    std::uint32_t jitter_samples_ = 0;
    double jitter_ = 0;  // timestamp units
    base::Timestamp last_arrival_;
    std::uint32_t last_timestamp_ = 0;
    std::uint32_t jitter_clock_rate_ = 0;  // Hz, of the packets compared
    std::uint8_t run_ = 0;
    std::uint8_t longest_run_ = 0;
    std::uint8_t payload_type_ = 0;
    bool have_reference_ = false;  // last_arrival_ and last_timestamp_ may be compared with

    static constexpr std::uint32_t no_jump = 0x10000;  // no sequence number
};

}  // namespace turnpike::proto
