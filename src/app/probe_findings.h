// What an audit has to say besides the rows' verdicts: how much of each range was tried and where
// its edges are, what was not tried and why, and what stands between this host and the responder.
#pragma once

#include <string>
#include <vector>

#include "turnpike/facts/facts.h"
#include "turnpike/probe/audit.h"
#include "turnpike/verdict/declared.h"
#include "turnpike/verdict/result.h"

namespace turnpike::app {

/// What the flows of these attempts are, for the verdicts.
verdict::Declarations declare(const std::vector<probe::Tried>& tried);

/// An audit makes no call: advice to make one becomes what an audit can try besides.
void advise_without_a_call(std::vector<verdict::Headline>& headlines);

/// One line each, for the report.
std::vector<std::string> findings(const probe::Audit& audit, const facts::Observation& observation,
                                  const verdict::RunResult& result);

}  // namespace turnpike::app
