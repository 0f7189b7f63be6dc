// Judges, attributes, refines, grades and rolls up, in the one order that works.
#include "turnpike/verdict/evaluate.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "turnpike/attribute/attributor.h"
#include "turnpike/base/beside.h"
#include "turnpike/catalog/index.h"
#include "verdict/crossings.h"
#include "verdict/declare.h"
#include "verdict/grades.h"
#include "verdict/name_outcomes.h"
#include "verdict/one_way.h"
#include "verdict/rivals.h"
#include "verdict/roll_up.h"
#include "verdict/warnings.h"

namespace turnpike::verdict {
namespace {

FlowVerdicts judge_flows(const CaptureContext& context) {
    FlowVerdicts verdicts;
    for (const auto& flow : context.observation.flows) {
        verdicts.push_back(flow.transport == facts::Transport::tcp ? judge_tcp(flow, context)
                                                                   : judge_udp(flow, context));
    }
    return verdicts;
}

/// Attribution by context rests on sessions that passed, so flows are judged before it, and what
/// the rule then adds comes after it.
void attribute_flows(const attribute::Attributor& attributor, const attribute::Hosts& hosts,
                     attribute::FlowAttributions& attributions, const FlowVerdicts& verdicts) {
    std::vector<bool> passed(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        passed[i] = verdicts[i].outcome == Outcome::passed;
    }
    attributor.by_context(passed, hosts, attributions);
}

void refine(const CaptureContext& context, const attribute::FlowAttributions& attributions,
            FlowVerdicts& verdicts) {
    for (const std::uint32_t i : context.digests.of_vendors()) {
        const auto& rules = attributions[i]->rules;
        if (!rules.empty() && rules.front().port != nullptr) {
            refine_by_rule(context.observation.flows[i], rules.front(), context, verdicts[i]);
        }
    }
    excuse_one_way(context.observation.flows, verdicts);
}

/// Where each flow leads becomes part of its verdict.
void take_over(attribute::FlowAttributions attributions, FlowVerdicts& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        verdicts[i].attribution = std::move(attributions[i]);
    }
}

/// Of a capture that goes on: nothing has ended.
void wait_for_answers(RunResult& result) {
    const auto wait = [](InconclusiveReason& reason) {
        if (reason == InconclusiveReason::capture_ended) {
            reason = InconclusiveReason::waiting;
        }
    };
    for (auto& flow : result.flows) {
        wait(flow.inconclusive);
    }
    for (auto& requirement : result.requirements) {
        wait(requirement.inconclusive);
    }
}

/// What a new database must not tell once more.
void leave_out(const ToldBefore& told, const Ledger* past, FlowDigests& digests,
               NameOutcomes& names) {
    digests.leave_out(told.flows);
    for (auto& [text, name] : names) {
        const bool asked_since = std::ranges::any_of(
            name.queries, [&told](std::uint32_t i) { return !told.queries[i]; });
        name.told_before = !asked_since && (past == nullptr || !past->names().contains(text));
    }
}

/// What is known of the capture as a whole.
struct Surroundings {
    // Going through all flows waits for memory, so that all who have to do it together.
    Surroundings(const facts::Observation& observation, const Ledger* past)
        : visibility(observation.quality),
          recorded(observation),
          context{observation, visibility, recorded, hops, hosts, digests} {
        digests.reserve(observation.flows.size());
        for (const auto& flow : observation.flows) {
            visibility.add(flow);
            hops.look_at(flow, past);
            hosts.add(flow);
            digests.add(flow);
        }
        visibility.settle(observation, digests, past);
        hosts.settle();
        hops.learn(observation, digests);
    }

    Visibility visibility;
    RecordedTime recorded;
    HopCounts hops;
    attribute::Hosts hosts;
    FlowDigests digests;
    CaptureContext context;
};

}  // namespace

struct Evaluation::State {
    State(const facts::Observation& seen, const catalog::Index& rules, EvaluateOptions known)
        : observation(seen), index(rules), options(known) {}

    const facts::Observation& observation;
    const catalog::Index& index;
    EvaluateOptions options;
    std::optional<Surroundings> surroundings;
    std::mutex preparing;                      ///< the next two
    attribute::FlowAttributions attributions;  ///< until they are part of the verdicts
    std::optional<attribute::Attributor> attributor;
    std::atomic<std::size_t> attributed = 0;  ///< flows that some thread has taken
    RunResult result;
};

