// From facts to claims: the one entry of the verdict engine.
#pragma once

#include <memory>
#include <vector>

#include "turnpike/catalog/catalog.h"
#include "turnpike/catalog/index.h"
#include "turnpike/facts/crossing.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/declared.h"
#include "turnpike/verdict/fate.h"
#include "turnpike/verdict/ledger.h"
#include "turnpike/verdict/result.h"

namespace turnpike::verdict {

/// What the database before tells of, by index: others are compared with it, and it counts for
/// nothing itself.
struct ToldBefore {
    const std::vector<bool>& flows;
    const std::vector<bool>& queries;
};

/// What is known besides the observation and the catalog.
struct EvaluateOptions {
    /// Names that many share (*.cloudfront.net) count for a vendor only if the same client also
    /// shows traffic that is surely the vendor's. Off where the user named the vendor himself.
    bool shared_names_need_support = true;
    /// What left the observation of a live run; null if nothing did. Must outlive the result.
    const Ledger* past = nullptr;
    /// What a second capture shows of the same flows; null without one.
    const facts::Comparison* comparison = nullptr;
    /// Takes what became of each flow between the two; not null if `comparison` is not.
    std::vector<Fate>* fates = nullptr;
    /// What is known of flows because the observer made them; null if he did not. Must outlive the
    /// call.
    const Declarations* declared = nullptr;
    /// What was told before a live run began a new database; null if nothing was.
    const ToldBefore* told_before = nullptr;
    /// The capture goes on: what it cannot tell yet is `waiting`, not `capture_ended`.
    bool goes_on = false;
};

/// Judges every flow, attributes it to rules of the considered revisions and rolls the evidence up
/// per requirement, in steps to be called in this order, once each unless they say otherwise.
/// Between them, and beside the next one, others may read what the steps before have made.
class Evaluation {
  public:
    /// The result points into the observation and the revisions of the index, which must outlive
    /// it; the index must outlive the last step.
    Evaluation(const facts::Observation& observation, const catalog::Index& index,
               EvaluateOptions options = {});
    ~Evaluation();
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    /// Where each flow leads by itself, which has nothing to do with what became of it: may run
    /// beside the next step, and on several threads, each of which takes what the others have not
    /// taken yet. It is done once all calls have returned.
    void find_destinations();
    /// What became of each flow.
    void judge_flows();
    /// What flows tell of each other. From here on RunResult::considered and, unless the capture
    /// goes on, RunResult::flows stay as they are.
    void compare_flows();
    /// What the flows make of names, requirements and all the rest.
    void roll_up();

    /// What the steps so far have made; lives as long as this object.
    [[nodiscard]] const RunResult& result() const noexcept;
    /// Takes the result; nothing else may be called after it.
    [[nodiscard]] RunResult take();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// All steps, on two threads where it pays. Pure: may be called again as the observation grows. The
/// result points into both arguments, which must outlive it.
RunResult evaluate(const facts::Observation& observation,
                   const std::vector<const catalog::Revision*>& considered,
                   EvaluateOptions options = {});
/// The same with an index that is kept from one evaluation to the next.
RunResult evaluate(const facts::Observation& observation, const catalog::Index& index,
                   EvaluateOptions options = {});

}  // namespace turnpike::verdict
