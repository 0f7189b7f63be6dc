// Tells injected resets, contradictions and controls of blocks, and grades blocks by them.
#include "verdict/grades.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "verdict/attempts.h"
#include "verdict/contradictions.h"
#include "verdict/controls.h"

namespace turnpike::verdict {
namespace {

bool is_reset(BlockReason reason) noexcept {
    return reason == BlockReason::tcp_reset || reason == BlockReason::tls_reset ||
           reason == BlockReason::payload_reset;
}

/// Independent marks. The IP id and the timestamp are one: a server with random ids that resets by
/// a closed socket, without a timestamp (RFC 7323 3.2), has both.
int marks_in(std::uint8_t marks) {
    constexpr auto id = static_cast<unsigned>(facts::ResetMark::ip_id);
    constexpr auto timestamp = static_cast<unsigned>(facts::ResetMark::tcp_timestamp);
    const bool out_of_line = (marks & (id | timestamp)) != 0;
    return std::popcount(marks & ~(id | timestamp)) + (out_of_line ? 1 : 0);
}

/// The reset has at least two marks that something on the path made it.
bool is_injected(const facts::Flow& flow, const HopCounts& hops) {
    constexpr int enough_marks = 2;
    const auto& server = flow.server_of(*flow.tcp);
    if (!server.rst->at) {
        return false;
    }
    const auto is_near = [&](std::uint8_t hop_limit) {
        const auto own = hops.where_it_spoke(flow);
        const bool servers_own = own && std::abs(hop_count(hop_limit) - *own) <= 1;
        return !servers_own && hops.nearer_than_servers(flow, hop_limit);
    };
    const bool by_distance = hops.compare(flow, server.rst->hop_limit) == Distance::elsewhere ||
                             is_near(server.rst->hop_limit) || is_near(flow.server().hop_limit);
    return marks_in(server.rst->marks) + (by_distance ? 1 : 0) >= enough_marks;
}

void contradict(FlowVerdict& verdict) {
    add_note(verdict, std::string("failed_by ") + std::string(to_string(verdict.reason)));
    set_inconclusive(verdict, InconclusiveReason::intermittent);
}

/// One-way media is no failure to reach the endpoint, so that reaching it contradicts nothing.
bool can_be_contradicted(const FlowVerdict& verdict) noexcept {
    return verdict.reason != BlockReason::one_way;
}

void grade_injected_resets(const CaptureContext& context, FlowVerdicts& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto& verdict = verdicts[i];
        if (verdict.outcome == Outcome::blocked && is_reset(verdict.reason) &&
            is_injected(context.observation.flows[i], context.hops)) {
            verdict.grade = Grade::a;
            add_note(verdict, "injected_reset");
        }
    }
}

/// All that worked, and the blocks that have no grade yet.
Attempts attempts_of(const FlowVerdicts& verdicts) {
    Attempts attempts;
    for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
        const auto& verdict = verdicts[i];
        if (verdict.outcome == Outcome::blocked && verdict.grade != Grade::a) {
            attempts.failed.push_back(i);
        } else if (verdict.outcome == Outcome::passed) {
            attempts.worked.push_back(i);
        }
    }
    return attempts;
}

}  // namespace

// Contradictions first: nearly all unanswered questions to a resolver are contradicted, and would
// otherwise be compared with all answered ones.
void grade_blocks(const CaptureContext& context, FlowVerdicts& verdicts, const Ledger* past) {
    const auto& flows = context.observation.flows;
    const auto remembered = [&](std::uint32_t i) {
        return past != nullptr ? past->remembered(flows[i].id) : nullptr;
    };
    grade_injected_resets(context, verdicts);
    Attempts attempts = attempts_of(verdicts);
    const auto contradicted = find_contradicted(context, verdicts, attempts);
    std::vector<std::uint32_t> failed;
    for (const std::uint32_t i : attempts.failed) {
        const auto* before = remembered(i);
        if (can_be_contradicted(verdicts[i]) && (std::ranges::binary_search(contradicted, i) ||
                                                 (before != nullptr && before->contradicted))) {
            contradict(verdicts[i]);
        } else {
            failed.push_back(i);
        }
    }
    attempts.failed = std::move(failed);
    const auto controls = find_controls(context, verdicts, attempts);
    auto next = controls.begin();
    for (const std::uint32_t i : attempts.failed) {
        const auto* before = remembered(i);
        if (before != nullptr && before->controlled) {
            verdicts[i].grade = Grade::b;
            verdicts[i].control = before->control;
        }
        if (next != controls.end() && next->failed == i) {
            verdicts[i].grade = Grade::b;
            verdicts[i].control = flows[next->worked].id;
            ++next;
        }
    }
}

}  // namespace turnpike::verdict
