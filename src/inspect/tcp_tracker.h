// The story of one TCP connection as verdicts need it (RFC 9293): who opened, answered, sent,
// acknowledged, reset; what was lost, and to whom.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "turnpike/facts/facts.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

/// Follows both directions of a connection and writes TcpFacts. Bounded and without allocation.
class TcpTracker {
  public:
    /// What a packet is to its connection.
    struct Step {
        bool new_payload = false;     ///< octets not seen before
        bool retransmission = false;  ///< only octets seen before
    };

    /// Takes the next packet (no copy) into account.
    Step follow(const wire::Packet& packet, facts::Direction direction, facts::PacketMark at,
                facts::TcpFacts& facts);

    /// Whether this SYN opens another connection of the same 5-tuple.
    [[nodiscard]] bool opens_anew(const wire::Packet& packet,
                                  facts::Direction direction) const noexcept;
    /// The highest acknowledgement that the far side sent for the octets of `direction`; the next
    /// octet awaited if there was none.
    [[nodiscard]] std::uint32_t acknowledged(facts::Direction direction) const noexcept;
    /// The two sides change places (the client turned out to be the other one).
    void swap_sides() noexcept { std::swap(sides_[0], sides_[1]); }

  private:
    struct Range {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        bool counted = false;  ///< acknowledged, so counted as unseen
    };
    struct Segment {
        std::uint32_t end = 0;
        std::uint16_t length = 0;
        bool resent = false;
    };
    template <typename T, std::size_t Size>
    struct Few {
        std::array<T, Size> items{};
        std::uint8_t count = 0;
        void add(const T& item) noexcept {
            if (count < Size) {
                items[count++] = item;
            }
        }
        void remove(std::size_t index) noexcept { items[index] = items[--count]; }
    };
    struct Side {
        bool seen = false;
        bool has_isn = false;
        bool has_first = false;
        bool has_ack = false;  ///< its own acknowledgements were seen
        bool acked = false;    ///< the far side acknowledged something of it
        std::uint32_t isn = 0;
        std::uint32_t next = 0;         ///< after the highest octet seen
        std::uint32_t first_begin = 0;  ///< of its first payload
        std::uint32_t last_ack = 0;     ///< that it sent
        std::uint32_t far_ack = 0;      ///< that it got
        Few<Range, 4> holes;
        Few<Segment, 8> in_flight;
        // What its own packets look like, to compare a reset with.
        std::uint16_t last_id = 0;
        std::uint8_t id_samples = 0;
        std::uint8_t zero_ids = 0;
        bool ids_in_line = true;
        bool timestamps = false;
        std::uint32_t last_timestamp = 0;
        base::Timestamp last_timestamp_at;
    };

    Side& side(facts::Direction direction) noexcept {
        return sides_[static_cast<std::size_t>(direction)];
    }
    void follow_flags(const wire::Packet& packet, facts::Direction direction, facts::PacketMark at,
                      facts::TcpFacts& facts);
    void follow_fin(const wire::Packet& packet, facts::Direction direction, facts::PacketMark at,
                    facts::TcpFacts& facts);
    void follow_ack(const wire::Packet& packet, facts::Direction direction, facts::TcpFacts& facts);
    Step follow_payload(const wire::Packet& packet, facts::Direction direction,
                        facts::PacketMark at, facts::TcpFacts& facts);
    void follow_reset(const wire::Packet& packet, facts::Direction direction, facts::PacketMark at,
                      facts::TcpFacts& facts);
    void count_unseen(Side& from, std::uint32_t ack, std::uint64_t& unseen);
    static bool fill(Side& from, std::uint32_t begin, std::uint32_t end, std::uint64_t& unseen);
    static void pop_acknowledged(Side& from, std::uint32_t ack, std::uint16_t& largest_acked,
                                 std::uint16_t& smallest_lost);
    static void find_smallest_lost(const Side& from, std::uint16_t& smallest_lost);
    /// The side goes on under another sequence number: an answer to TCP Fast Open, or a second
    /// SYN-ACK.
    static void rebase(Side& side, std::uint32_t sequence) noexcept;
    static void forget_reset(facts::TcpFacts& facts) noexcept;
    static void learn_looks(const wire::Packet& packet, Side& from);

    std::array<Side, 2> sides_{};
};

}  // namespace turnpike::inspect
