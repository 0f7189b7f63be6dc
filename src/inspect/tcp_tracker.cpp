// Follows the flags, sequence numbers and acknowledgements of a connection, packet by packet.
#include "tcp_tracker.h"

#include <algorithm>
#include <limits>

#include "turnpike/flow/sequence.h"

namespace turnpike::inspect {
namespace {

using facts::Direction;
using facts::ResetMark;
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
constexpr base::Duration both_ends_within = std::chrono::milliseconds{1};

constexpr Direction other(Direction direction) noexcept {
    return direction == Direction::out ? Direction::in : Direction::out;
}

void mark(facts::TcpFacts& facts, ResetMark bit) noexcept {
    facts.reset_marks |= static_cast<std::uint8_t>(bit);
}

std::uint16_t as_size(std::uint32_t length) noexcept {
    return static_cast<std::uint16_t>(
        std::min<std::uint32_t>(length, std::numeric_limits<std::uint16_t>::max()));
}

std::uint32_t payload_begin(const wire::Packet& packet) noexcept {
    // A SYN takes the sequence number before its data (RFC 9293 3.4, TCP Fast Open RFC 7413).
    return packet.tcp.sequence + (packet.tcp.has(tcp_flag::syn) ? 1U : 0U);
}

}  // namespace

TcpTracker::Step TcpTracker::follow(const wire::Packet& packet, Direction direction,
                                    facts::PacketMark at, facts::TcpFacts& facts) {
    if (packet.tcp.has(tcp_flag::rst)) {
        follow_reset(packet, direction, at, facts);
        return {};
    }
    follow_flags(packet, direction, at, facts);
    Step step;
    if (packet.payload_length > 0) {
        step = follow_payload(packet, direction, at, facts);
    }
    if (packet.tcp.has(tcp_flag::ack)) {
        follow_ack(packet, direction, facts);
    }
    Side& me = side(direction);
    learn_looks(packet, me);
    return step;
}

bool TcpTracker::opens_anew(const wire::Packet& packet, Direction direction) const noexcept {
    if (!packet.tcp.has(tcp_flag::syn) || packet.tcp.has(tcp_flag::ack)) {
        return false;
    }
    const Side& me = sides_[static_cast<std::size_t>(direction)];
    // A SYN of the side that answered, or with another initial number, is another attempt; the same
    // number is the same attempt sent again.
    return me.has_isn ? me.isn != packet.tcp.sequence : true;
}

std::uint32_t TcpTracker::acknowledged(Direction direction) const noexcept {
    const Side& me = sides_[static_cast<std::size_t>(direction)];
    return me.acked ? me.far_ack : (me.has_isn ? me.isn + 1 : me.first_begin);
}

void TcpTracker::follow_flags(const wire::Packet& packet, Direction direction, facts::PacketMark at,
                              facts::TcpFacts& facts) {
    Side& me = side(direction);
    const bool ack = packet.tcp.has(tcp_flag::ack);
    if (packet.tcp.has(tcp_flag::syn)) {
        if (!me.has_isn) {
            me.has_isn = true;
            me.isn = packet.tcp.sequence;
            if (!me.seen || after(me.isn + 1, me.next)) {
                me.next = me.isn + 1;
            }
            me.seen = true;
        }
        if (!ack && direction == Direction::out) {
            facts.syn = facts.syn ? facts.syn : at;
            facts.last_syn = at;
            ++facts.syns;
        } else if (ack && direction == Direction::in) {
            if (facts.syn_ack && !me.has_first && me.isn != packet.tcp.sequence) {
                me.isn = packet.tcp.sequence;
                rebase(me, me.isn + 1);
            }
            facts.syn_ack = facts.syn_ack ? facts.syn_ack : at;
        }
        return;
    }
    if (direction == Direction::out && ack && facts.syn_ack && !facts.established &&
        !before(packet.tcp.acknowledgement, side(Direction::in).isn + 1)) {
        facts.established = at;
        forget_reset(facts);  // an answer came all the same, and the client took it
    } else if (direction == Direction::out && ack && !packet.tcp.has(tcp_flag::rst) && facts.syn &&
               !facts.syn_ack && !facts.established) {
        facts.established = at;  // it acknowledges a SYN-ACK that the capture missed
    }
    if (packet.tcp.has(tcp_flag::fin)) {
        follow_fin(packet, direction, at, facts);
        const std::uint32_t end = packet.tcp.sequence + packet.payload_length + 1;
        if (packet.payload_length == 0 && me.seen && end == me.next + 1) {
            me.next = end;
        }
    }
}

void TcpTracker::follow_fin(const wire::Packet& packet, Direction direction, facts::PacketMark at,
                            facts::TcpFacts& facts) {
    const bool out = direction == Direction::out;
    facts::PacketMark& fin = out ? facts.client_fin : facts.server_fin;
    const Side& me = side(direction);
    if (!fin) {
        const bool after_unseen = me.seen && after(packet.tcp.sequence, me.next) &&
                                  flow::apart(packet.tcp.sequence, me.next) <= largest_window;
        (out ? facts.client_fin_after_unseen : facts.server_fin_after_unseen) = after_unseen;
    }
    if (!fin && !out) {
        facts.server_fin_acks_all = packet.tcp.has(tcp_flag::ack) &&
                                    !before(packet.tcp.acknowledgement, side(Direction::out).next);
    }
    fin = fin ? fin : at;
}

void TcpTracker::rebase(Side& side, std::uint32_t sequence) noexcept {
    side.next = sequence;
    side.holes = {};
    side.in_flight = {};
    side.acked = false;
}

void TcpTracker::forget_reset(facts::TcpFacts& facts) noexcept {
    facts.server_rst = {};
    facts.server_rst_hop_limit = 0;
    facts.rst_answers_syn = false;
    facts.reset_marks = 0;
}

TcpTracker::Step TcpTracker::follow_payload(const wire::Packet& packet, Direction direction,
                                            facts::PacketMark at, facts::TcpFacts& facts) {
    Side& me = side(direction);
    const bool out = direction == Direction::out;
    const std::uint32_t begin = payload_begin(packet);
    const std::uint32_t end = begin + packet.payload_length;
    const std::uint16_t length = as_size(packet.payload_length);
    std::uint64_t& unseen = out ? facts.unseen_out : facts.unseen_in;
    std::uint16_t& smallest_lost =
        out ? facts.smallest_segment_lost_out : facts.smallest_segment_lost_in;
    Step step;
    if (!me.seen) {
        me.seen = true;
        me.next = begin;
    }
    if (flow::apart(begin, me.next) > largest_window) {
        if (out || me.has_first) {
            return step;
        }
        rebase(me, begin);
    }
    const bool filled = fill(me, begin, end, unseen);
    if (after(end, me.next)) {
        if (after(begin, me.next)) {
            me.holes.add({me.next, begin, false});
        }
        me.next = end;
        me.in_flight.add({end, length, false});
        step.new_payload = true;
    } else if (filled || !me.has_first) {
        step.new_payload = true;
    } else if (packet.payload_length == 1 && end == me.next) {
        return step;  // a keep-alive repeats the last octet (RFC 9293 3.8.4)
    } else {
        step.retransmission = true;
        for (std::size_t i = 0; i < me.in_flight.count; ++i) {
            Segment& segment = me.in_flight.items[i];
            segment.resent = segment.resent || (!after(begin, segment.end - segment.length) &&
                                                !before(end, segment.end));
        }
        find_smallest_lost(me, smallest_lost);
    }
    if (!me.has_first) {
        me.has_first = true;
        me.first_begin = begin;
        (out ? facts.client_payload : facts.server_payload) = at;
        if (out) {
            facts.client_payload_sends = 1;
        }
    } else if (out && !after(begin, me.first_begin) && after(end, me.first_begin)) {
        facts.client_payload_again = at;
        ++facts.client_payload_sends;
    }
    if (!out && facts.server_rst && !facts.server_payload_after_rst) {
        facts.server_payload_after_rst = at;
        mark(facts, ResetMark::data_after);
    }
    return step;
}

void TcpTracker::follow_ack(const wire::Packet& packet, Direction direction,
                            facts::TcpFacts& facts) {
    Side& me = side(direction);
    Side& far = side(other(direction));
    const bool out = direction == Direction::out;
    const std::uint32_t ack = packet.tcp.acknowledgement;
    if (!me.has_ack) {
        me.has_ack = true;
        me.last_ack = ack;
    } else if (after(ack, me.last_ack)) {
        me.last_ack = ack;
        (out ? facts.acks_move_out : facts.acks_move_in) = true;
    }
    if (far.acked && !after(ack, far.far_ack)) {
        return;
    }
    if (far.seen && after(ack, far.next) && flow::apart(ack, far.next) > largest_window) {
        return;
    }
    far.acked = true;
    far.far_ack = ack;
    count_unseen(far, ack, out ? facts.unseen_in : facts.unseen_out);
    pop_acknowledged(far, ack,
                     out ? facts.largest_segment_acked_in : facts.largest_segment_acked_out,
                     out ? facts.smallest_segment_lost_in : facts.smallest_segment_lost_out);
    if (!out && far.has_first && after(ack, far.first_begin)) {
        facts.client_payload_acked = true;
    }
}

void TcpTracker::count_unseen(Side& from, std::uint32_t ack, std::uint64_t& unseen) {
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
bool TcpTracker::fill(Side& from, std::uint32_t begin, std::uint32_t end, std::uint64_t& unseen) {
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

void TcpTracker::pop_acknowledged(Side& from, std::uint32_t ack, std::uint16_t& largest_acked,
                                  std::uint16_t& smallest_lost) {
    bool lost_changed = false;
    for (std::size_t i = 0; i < from.in_flight.count;) {
        const Segment& segment = from.in_flight.items[i];
        if (after(segment.end, ack)) {
            ++i;
            continue;
        }
        largest_acked = std::max(largest_acked, segment.length);
        lost_changed = lost_changed || segment.resent;
        from.in_flight.remove(i);
    }
    if (lost_changed) {
        find_smallest_lost(from, smallest_lost);
    }
}

void TcpTracker::find_smallest_lost(const Side& from, std::uint16_t& smallest_lost) {
    smallest_lost = 0;
    for (std::size_t i = 0; i < from.in_flight.count; ++i) {
        const Segment& segment = from.in_flight.items[i];
        if (segment.resent && (smallest_lost == 0 || segment.length < smallest_lost)) {
            smallest_lost = segment.length;
        }
    }
}

void TcpTracker::follow_reset(const wire::Packet& packet, Direction direction, facts::PacketMark at,
                              facts::TcpFacts& facts) {
    facts::PacketMark& reset = direction == Direction::out ? facts.client_rst : facts.server_rst;
    const bool first = !reset;
    reset = first ? at : reset;
    const facts::PacketMark& far =
        direction == Direction::out ? facts.server_rst : facts.client_rst;
    if (far && at.time - far.time <= both_ends_within) {
        mark(facts, ResetMark::both_ends);
    }
    if (direction == Direction::out || !first) {
        return;
    }
    facts.rst_answers_syn = facts.syn && !facts.syn_ack;
    const Side& server = side(Direction::in);
    facts.server_rst_hop_limit = packet.hop_limit;
    // The ids of a host that does not count prove nothing. Linux sends SYN-ACKs and the resets of
    // closed sockets with id zero, so zeros are compared with zeros.
    if (server.id_samples > 0 && server.ids_in_line) {
        const auto leap = static_cast<std::uint16_t>(packet.ip_id - server.last_id);
        if (packet.ip_id == 0 ? server.zero_ids == 0 : leap > id_leap) {
            mark(facts, ResetMark::ip_id);
        }
    }
    if (server.timestamps && side(Direction::out).timestamps) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
                                 at.time - server.last_timestamp_at)
                                 .count();
        const std::int64_t ticks = ahead(packet.tcp.timestamp_value, server.last_timestamp);
        if (!packet.tcp.has_timestamp || ticks < 0 || ticks > elapsed + timestamp_slack) {
            mark(facts, ResetMark::tcp_timestamp);
        }
    }
}

void TcpTracker::learn_looks(const wire::Packet& packet, Side& from) {
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
