// Judges, attributes, refines, grades and rolls up, in the one order that works.
#include "turnpike/verdict/evaluate.h"

#include <future>
#include <memory>
#include <utility>

#include "turnpike/attribute/attributor.h"
#include "turnpike/catalog/index.h"
#include "verdict/crossings.h"
#include "verdict/declare.h"
#include "verdict/grades.h"
#include "verdict/name_outcomes.h"
#include "verdict/rivals.h"
#include "verdict/roll_up.h"
#include "verdict/warnings.h"

namespace turnpike::verdict {
namespace {

std::vector<FlowVerdict> judge_flows(const CaptureContext& context) {
    std::vector<FlowVerdict> verdicts;
    verdicts.reserve(context.observation.flows.size());
    for (const auto& flow : context.observation.flows) {
        verdicts.push_back(flow.transport == facts::Transport::tcp ? judge_tcp(flow, context)
                                                                   : judge_udp(flow, context));
    }
    return verdicts;
}

/// Attribution by context rests on sessions that passed, so flows are judged before it, and what
/// the rule then adds comes after it.
void attribute_flows(const attribute::Attributor& attributor, const attribute::Hosts& hosts,
                     attribute::FlowAttributions& attributions,
                     const std::vector<FlowVerdict>& verdicts) {
    std::vector<bool> passed(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        passed[i] = verdicts[i].outcome == Outcome::passed;
    }
    attributor.by_context(passed, hosts, attributions);
}

void refine(const CaptureContext& context, const attribute::FlowAttributions& attributions,
            std::vector<FlowVerdict>& verdicts) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const auto& rules = attributions[i]->rules;
        if (!rules.empty() && rules.front().port != nullptr) {
            refine_by_rule(context.observation.flows[i], rules.front(), context, verdicts[i]);
        }
    }
}

/// Where each flow leads becomes part of its verdict.
void take_over(attribute::FlowAttributions attributions, std::vector<FlowVerdict>& verdicts) {
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

}  // namespace

RunResult evaluate(const facts::Observation& observation,
                   const std::vector<const catalog::Revision*>& considered,
                   EvaluateOptions options) {
    return evaluate(observation, catalog::Index(considered), options);
}

RunResult evaluate(const facts::Observation& observation, const catalog::Index& index,
                   EvaluateOptions options) {
    // Where flows lead has nothing to do with what became of them: a thread each, where there are
    // threads.
    auto attributor = std::make_unique<const attribute::Attributor>(
        observation, index, options.shared_names_need_support);
    auto destinations = std::async(std::launch::async | std::launch::deferred,
                                   [&attributor] { return attributor->by_destination(); });
    const Visibility visibility(observation);
    const RecordedTime recorded(observation);
    const HopCounts hops(observation, options.past);
    const attribute::Hosts hosts(observation);
    const CaptureContext context{observation, visibility, recorded, hops, hosts};

    RunResult result;
    result.considered = {index.revisions().begin(), index.revisions().end()};
    result.one_sided = visibility.any_one_sided();
    result.any_answer = visibility.any_answer();
    result.flows = judge_flows(context);
    auto attributions = destinations.get();
    attribute_flows(*attributor, hosts, attributions, result.flows);
    attributor.reset();  // its memory is what the grades take
    if (options.declared != nullptr) {
        attribute_declared(observation, *options.declared, attributions);
    }
    refine(context, attributions, result.flows);
    const auto undiscounted =
        options.declared != nullptr ? result.flows : std::vector<FlowVerdict>{};
    discount_losers(observation, attributions, result.flows, options.past);
    if (options.comparison != nullptr) {
        *options.fates = judge_crossings(observation, *options.comparison, result.flows);
    }
    if (options.declared != nullptr) {
        keep_declared(observation, *options.declared, undiscounted, result.flows);
        hear_witnesses(observation, *options.declared, result.flows);
    }
    take_over(std::move(attributions), result.flows);
    grade_blocks(context, result.flows, options.past);
    if (options.declared != nullptr) {
        excuse_silence(observation, *options.declared, result.flows);
    }
    result.names = judge_names({context, index, result.flows, options.past});
    if (options.comparison != nullptr) {
        grade_names(observation, *options.fates, result.names);
    }
    const auto vendors = vendors_seen(index, result.flows, result.names);
    const RollUpInput input{observation,
                            index,
                            result.flows,
                            result.names,
                            vendors,
                            options.past,
                            options.shared_names_need_support};
    result.requirements = roll_up_requirements(input);
    result.domains = roll_up_domains(input);
    result.undocumented = list_undocumented(input);
    result.alternatives = tell_alternatives(result.requirements);
    if (options.goes_on) {
        wait_for_answers(result);
    }
    result.headlines = headlines(input, result);
    result.warnings = warnings(observation, visibility);
    return result;
}

}  // namespace turnpike::verdict
