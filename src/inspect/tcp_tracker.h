// The story of one TCP connection as verdicts need it (RFC 9293): who opened, answered, sent,
// acknowledged, reset; what was lost, and to whom.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "turnpike/facts/facts.h"
#include "turnpike/wire/packet.h"

namespace turnpike::inspect {

/// Where an end of a connection stands, and what its own packets look like, to compare a reset
/// with.
struct TcpPosition {
    std::uint32_t isn = 0;
    std::uint32_t next = 0;         ///< after the highest octet seen
    std::uint32_t first_begin = 0;  ///< of its first payload
    std::uint32_t last_ack = 0;     ///< that it sent
    std::uint32_t far_ack = 0;      ///< that it got; by a reset if only `reset_acked`
    std::uint32_t last_timestamp = 0;
    base::Timestamp last_timestamp_at;
    std::uint16_t last_id = 0;
    std::uint8_t id_samples = 0;
    std::uint8_t zero_ids = 0;
    bool ids_in_line = true;
    bool timestamps = false;
    bool seen = false;
    bool has_isn = false;
    bool has_first = false;
    bool has_ack = false;               ///< its own acknowledgements were seen
    bool acked = false;                 ///< the far side acknowledged something of it
    bool answered_after_reset = false;  ///< its SYN-ACK came behind its reset
    bool reset_acked = false;  ///< a reset of the far side did, before anything of it was seen
};

/// Follows both ends of a connection and writes TcpFacts. Bounded; allocates only what the first
/// reset of an end adds to the facts.
class TcpTracker {
  public:
    using Positions = std::array<TcpPosition, 2>;  ///< by side

    TcpTracker() = default;
    /// Goes on from there. What was missing or on its way is forgotten.
    explicit TcpTracker(const Positions& positions) noexcept
        : ends_{End{positions[0], {}, {}}, End{positions[1], {}, {}}} {}
    /// Where both ends stand: a third of the memory.
    [[nodiscard]] Positions positions() const noexcept { return {ends_[0], ends_[1]}; }

    /// Takes the next packet (no copy) of that end into account.
    void follow(const wire::Packet& packet, facts::Side side, facts::PacketMark at,
                facts::Flow& flow);

    /// Whether this packet is a SYN that opens another connection of the same 5-tuple.
    [[nodiscard]] bool opens_anew(const wire::Packet& packet, facts::Side side,
                                  const facts::Flow& flow) const noexcept;
    /// The highest acknowledgement that the other end sent for the octets of this one; the next
    /// octet awaited if there was none.
    [[nodiscard]] std::uint32_t acknowledged(facts::Side side) const noexcept;
    /// The sequence number of the first octet that this end sends, if its SYN was seen.
    [[nodiscard]] std::optional<std::uint32_t> first_octet(facts::Side side) const noexcept {
        const End& me = ends_[side];
        return me.has_isn ? std::optional{me.isn + 1} : std::nullopt;
    }

  private:
    struct Range {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        bool counted = false;  ///< acknowledged, so counted as unseen
    };
    /// Two words without a gap at the end: GCC copies seven octets in two steps that overlap, the
    /// second of which waits for what was written before.
    struct Segment {
        std::uint32_t end = 0;
        std::uint32_t length : 16 = 0;
        std::uint32_t resent : 16 = 0;  ///< 1 if it was sent again
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
    struct End : TcpPosition {
        Few<Range, 4> holes;
        Few<Segment, 8> in_flight;
    };

    void follow_syn(const wire::Packet& packet, facts::Side side, facts::PacketMark at,
                    facts::Flow& flow);
    /// The client's answer to the SYN-ACK of that server.
    void follow_handshake(const wire::Packet& packet, facts::Side server, facts::PacketMark at,
                          facts::TcpFacts& facts);
    void follow_fin(const wire::Packet& packet, facts::Side side, facts::PacketMark at,
                    facts::TcpEnd& facts);
    void follow_ack(const wire::Packet& packet, facts::Side side, facts::TcpFacts& facts);
    void follow_payload(const wire::Packet& packet, facts::Side side, facts::PacketMark at,
                        facts::Flow& flow);
    void follow_reset(const wire::Packet& packet, facts::Side side, facts::PacketMark at,
                      facts::TcpFacts& facts);
    static void note_payload_after(facts::TcpReset& reset, std::uint32_t begin, std::uint32_t end,
                                   facts::PacketMark at) noexcept;
    void count_unseen(End& from, std::uint32_t ack, std::uint64_t& unseen);
    static bool fill(End& from, std::uint32_t begin, std::uint32_t end, std::uint64_t& unseen);
    static void note_resent(End& from, std::uint32_t begin, std::uint32_t end) noexcept;
    static void pop_acknowledged(End& from, std::uint32_t ack, facts::TcpEnd& facts);
    static void note_selective(End& from, std::uint32_t begin, std::uint32_t end,
                               facts::TcpEnd& facts);
    static void find_smallest_lost(const End& from, std::uint16_t& smallest_lost);
    /// The end goes on under another sequence number: an answer to TCP Fast Open, or a second
    /// SYN-ACK.
    static void rebase(End& end, std::uint32_t sequence) noexcept;
    static void forget_reset(facts::TcpEnd& end) noexcept;
    static void learn_looks(const wire::Packet& packet, End& from);

    std::array<End, 2> ends_{};
};

}  // namespace turnpike::inspect
