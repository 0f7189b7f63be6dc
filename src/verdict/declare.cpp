// Applies what an audit declares: the row of a flow, what its far end saw, and whose silence
// counts.
#include "verdict/declare.h"

#include <algorithm>

#include "verdict/judgement.h"

namespace turnpike::verdict {
namespace {

bool declares_silence(BlockReason reason) noexcept {
    switch (reason) {
        case BlockReason::tcp_timeout:
        case BlockReason::tls_timeout:
        case BlockReason::payload_timeout:
        case BlockReason::udp_timeout:
        case BlockReason::quic_timeout:
            return true;
        default:
            return false;
    }
}

bool is_refusal(BlockReason reason) noexcept {
    return reason == BlockReason::tcp_reset || reason == BlockReason::tls_reset ||
           reason == BlockReason::payload_reset;
}

/// Nobody need be there, or need say anything.
void excuse(FlowVerdict& verdict) {
    if (verdict.grade == Grade::a ||
        (!declares_silence(verdict.reason) && !is_refusal(verdict.reason))) {
        return;
    }
    verdict.inconclusive = declares_silence(verdict.reason) ? InconclusiveReason::no_answer
                                                            : InconclusiveReason::server_refused;
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = BlockReason::none;
    verdict.stage = Stage::none;
    verdict.grade = Grade::none;
    verdict.control = 0;
}

/// The words of a failed attempt, or before them its first packet, did not arrive.
bool never_arrived(const FlowVerdict& verdict, const Witness& witness) noexcept {
    const bool spoke = verdict.stage == Stage::tls ||
                       verdict.reason == BlockReason::payload_timeout ||
                       verdict.reason == BlockReason::payload_reset;
    return spoke ? !witness.words : !witness.arrived;
}

bool is_denial(BlockReason reason) noexcept {
    return reason == BlockReason::http_denied || reason == BlockReason::tls_name_mismatch ||
           reason == BlockReason::tls_alert;
}

void confirm(const Witness& witness, FlowVerdict& verdict) {
    if (is_denial(verdict.reason)) {
        if (witness.words) {
            return;
        }
        add_note(verdict, "answered_in_its_place");
    } else if (never_arrived(verdict, witness)) {
        add_note(verdict, "never_arrived");
    } else if (declares_silence(verdict.reason)) {
        add_note(verdict, "answer_lost");
    } else if (!is_refusal(verdict.reason)) {
        return;
    }
    verdict.grade = Grade::a;
    verdict.control = 0;
}

/// A refusal that passed for the server's own, by its hop count, came from a device just before it:
/// the server, which would know, never heard of the attempt.
void unmask_refusal(const facts::Flow& flow, FlowVerdict& verdict) {
    const auto noted = [&verdict](std::string_view word) {
        return std::ranges::any_of(
            *verdict.notes, [word](const std::string& note) { return note.starts_with(word); });
    };
    auto reason = BlockReason::tcp_reset;
    auto stage = flow.transport == facts::Transport::tcp ? Stage::tcp : Stage::udp;
    if (noted("icmp_")) {
        reason =
            noted("icmp_prohibited") ? BlockReason::icmp_prohibited : BlockReason::icmp_unreachable;
    } else if (flow.tls->client_hello) {
        reason = BlockReason::tls_reset;
        stage = Stage::tls;
    } else if (flow.client_of(*flow.tcp).payload) {
        reason = BlockReason::payload_reset;
    }
    verdict.outcome = Outcome::blocked;
    verdict.inconclusive = InconclusiveReason::none;
    verdict.reason = reason;
    verdict.stage = stage;
    verdict.grade = Grade::a;
    add_note(verdict, "never_arrived");
}

/// Something answered, and not the far end: it never heard the question.
void unmask(const facts::Flow& flow, const Witness& witness, FlowVerdict& verdict) {
    add_note(verdict, "answered_in_its_place");
    if (witness.arrived) {
        return;  // what stands between passes connections on, and reads them
    }
    const bool tls = static_cast<bool>(flow.tls->client_hello);
    if (!tls && !flow.rare->http->request) {
        return;
    }
    auto notes = std::move(verdict.notes);
    verdict = blocked(tls ? BlockReason::tls_name_mismatch : BlockReason::http_denied,
                      tls ? Stage::tls : Stage::http, {flow.client().first, flow.server().first});
    verdict.notes = std::move(notes);
    verdict.grade = Grade::a;
}

}  // namespace

std::size_t Declarations::KeyHash::operator()(const Key& key) const noexcept {
    return key.client.address.hash(key.client.port) ^
           (key.server.address.hash(key.server.port) * 31) ^
           static_cast<std::size_t>(key.transport);
}

void Declarations::add(facts::Transport transport, const base::Endpoint& client,
                       const base::Endpoint& server, Declared declared) {
    known_.insert_or_assign({transport, client, server}, std::move(declared));
}

const Declared* Declarations::find(const facts::Flow& flow) const {
    const auto found =
        known_.find({flow.transport, flow.client().endpoint, flow.server().endpoint});
    return found == known_.end() ? nullptr : &found->second;
}

void attribute_declared(const facts::Observation& observation, const Declarations& declarations,
                        attribute::FlowAttributions& attributions) {
    for (std::size_t i = 0; i < attributions.size(); ++i) {
        const auto* const declared = declarations.find(observation.flows[i]);
        if (declared == nullptr) {
            continue;
        }
        std::vector<Attribution> rules;
        for (const auto& row : declared->rows) {
            auto& attribution = rules.emplace_back();
            attribution.revision = row.revision;
            attribution.rule = row.rule;
            attribution.confidence = Confidence::exact;
            attribution.matched = "probe";
            const auto& known = attributions[i]->rules;
            const auto found = std::ranges::find(known, row.rule, &Attribution::rule);
            if (found != known.end()) {
                attribution = *found;
            }
            attribution.port = row.port;
        }
        attribute::FlowAttribution& attribution = attributions[i].make();
        attribution.rules = std::move(rules);
        attribution.vendor_only = nullptr;
    }
}

void keep_declared(const facts::Observation& observation, const Declarations& declarations,
                   const FlowVerdicts& before, FlowVerdicts& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (verdicts[i].inconclusive == InconclusiveReason::losing_candidate &&
            declarations.find(observation.flows[i]) != nullptr) {
            verdicts[i] = before[i];
        }
    }
}

void hear_witnesses(const facts::Observation& observation, const Declarations& declarations,
                    FlowVerdicts& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const auto* const declared = declarations.find(observation.flows[i]);
        if (declared == nullptr) {
            continue;
        }
        auto& verdict = verdicts[i];
        if (declared->witness && verdict.outcome == Outcome::blocked) {
            confirm(*declared->witness, verdict);
        } else if (declared->witness &&
                   verdict.inconclusive == InconclusiveReason::server_refused &&
                   !declared->witness->words) {
            unmask_refusal(observation.flows[i], verdict);
        } else if (declared->witness && verdict.outcome == Outcome::passed &&
                   !declared->witness->words) {
            unmask(observation.flows[i], *declared->witness, verdict);
        }
    }
}

void excuse_silence(const facts::Observation& observation, const Declarations& declarations,
                    FlowVerdicts& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const auto* const declared = declarations.find(observation.flows[i]);
        if (declared != nullptr && !declared->answer_is_due &&
            verdicts[i].outcome == Outcome::blocked) {
            excuse(verdicts[i]);
        }
    }
}

}  // namespace turnpike::verdict
