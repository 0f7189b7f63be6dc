// What a receiver of one RTP source knows: sequence validation (RFC 3550 A.1), loss (A.3) and
// interarrival jitter (A.8). A plain value: copy it, keep it in a table, no allocation.
#pragma once

#include <cstdint>
#include <optional>

#include "turnpike/base/time.h"
#include "turnpike/proto/rtp.h"

namespace turnpike::proto {

/// What update() made of a packet.
enum class RtpArrival : std::uint8_t {
    probation,  ///< not yet in sequence often enough to be a source (RFC 3550 A.1)
    confirmed,  ///< this packet completed the probation; the packets of it count from now on
    in_order,   ///< as expected, or after a gap of less than MAX_DROPOUT
    reordered,  ///< late by at most MAX_MISORDER
    duplicate,  ///< a sequence number already received
    restarted,  ///< two consecutive packets after a large jump: the source began anew
    rejected,   ///< a large jump, set aside until a successor confirms it
};

/// State of one source (SSRC) in one direction of one flow.
class RtpStreamState {
  public:
    /// Takes the packet into account. The first packet starts the probation.
    RtpArrival update(const RtpPacket& packet, base::Timestamp arrival) noexcept;

    [[nodiscard]] bool confirmed() const noexcept { return confirmed_; }
    [[nodiscard]] std::uint32_t ssrc() const noexcept { return ssrc_; }
    /// The most recent payload type that carried media (telephone events and comfort noise aside).
    [[nodiscard]] std::uint8_t payload_type() const noexcept { return payload_type_; }
    /// All packets with this SSRC, those of the probation, late ones and duplicates included.
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return duplicates_; }
    [[nodiscard]] std::uint64_t reordered() const noexcept { return reordered_; }
    [[nodiscard]] std::uint32_t restarts() const noexcept { return restarts_; }
    /// Expected minus received (RFC 3550 A.3), summed over restarts. Duplicates are not received
    /// twice, so it is negative only if packets came from before the first one seen.
    [[nodiscard]] std::int64_t lost() const noexcept;
    /// RFC 3550 A.8 in milliseconds; nothing where the clock is unknown or fewer than two packets
    /// could be compared.
    [[nodiscard]] std::optional<double> jitter_ms() const noexcept;
    /// The clock in Hz: of the static payload type, or as told by set_clock_rate.
    void set_clock_rate(std::uint32_t hertz) noexcept;
    /// How many packets the jitter passed over, because their timestamps say nothing about the path
    /// (start of a talk spurt, telephone event, comfort noise, jump of the timestamp).
    [[nodiscard]] std::uint32_t jitter_exclusions() const noexcept { return jitter_exclusions_; }

  private:
    void start_sequence(std::uint16_t sequence) noexcept;
    RtpArrival place(std::uint16_t sequence) noexcept;
    bool seen_before(std::uint32_t behind) noexcept;
    void note_new_highest(std::uint16_t ahead) noexcept;
    void update_jitter(const RtpPacket& packet, base::Timestamp arrival, RtpArrival how) noexcept;

    // RFC 3550 A.1 names in parentheses.
    std::uint32_t ssrc_ = 0;
    std::uint16_t highest_ = 0;          // (max_seq)
    std::uint16_t base_ = 0;             // (base_seq)
    std::uint32_t cycles_ = 0;           // (cycles) count of wraps
    std::uint32_t next_after_jump_ = 0;  // (bad_seq)
    std::uint8_t in_sequence_ = 0;       // counts up to MIN_SEQUENTIAL (probation counts down)
    bool started_ = false;
    bool confirmed_ = false;
    std::uint8_t payload_type_ = 0;
    std::uint8_t jitter_payload_type_ = 0;
    bool have_transit_ = false;
    std::uint64_t window_ = 0;  // bit n: highest_ - n was received
    std::uint64_t packets_ = 0;
    std::uint64_t received_ = 0;  // (received) since the last restart, without duplicates
    std::uint64_t duplicates_ = 0;
    std::uint64_t reordered_ = 0;
    std::int64_t lost_before_restart_ = 0;
    std::uint32_t restarts_ = 0;
    std::uint32_t jitter_exclusions_ = 0;
    std::uint32_t jitter_samples_ = 0;
    std::uint32_t clock_rate_ = 0;
    std::uint32_t last_timestamp_ = 0;
    base::Timestamp last_arrival_;
    double jitter_ = 0;  // timestamp units
};

}  // namespace turnpike::proto