Evaluation::Evaluation(const facts::Observation& observation, const catalog::Index& index,
                       EvaluateOptions options)
    : state_(std::make_unique<State>(observation, index, options)) {}
Evaluation::~Evaluation() = default;

const RunResult& Evaluation::result() const noexcept {
    return state_->result;
}

RunResult Evaluation::take() {
    return std::move(state_->result);
}

void Evaluation::find_destinations() {
    {
        const std::lock_guard lock(state_->preparing);
        if (!state_->attributor) {
            state_->attributions.resize(state_->observation.flows.size());
            state_->attributor.emplace(state_->observation, state_->index,
                                       state_->options.shared_names_need_support);
        }
    }
    state_->attributor->by_destination(state_->attributed, state_->attributions);
}

void Evaluation::judge_flows() {
    RunResult& result = state_->result;
    const auto& surroundings =
        state_->surroundings.emplace(state_->observation, state_->options.past);
    const auto revisions = state_->index.revisions();
    result.considered = {revisions.begin(), revisions.end()};
    result.one_sided = surroundings.visibility.any_one_sided();
    result.any_answer = surroundings.visibility.any_answer();
    result.flows = verdict::judge_flows(surroundings.context);
}

void Evaluation::compare_flows() {
    const auto& observation = state_->observation;
    const auto& options = state_->options;
    auto& surroundings = *state_->surroundings;
    const auto& context = surroundings.context;
    auto& flows = state_->result.flows;
    attribute_flows(*state_->attributor, context.hosts, state_->attributions, flows);
    state_->attributor.reset();  // its memory is what the rest takes
    if (options.declared != nullptr) {
        attribute_declared(observation, *options.declared, state_->attributions);
    }
    surroundings.digests.attributed(state_->attributions);
    refine(context, state_->attributions, flows);
    const auto undiscounted = options.declared != nullptr ? flows : FlowVerdicts{};
    discount_losers(context, state_->attributions, flows, options.past);
    if (options.comparison != nullptr) {
        *options.fates = judge_crossings(observation, *options.comparison, flows);
    }
    if (options.declared != nullptr) {
        keep_declared(observation, *options.declared, undiscounted, flows);
        hear_witnesses(observation, *options.declared, flows);
    }
    take_over(std::move(state_->attributions), flows);
    grade_blocks(context, flows, options.past);
    if (options.declared != nullptr) {
        excuse_silence(observation, *options.declared, flows);
    }
}

void Evaluation::roll_up() {
    const auto& observation = state_->observation;
    const auto& index = state_->index;
    const auto& options = state_->options;
    RunResult& result = state_->result;
    FlowDigests& digests = state_->surroundings->digests;
    result.names = judge_names({state_->surroundings->context, index, result.flows, options.past});
    if (options.comparison != nullptr) {
        grade_names(observation, *options.fates, result.names);
    }
    const auto vendors = vendors_seen(result.flows, digests, result.names);
    if (options.told_before != nullptr) {
        leave_out(*options.told_before, options.past, digests, result.names);
    }
    const RollUpInput input{observation,  index,   result.flows, digests,
                            result.names, vendors, options.past, options.shared_names_need_support};
    result.requirements = roll_up_requirements(input);
    result.domains = roll_up_domains(input);
    result.undocumented = list_undocumented(input);
    result.alternatives =
        tell_alternatives(result.requirements, observation.quality.last.time, options.goes_on);
    if (options.goes_on) {
        wait_for_answers(result);
    }
    result.headlines = headlines(input, result);
    result.warnings = warnings(observation, state_->surroundings->visibility);
}

RunResult evaluate(const facts::Observation& observation,
                   const std::vector<const catalog::Revision*>& considered,
                   EvaluateOptions options) {
    return evaluate(observation, catalog::Index(considered), options);
}

RunResult evaluate(const facts::Observation& observation, const catalog::Index& index,
                   EvaluateOptions options) {
    Evaluation evaluation(observation, index, options);
    auto destinations = std::async(base::beside, [&] { evaluation.find_destinations(); });
    evaluation.judge_flows();
    evaluation.find_destinations();  // what is left of them
    destinations.get();
    evaluation.compare_flows();
    evaluation.roll_up();
    return evaluation.take();
}

}  // namespace turnpike::verdict
