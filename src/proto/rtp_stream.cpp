// RTP sequence validation, loss and jitter: RFC 3550 A.1, A.3 and A.8.
#include "turnpike/proto/rtp_stream.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace turnpike::proto {
namespace {

// RFC 3550 A.1
constexpr std::uint16_t max_dropout = 3000;
constexpr std::uint32_t max_misorder = 100;
constexpr std::uint8_t min_sequential = 2;
constexpr std::uint32_t sequence_modulus = 1U << 16U;

constexpr unsigned word_bits = 64;
constexpr std::uint8_t comfort_noise = 13;          // RFC 3389 4
constexpr std::uint8_t old_comfort_noise = 19;      // reserved for it by RFC 3551 6
constexpr std::uint8_t first_dynamic = 96;          // RFC 3551 6
constexpr std::size_t telephone_event_size = 4;     // RFC 4733 2.3
constexpr std::uint32_t audio_clock_limit = 48000;  // Hz; video has 90000 (RFC 3551 5)
// Real delay variation stays below this; a larger step is the sender's timestamp jumping.
constexpr double jump_seconds = 2.0;

}  // namespace

RtpArrival RtpStreamState::update(const RtpPacket& packet, base::Timestamp arrival) noexcept {
    RtpArrival how = RtpArrival::in_order;
    if (packets_ == 0) {
        ssrc_ = packet.ssrc;
        payload_type_ = packet.payload_type;
        begin(packet.sequence);
        note_run(false);
    } else {
        how = place(packet.sequence);
    }
    ++packets_;
    if (how == RtpArrival::duplicate || how == RtpArrival::rejected) {
        return how;
    }
    const MediaRole role = note_payload_type(packet);
    if (role == MediaRole::aside) {
        return how;
    }
    if (role == MediaRole::new_media || how == RtpArrival::restarted) {
        have_reference_ = false;
    }
    compare(packet, arrival);
    return how;
}

bool RtpStreamState::confirmed() const noexcept {
    return longest_run_ >= min_sequential;
}

void RtpStreamState::begin(std::uint16_t sequence) noexcept {
    highest_ = std::uint64_t{sequence_modulus} + sequence;
    base_ = highest_;
    received_ = 1;
    window_ = {1, 0};
    after_jump_ = no_jump;
}

RtpArrival RtpStreamState::place(std::uint16_t sequence) noexcept {
    const auto ahead = static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(highest_));
    if (ahead == 0) {
        ++duplicates_;
        return RtpArrival::duplicate;
    }
    if (ahead < max_dropout) {
        return advance(ahead);
    }
    const std::uint32_t behind = sequence_modulus - ahead;
    return behind <= max_misorder ? go_back(behind) : jump(sequence);
}

RtpArrival RtpStreamState::advance(std::uint16_t by) noexcept {
    highest_ += by;
    ++received_;
    if (by >= 2 * word_bits) {
        window_ = {0, 0};
    } else if (by >= word_bits) {
        window_ = {0, window_[0] << (by - word_bits)};
    } else {
        // by is at least 1 here, so no shift has the width of the word.
        window_ = {window_[0] << by, (window_[1] << by) | (window_[0] >> (word_bits - by))};
    }
    window_[0] |= 1U;
    after_jump_ = no_jump;
    note_run(by == 1);
    return RtpArrival::in_order;
}

RtpArrival RtpStreamState::go_back(std::uint32_t by) noexcept {
    // max_misorder is less than the window.
    std::uint64_t& word = window_[by / word_bits];
    const std::uint64_t bit = std::uint64_t{1} << (by % word_bits);
    if ((word & bit) != 0) {
        ++duplicates_;
        return RtpArrival::duplicate;
    }
    word |= bit;
    base_ = std::min(base_, highest_ - by);
    ++received_;
    ++reordered_;
    return RtpArrival::reordered;
}

RtpArrival RtpStreamState::jump(std::uint16_t sequence) noexcept {
    if (sequence != after_jump_) {
        after_jump_ = (sequence + 1U) % sequence_modulus;
        run_ = 1;
        return RtpArrival::rejected;
    }
    // Two in sequence: the other side began anew, with the packet that was rejected.
    lost_before_restart_ += lost_since_restart();
    ++restarts_;
    begin(static_cast<std::uint16_t>(sequence - 1U));
    advance(1);
    return RtpArrival::restarted;
}

void RtpStreamState::note_run(bool direct_successor) noexcept {
    constexpr unsigned cap = 255;
    run_ = direct_successor ? static_cast<std::uint8_t>(std::min(run_ + 1U, cap)) : std::uint8_t{1};
    longest_run_ = std::max(longest_run_, run_);
}

std::int64_t RtpStreamState::lost_since_restart() const noexcept {
    const std::uint64_t expected = highest_ - base_ + 1;
    return static_cast<std::int64_t>(expected) - static_cast<std::int64_t>(received_);
}

std::int64_t RtpStreamState::lost() const noexcept {
    return packets_ == 0 ? 0 : lost_before_restart_ + lost_since_restart();
}

RtpStreamState::MediaRole RtpStreamState::note_payload_type(const RtpPacket& packet) noexcept {
    const std::uint8_t type = packet.payload_type;
    if (type == comfort_noise || type == old_comfort_noise) {
        return MediaRole::aside;
    }
    if (type == payload_type_) {
        return MediaRole::media;
    }
    // The type numbers of events are negotiated out of sight; their size is fixed.
    const bool event = type >= first_dynamic && packet.payload.size() == telephone_event_size;
    if (event) {
        return MediaRole::aside;
    }
    payload_type_ = type;
    return MediaRole::new_media;
}

std::uint32_t RtpStreamState::clock_rate() const noexcept {
    return static_clock_rate(payload_type_);
}

void RtpStreamState::compare(const RtpPacket& packet, base::Timestamp arrival) noexcept {
    const std::uint32_t rate = clock_rate();
    if (rate == 0) {
        return;
    }
    const bool comparable = have_reference_ && rate == jitter_clock_rate_;
    const auto timestamp_step = static_cast<std::int32_t>(packet.timestamp - last_timestamp_);
    const std::chrono::duration<double> arrival_step = arrival - last_arrival_;
    last_timestamp_ = packet.timestamp;
    last_arrival_ = arrival;
    have_reference_ = true;
    jitter_clock_rate_ = rate;
    if (!comparable) {
        return;
    }
    const double difference = std::abs(arrival_step.count() * rate - timestamp_step);
    // RFC 3551 4.1: for audio the marker is the first packet after silence.
    const bool talk_spurt = packet.marker && rate <= audio_clock_limit;
    if (talk_spurt || difference > jump_seconds * rate) {
        return;
    }
    jitter_ += (difference - jitter_) / 16;  // RFC 3550 A.8
    ++jitter_samples_;
}

}  // namespace turnpike::proto
