// Matches the packets of one flow that entered with those that left, and counts what is left
// over.
#include "compare/account.h"

#include <algorithm>
#include <optional>

namespace turnpike::compare {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Nothing leaves before it entered, but clocks and their estimate are a little off. Far less than
/// the quickest retransmission.
constexpr base::Duration early = milliseconds{10};
/// The longest that a queue holds a packet back.
constexpr base::Duration longest_queue = seconds{3};
/// What enters so shortly before a capture ends may leave after it.
constexpr base::Duration last_moment = milliseconds{200};

bool in_time(const Step& entering, const Step& leaving) noexcept {
    return entering.time <= leaving.time + early && leaving.time - entering.time <= longest_queue;
}

void connect(Step& entering, Step& leaving) noexcept {
    entering.other = &leaving;
    leaving.other = &entering;
    entering.accounted = leaving.accounted = true;
}

bool same_ip_id(const Step& a, const Step& b) noexcept {
    return a.sighting->ip_id != 0 && a.sighting->ip_id == b.sighting->ip_id;
}

/// Each that left is the last one that entered before: what was lost was sent again later.
template <typename Fits>
void connect_equal(std::span<Step*> entering, std::span<Step*> leaving, Fits fits) {
    for (auto* const left : leaving) {
        if (left->accounted) {
            continue;
        }
        const auto found =
            std::find_if(entering.rbegin(), entering.rend(), [&](const Step* entered) {
                return !entered->accounted && in_time(*entered, *left) && fits(*entered, *left);
            });
        if (found != entering.rend()) {
            connect(**found, *left);
        }
    }
}

std::vector<Step*> by_key(std::vector<Step>& steps) {
    std::vector<Step*> sorted;
    sorted.reserve(steps.size());
    for (auto& step : steps) {
        sorted.push_back(&step);
    }
    std::ranges::stable_sort(sorted, {}, [](const Step* step) { return step->key; });
    return sorted;
}

std::span<Step*> group_at(std::vector<Step*>& steps, std::size_t& from) {
    const auto begin = from;
    while (from < steps.size() && steps[from]->key == steps[begin]->key) {
        ++from;
    }
    return std::span(steps).subspan(begin, from - begin);
}

void match_equal(Lane& lane) {
    auto entering = by_key(lane.entering);
    auto leaving = by_key(lane.leaving);
    std::size_t a = 0;
    std::size_t b = 0;
    while (a < entering.size() && b < leaving.size()) {
        if (entering[a]->key != leaving[b]->key) {
            ++(entering[a]->key < leaving[b]->key ? a : b);
            continue;
        }
        const auto entered = group_at(entering, a);
        const auto left = group_at(leaving, b);
        connect_equal(entered, left, same_ip_id);
        connect_equal(entered, left, [](const Step&, const Step&) { return true; });
        for (auto* const step : left) {
            step->accounted = true;  // delivered twice, but not made up
        }
    }
}

/// Octets of a stream as [from, to) from a sequence number on; wraps around are of no concern,
/// since all of it is near the first packet (RFC 9293 3.4: less than half of the numbers).
struct Piece {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

Piece piece_of(const Step& step, std::uint32_t origin) noexcept {
    const std::int64_t from = static_cast<std::int32_t>(step.sequence - origin);
    return {from, from + step.sighting->length};
}

/// The octets of the given packets that are not accounted for yet, in order, none overlapping.
std::vector<Piece> pieces_of(const std::vector<Step>& steps, std::uint32_t origin) {
    std::vector<Piece> pieces;
    for (const auto& step : steps) {
        if (!step.accounted && step.sighting->length > 0) {
            pieces.push_back(piece_of(step, origin));
        }
    }
    std::ranges::sort(pieces, {}, &Piece::from);
    std::vector<Piece> merged;
    for (const auto& piece : pieces) {
        if (merged.empty() || piece.from > merged.back().to) {
            merged.push_back(piece);
        } else {
            merged.back().to = std::max(merged.back().to, piece.to);
        }
    }
    return merged;
}

bool covers(const std::vector<Piece>& pieces, const Piece& piece) {
    return std::ranges::any_of(pieces, [&](const Piece& other) {
        return other.from <= piece.from && other.to >= piece.to;
    });
}

/// Marks the packets of `steps` whose octets the other side has; whether there were any.
bool account_pieces(std::vector<Step>& steps, const std::vector<Piece>& other,
                    std::uint32_t origin) {
    bool any = false;
    for (auto& step : steps) {
        if (!step.accounted && step.sighting->length > 0 && covers(other, piece_of(step, origin))) {
            step.accounted = true;
            any = true;
        }
    }
    return any;
}

void match_pieces(Lane& lane) {
    if (lane.entering.empty() || lane.leaving.empty()) {
        return;
    }
    const auto origin = lane.entering.front().sequence;
    const auto entered = pieces_of(lane.entering, origin);
    const auto left = pieces_of(lane.leaving, origin);
    const bool split = account_pieces(lane.entering, left, origin);
    account_pieces(lane.leaving, entered, origin);
    if (!split) {
        return;
    }
    // What puts segments together thins out acknowledgements as well.
    for (auto* const steps : {&lane.entering, &lane.leaving}) {
        for (auto& step : *steps) {
            step.accounted = step.accounted || (step.sighting->length == 0 &&
                                                step.sighting->flags == wire::tcp_flag::ack);
        }
    }
}

std::uint64_t match_rewritten(Lane& lane) {
    constexpr base::Duration quick = milliseconds{50};
    std::uint64_t rewritten = 0;
    auto next = lane.leaving.begin();
    for (auto& entered : lane.entering) {
        if (entered.accounted) {
            continue;
        }
        while (next != lane.leaving.end() &&
               (next->accounted || next->time + early < entered.time)) {
            ++next;
        }
        if (next != lane.leaving.end() && next->time - entered.time <= quick) {
            connect(entered, *next);
            ++rewritten;
        }
    }
    return rewritten;
}

void count(facts::Passage& passage, const Step& step, bool unknown) {
    ++passage.entered;
    if (step.accounted) {
        ++passage.passed;
    } else if (unknown) {
        ++passage.unknown;
    } else {
        ++passage.died;
    }
}

facts::PacketMark mark_of(const Step& step) noexcept {
    return {step.sighting->number, step.sighting->time};
}

void note_death(facts::Way& way, const Step& step) {
    const auto mark = mark_of(step);
    if (!way.first_died) {
        way.first_died = mark;
    }
    way.last_died = mark;
    if (way.died_at_end == 0) {
        way.died_since = mark;
    }
    ++way.died_at_end;
}

void tell_delays(std::vector<base::Duration>& delays, facts::Way& way) {
    if (delays.empty()) {
        return;
    }
    const auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
    std::ranges::nth_element(delays, middle);
    way.delay = *middle;
    way.longest_delay = *std::ranges::max_element(delays);
}

}  // namespace

std::uint64_t match(Lane& lane, bool tcp) {
    match_equal(lane);
    if (tcp) {
        match_pieces(lane);
        return 0;
    }
    return match_rewritten(lane);
}

Recording::Recording(const facts::CaptureQuality& quality, const Clock* clock)
    : losses_(quality.losses) {
    const auto inner = [clock](base::Timestamp time) {
        return clock != nullptr ? clock->inside(time) : time;
    };
    from_ = inner(quality.first.time);
    to_ = inner(quality.last.time);
    for (auto& loss : losses_) {
        loss = {inner(loss.from), inner(loss.to)};
    }
}

bool Recording::would_have_seen(base::Timestamp time) const noexcept {
    return time >= from_ && time + last_moment <= to_ &&
           std::ranges::none_of(losses_, [time](const facts::Stretch& loss) {
               return time + last_moment >= loss.from && time - last_moment <= loss.to;
           });
}

facts::Way sum_up(const Lane& lane, const Recording& entrance, const Recording& exit,
                  std::vector<std::uint64_t>& made) {
    facts::Way way;
    std::vector<base::Duration> delays;
    for (const auto& step : lane.entering) {
        const bool unknown = !exit.would_have_seen(step.time);
        count(way.packets, step, unknown);
        if (step.sighting->length > 0) {
            count(way.payload, step, unknown);
        }
        if (step.accounted) {
            way.last_passed = mark_of(step);
            way.died_at_end = 0;
        } else if (!unknown) {
            note_death(way, step);
        }
        if (step.other != nullptr) {
            delays.push_back(step.other->time - step.time);
        }
    }
    for (const auto& step : lane.leaving) {
        if (!step.accounted && entrance.would_have_seen(step.time)) {
            ++way.packets.made;
            way.payload.made += step.sighting->length > 0 ? 1 : 0;
            made.push_back(step.sighting->number);
        }
    }
    tell_delays(delays, way);
    return way;
}

}  // namespace turnpike::compare
