// Follows the flags, sequence numbers and acknowledgements of a connection, packet by packet.
#include "tcp_tracker.h"

#include <algorithm>
#include <limits>

#include "turnpike/flow/sequence.h"

namespace turnpike::inspect {
namespace {

using facts::other;
using facts::ResetMark;
using facts::Side;
using flow::after;
using flow::ahead;
using flow::before;
namespace tcp_flag = wire::tcp_flag;

// An acknowledgement further ahead than any window (RFC 7323 2.3 allows 1 GiB) is no evidence of
// unseen data but of a damaged or foreign packet.
constexpr std::uint32_t largest_window = 1U << 30U;
// A host that counts its packets may send this many to others between two of one connection.
constexpr std::uint16_t id_leap = 4'096;
// Clocks of the timestamp option tick at most once a millisecond (RFC 7323 5.4), with some slack.
constexpr std::int64_t timestamp_slack = 10'000;
// What may stand behind a packet that follows it (a SYN, the payload that a reset follows or
// acknowledges): a connection that opens later has a number of its own (RFC 9293 3.4.1).
constexpr std::int32_t captured_ahead = 16'384;
constexpr base::Duration both_ends_within = std::chrono::milliseconds{1};

void mark(facts::TcpEnd& end, ResetMark bit) {
    end.rst.make().marks |= static_cast<std::uint8_t>(bit);
}

std::uint16_t as_size(std::uint32_t length) noexcept {
    return static_cast<std::uint16_t>(
        std::min<std::uint32_t>(length, std::numeric_limits<std::uint16_t>::max()));
}

std::uint32_t payload_begin(const wire::Packet& packet) noexcept {
    // A SYN takes the sequence number before its data (RFC 9293 3.4, TCP Fast Open RFC 7413).
    return packet.tcp.sequence + (packet.tcp.has(tcp_flag::syn) ? 1U : 0U);
}

/// A SYN with that number comes before what goes on from there: where two links or queues are
/// captured, it may stand behind what followed it.
bool precedes(std::uint32_t isn, std::uint32_t next) noexcept {
    const std::int32_t sent = ahead(next, isn + 1);
    return sent >= 0 && sent <= captured_ahead;
}

/// The number lies behind octets of that end that were not seen. One octet is a FIN.
bool behind_unseen(std::uint32_t number, const TcpPosition& end) noexcept {
    const std::int32_t unseen = ahead(number, end.next);
    return end.seen && unseen > 1 && unseen <= captured_ahead;
}

}  // namespace

void TcpTracker::follow(const wire::Packet& packet, Side side, facts::PacketMark at,
                        facts::Flow& flow) {
    facts::TcpFacts& facts = flow.tcp.make();
    if (packet.tcp.has(tcp_flag::rst)) {
        follow_reset(packet, side, at, facts);
        return;
    }
    if (packet.tcp.has(tcp_flag::syn)) {
        follow_syn(packet, side, at, flow);
    } else {
        if (!facts.established && side == flow.client_side && packet.tcp.has(tcp_flag::ack)) {
            follow_handshake(packet, other(side), at, facts);
        }
        if (packet.tcp.has(tcp_flag::fin)) {
            follow_fin(packet, side, at, facts.ends[side]);
        }
    }
    if (packet.payload_length > 0) {
        follow_payload(packet, side, at, flow);
    }
    if (packet.tcp.has(tcp_flag::ack)) {
        follow_ack(packet, side, facts);
    }
    learn_looks(packet, ends_[side]);
}

bool TcpTracker::opens_anew(const wire::Packet& packet, Side side,
                            const facts::Flow& flow) const noexcept {
    if (!packet.tcp.has(tcp_flag::syn) || packet.tcp.has(tcp_flag::ack)) {
        return false;
    }
    const End& me = ends_[side];
    // A SYN of the end that answered, or with another initial number, is another attempt; the same
    // number is the same attempt sent again.
    if (me.has_isn) {
        return me.isn != packet.tcp.sequence;
    }
    if (me.seen) {
        return !precedes(packet.tcp.sequence, me.next);
    }
    if (me.reset_acked && precedes(packet.tcp.sequence, me.far_ack)) {
        return false;
    }
    // Nothing tells its number. Two SYNs without an ACK open a connection each.
    return ends_[other(side)].has_isn || packet.time - flow.first_seen() > base::out_of_order;
}

std::uint32_t TcpTracker::acknowledged(Side side) const noexcept {
    const End& me = ends_[side];
    return me.acked ? me.far_ack : (me.has_isn ? me.isn + 1 : me.first_begin);
}

void TcpTracker::follow_syn(const wire::Packet& packet, Side side, facts::PacketMark at,
                            facts::Flow& flow) {
    facts::TcpFacts& facts = flow.tcp.make();
    End& me = ends_[side];
    if (!me.has_isn) {
        me.has_isn = true;
        me.isn = packet.tcp.sequence;
        if (!me.seen || after(me.isn + 1, me.next)) {
            me.next = me.isn + 1;
        }
        me.seen = true;
    }
    const bool ack = packet.tcp.has(tcp_flag::ack);
    const bool from_client = side == flow.client_side;
    if (!ack && from_client) {
        facts.syn = facts.syn ? facts.syn : at;
        facts.last_syn = at;
        ++facts.syns;
    } else if (ack && !from_client) {
        if (facts.syn_ack && !me.has_first && me.isn != packet.tcp.sequence) {
            me.isn = packet.tcp.sequence;
            rebase(me, me.isn + 1);
        }
        facts.syn_ack = facts.syn_ack ? facts.syn_ack : at;
        me.answered_after_reset = me.answered_after_reset || facts.ends[side].rst->at;
    }
}

void TcpTracker::follow_handshake(const wire::Packet& packet, Side server, facts::PacketMark at,
                                  facts::TcpFacts& facts) {
    if (facts.syn_ack && !before(packet.tcp.acknowledgement, ends_[server].isn + 1)) {
        facts.established = at;
        // Behind the SYN-ACK, a reset and the client's acknowledgement may cross on their way.
        End& answering = ends_[server];
        if (answering.answered_after_reset && !facts.ends[server].rst->answers_unseen) {
            forget_reset(facts.ends[server]);  // an answer came all the same, and was taken
            answering.answered_after_reset = false;
        }
    } else if (facts.syn && !facts.syn_ack) {
        facts.established = at;  // it acknowledges a SYN-ACK that the capture missed
    }
}

void TcpTracker::follow_fin(const wire::Packet& packet, Side side, facts::PacketMark at,
                            facts::TcpEnd& facts) {
    End& me = ends_[side];
    if (!facts.fin) {
        facts.fin = at;
        facts.fin_after_unseen = me.seen && after(packet.tcp.sequence, me.next) &&
                                 flow::apart(packet.tcp.sequence, me.next) <= largest_window;
        facts.fin_acks_all = packet.tcp.has(tcp_flag::ack) &&
                             !before(packet.tcp.acknowledgement, ends_[other(side)].next);
    }
    const std::uint32_t end = packet.tcp.sequence + packet.payload_length + 1;
    if (packet.payload_length == 0 && me.seen && end == me.next + 1) {
        me.next = end;
    }
}

void TcpTracker::rebase(End& end, std::uint32_t sequence) noexcept {
    end.next = sequence;
    end.holes = {};
    end.in_flight = {};
    end.acked = false;
}

void TcpTracker::forget_reset(facts::TcpEnd& end) noexcept {
    end.rst = {};
}

void TcpTracker::follow_payload(const wire::Packet& packet, Side side, facts::PacketMark at,
                                facts::Flow& flow) {
    End& me = ends_[side];
    facts::TcpEnd& facts = flow.tcp.make().ends[side];
    const std::uint32_t begin = payload_begin(packet);
    const std::uint32_t end = begin + packet.payload_length;
    if (!me.seen) {
        me.seen = true;
        me.next = begin;
    }
    if (flow::apart(begin, me.next) > largest_window) {
        if (side == flow.client_side || me.has_first) {
            return;
        }
        rebase(me, begin);
    }
    if (!me.has_first && packet.payload_length == 1 &&
        (me.has_isn ? begin == me.isn : end == me.next)) {
        return;  // a keep-alive may send an octet before the first (RFC 9293 3.8.4)
    }
    const bool filled = fill(me, begin, end, facts.unseen);
    if (after(end, me.next)) {
        if (after(begin, me.next)) {
            me.holes.add({me.next, begin, false});
        }
        me.next = end;
        me.in_flight.add({end, as_size(packet.payload_length), 0});
    } else if (!filled && me.has_first) {
        if (packet.payload_length == 1 && end == me.next) {
            return;  // a keep-alive repeats the last octet (RFC 9293 3.8.4)
        }
        note_resent(me, begin, end);
        find_smallest_lost(me, facts.smallest_segment_lost);
    }
    if (!me.has_first) {
        me.has_first = true;
        me.first_begin = begin;
        facts.payload = at;
        facts.payload_sends = 1;
    } else if (!after(begin, me.first_begin) && after(end, me.first_begin)) {
        facts.payload_again = at;
        ++facts.payload_sends;
    }
    if (facts.rst->at && !facts.rst->payload_after) {
        note_payload_after(facts.rst.make(), begin, end, at);
    }
}

// Where two links or queues are captured, a reset may stand before what its end sent before it.
void TcpTracker::note_payload_after(facts::TcpReset& reset, std::uint32_t begin, std::uint32_t end,
                                    facts::PacketMark at) noexcept {
    const std::int32_t sent = ahead(reset.sequence, end);
    if (sent >= 0 && sent <= captured_ahead && at.time - reset.at.time <= base::out_of_order) {
        reset.overtook = true;
        return;
    }
    reset.payload_after = at;
    reset.after = begin;
    reset.marks |= static_cast<std::uint8_t>(ResetMark::data_after);
}

void TcpTracker::note_resent(End& from, std::uint32_t begin, std::uint32_t end) noexcept {
    for (std::size_t i = 0; i < from.in_flight.count; ++i) {
        Segment& segment = from.in_flight.items[i];
        if (!after(begin, segment.end - segment.length) && !before(end, segment.end)) {
            segment.resent = 1;
        }
    }
}

void TcpTracker::follow_ack(const wire::Packet& packet, Side side, facts::TcpFacts& facts) {
    End& me = ends_[side];
    End& far = ends_[other(side)];
    const std::uint32_t ack = packet.tcp.acknowledgement;
    if (packet.tcp.sack_end != packet.tcp.sack_begin) {
        note_selective(far, packet.tcp.sack_begin, packet.tcp.sack_end, facts.ends[other(side)]);
    }
    if (!me.has_ack) {
        me.has_ack = true;
        me.last_ack = ack;
    } else if (after(ack, me.last_ack)) {
        me.last_ack = ack;
        facts.ends[side].acks_move = true;
    }
    if (far.acked && !after(ack, far.far_ack)) {
        return;
    }
    if (far.seen && after(ack, far.next) && flow::apart(ack, far.next) > largest_window) {
        return;
    }
    far.acked = true;
    far.far_ack = ack;
    facts::TcpEnd& sent = facts.ends[other(side)];
    count_unseen(far, ack, sent.unseen);
    pop_acknowledged(far, ack, sent);
    sent.payload_acked = sent.payload_acked || (far.has_first && after(ack, far.first_begin));
    if (sent.rst->payload_after && after(ack, sent.rst->after)) {
        sent.rst.make().outlived = true;
    }
}

void TcpTracker::count_unseen(End& from, std::uint32_t ack, std::uint64_t& unseen) {
    if (!from.seen) {
        from.seen = true;
        from.next = ack;
        return;
    }
    for (std::size_t i = 0; i < from.holes.count; ++i) {
        Range& hole = from.holes.items[i];
        if (!hole.counted && !after(hole.end, ack)) {
            hole.counted = true;
            unseen += hole.end - hole.begin;
        }
    }
    const std::int32_t gap = ahead(ack, from.next);
    if (gap <= 0) {
        return;
    }
    // One octet is a FIN that is not there or was not seen; that is no loss of data.
    if (gap > 1) {
        unseen += static_cast<std::uint32_t>(gap);
        if (from.holes.count == from.holes.items.size()) {
            from.holes.remove(0);
        }
        from.holes.add({from.next, ack, true});
    }
    from.next = ack;
}

// Takes octets that came late out of the holes; true if there were any.
bool TcpTracker::fill(End& from, std::uint32_t begin, std::uint32_t end, std::uint64_t& unseen) {
    bool filled = false;
    for (std::size_t i = 0; i < from.holes.count;) {
        Range& hole = from.holes.items[i];
        const std::uint32_t low = after(begin, hole.begin) ? begin : hole.begin;
        const std::uint32_t high = before(end, hole.end) ? end : hole.end;
        if (!after(high, low)) {
            ++i;
            continue;
        }
        filled = true;
        if (hole.counted) {
            unseen -= std::min<std::uint64_t>(unseen, high - low);
        }
        const Range rest{high, hole.end, hole.counted};
        hole.end = low;
        if (hole.begin == hole.end) {
            from.holes.remove(i);
        } else {
            ++i;
        }
        if (after(rest.end, rest.begin)) {
            from.holes.add(rest);
        }
    }
    return filled;
}

void TcpTracker::pop_acknowledged(End& from, std::uint32_t ack, facts::TcpEnd& facts) {
    bool lost_changed = false;
    for (std::size_t i = 0; i < from.in_flight.count;) {
        const Segment& segment = from.in_flight.items[i];
        if (after(segment.end, ack)) {
            ++i;
            continue;
        }
        facts.largest_segment_acked =
            std::max<std::uint16_t>(facts.largest_segment_acked, segment.length);
        lost_changed = lost_changed || segment.resent != 0;
        from.in_flight.remove(i);
    }
    if (lost_changed) {
        find_smallest_lost(from, facts.smallest_segment_lost);
    }
}

// What lies before the block is missing at the far end. A card may have cut a segment that was
// captured whole, so that a part of it is missing.
void TcpTracker::note_selective(End& from, std::uint32_t begin, std::uint32_t end,
                                facts::TcpEnd& facts) {
    for (std::size_t i = 0; i < from.in_flight.count; ++i) {
        Segment& segment = from.in_flight.items[i];
        const std::uint32_t segment_begin = segment.end - segment.length;
        if (after(segment.end, end) || !after(segment.end, begin)) {
            continue;
        }
        const std::uint32_t arrived =
            segment.end - (before(begin, segment_begin) ? segment_begin : begin);
        facts.largest_segment_acked = std::max(facts.largest_segment_acked, as_size(arrived));
        segment.end -= arrived;
        segment.length = static_cast<std::uint16_t>(segment.length - arrived);
    }
    for (std::size_t i = from.in_flight.count; i-- > 0;) {
        if (from.in_flight.items[i].length == 0) {
            from.in_flight.remove(i);
        }
    }
    find_smallest_lost(from, facts.smallest_segment_lost);
}

void TcpTracker::find_smallest_lost(const End& from, std::uint16_t& smallest_lost) {
    smallest_lost = 0;
    for (std::size_t i = 0; i < from.in_flight.count; ++i) {
        const Segment& segment = from.in_flight.items[i];
        if (segment.resent != 0 && (smallest_lost == 0 || segment.length < smallest_lost)) {
            smallest_lost = segment.length;
        }
    }
}

void TcpTracker::follow_reset(const wire::Packet& packet, Side side, facts::PacketMark at,
                              facts::TcpFacts& facts) {
    facts::TcpEnd& reset = facts.ends[side];
    facts::TcpEnd& far = facts.ends[other(side)];
    if (far.rst->at && at.time - far.rst->at.time <= both_ends_within) {
        mark(reset, ResetMark::both_ends);
        mark(far, ResetMark::both_ends);
    }
    if (reset.rst->at) {
        if (before(packet.tcp.sequence, reset.rst->sequence)) {
            reset.rst.make().sequence = packet.tcp.sequence;
            reset.rst.make().after_unseen = behind_unseen(packet.tcp.sequence, ends_[side]);
        }
        return;
    }
    facts::TcpReset& made = reset.rst.make();
    made.at = at;
    made.sequence = packet.tcp.sequence;
    made.answers_unseen = packet.tcp.has(tcp_flag::ack) &&
                          behind_unseen(packet.tcp.acknowledgement, ends_[other(side)]);
    made.after_unseen = behind_unseen(packet.tcp.sequence, ends_[side]);
    made.before_syn_ack = facts.syn && !facts.syn_ack;
    if (End& refused = ends_[other(side)];
        packet.tcp.has(tcp_flag::ack) && !refused.seen && !refused.acked) {
        refused.reset_acked = true;
        refused.far_ack = packet.tcp.acknowledgement;
    }
    made.hop_limit = packet.hop_limit;
    const End& me = ends_[side];
    // The ids of a host that does not count prove nothing. Linux sends SYN-ACKs and the resets of
    // closed sockets with id zero, so zeros are compared with zeros.
    if (me.id_samples > 0 && me.ids_in_line) {
        const auto leap = static_cast<std::uint16_t>(packet.ip_id - me.last_id);
        if (packet.ip_id == 0 ? me.zero_ids == 0 : leap > id_leap) {
            mark(reset, ResetMark::ip_id);
        }
    }
    if (me.timestamps && ends_[other(side)].timestamps) {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(at.time - me.last_timestamp_at)
                .count();
        const std::int64_t ticks = ahead(packet.tcp.timestamp_value, me.last_timestamp);
        if (!packet.tcp.has_timestamp || ticks < 0 || ticks > elapsed + timestamp_slack) {
            mark(reset, ResetMark::tcp_timestamp);
        }
    }
}

void TcpTracker::learn_looks(const wire::Packet& packet, End& from) {
    if (packet.source.is_v4()) {
        if (packet.ip_id == 0) {
            from.zero_ids = static_cast<std::uint8_t>(std::min(from.zero_ids + 1, 255));
        } else {
            const auto leap = static_cast<std::uint16_t>(packet.ip_id - from.last_id);
            // A retransmission or a reordered packet may step back a little.
            const auto back = static_cast<std::uint16_t>(from.last_id - packet.ip_id);
            if (from.id_samples > 0 && leap > id_leap && back > id_leap) {
                from.ids_in_line = false;
            }
            from.last_id = packet.ip_id;
            from.id_samples = static_cast<std::uint8_t>(std::min(from.id_samples + 1, 255));
        }
    }
    if (packet.tcp.has_timestamp) {
        from.timestamps = true;
        from.last_timestamp = packet.tcp.timestamp_value;
        from.last_timestamp_at = packet.time;
    }
}

}  // namespace turnpike::inspect
